"""What talk rooms are told of decisions about their questions."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.conference.events import QaClosed, QaModerated
from fosdembot.db.engine import WriteSession
from fosdembot.matrix.content import notice
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.talks.naming import title_of
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say


def qa_news(decided: QaClosed | QaModerated, prefix: str) -> Text:
    """What the talk room is told."""
    match decided:
        case QaClosed(talk=talk, closed=closed):
            template = texts.NOW_CLOSED if closed else texts.NOW_OPEN
            return say(template, p=prefix, title=title_of(talk))
        case QaModerated(moderated=moderated):
            return say(texts.NOW_MODERATED if moderated else texts.NOW_UNMODERATED)


@dataclass(frozen=True, slots=True)
class QaNews:
    outbox: Outbox
    prefix: str

    async def decided(self, session: WriteSession, decided: QaClosed | QaModerated) -> None:
        if decided.answered_there:
            return
        key, said = f"qa/{decided.cause}", notice(qa_news(decided, self.prefix))
        await self.outbox.message(session, key, decided.room, said, Urgency.CHANGE)
