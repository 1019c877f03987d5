"""What a message, or a reaction, did goes with it: a question, a vote, an answer, a draft."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.actor import Actor
from fosdembot.actions.answering import AnswerActions
from fosdembot.actions.editing import Editing
from fosdembot.actions.voting import Voting
from fosdembot.chat.acting import actor_of
from fosdembot.chat.direct import conversations
from fosdembot.chat.incoming import Redaction
from fosdembot.clock import Clock
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Proposal, VoteMark
from fosdembot.db.tables import SeenEvent
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.power import may_redact
from fosdembot.notifications.answer_news import AnswerNews
from fosdembot.notifications.places_of_question import posted_as
from fosdembot.questions import answers, lookup


@dataclass(frozen=True, slots=True)
class RedactedMessages:
    _editing: Editing
    _answers: AnswerActions
    _voting: Voting
    _answer_news: AnswerNews
    _outbox: Outbox
    _clock: Clock

    async def redacted(self, session: WriteSession, redaction: Redaction) -> bool:
        """A redaction: what it takes back goes. It may concern others as well, so it always
        says that it has not seen to it."""
        target = redaction.target
        await self._take_out_post(session, redaction)
        if not await self._may_redact(session, redaction.room, redaction.sender, target):
            return False
        await self.take_back(session, target, actor_of(redaction, self._clock))
        proposal = await session.get(Proposal, target)
        if proposal is not None:
            await session.delete(proposal)
        return False

    async def _take_out_post(self, session: WriteSession, redaction: Redaction) -> None:
        """What was asked or answered elsewhere stands in the room by our message: whoever takes
        that out, takes it back, as they cannot what it was said by."""
        room, target = redaction.room, redaction.target
        answer = await self._answer_news.posted_as(session, target, room)
        question = await posted_as(session, self._outbox, target, room)
        if not (answer or question) or not await may_redact(session, room, redaction.sender):
            return
        actor = actor_of(redaction, self._clock)
        if answer is not None:
            await self._answers.redact(session, actor, answer.cause)
        if question is not None and question.source is not None:
            await self._editing.redact(session, actor, question.source)

    async def take_back(self, session: WriteSession, event: str, actor: Actor) -> None:
        """What a message, or a reaction, did is taken back; it says nothing any more."""
        await self._voting.retract(session, event)
        await self._editing.redact(session, actor, event)
        await self._editing.redact_mark(session, actor, event)
        await self._answers.redact(session, actor, event)
        await conversations.redacted(session, actor.person, event)

    async def _may_redact(self, session: AsyncSession, room: str, sender: str, target: str) -> bool:
        """Whether it is the sender's own, or one that those with the power may take out of
        this room. Homeservers pass on what others send as well."""
        seen = await session.get(SeenEvent, target)
        owner, home = (seen.sender, seen.room_id) if seen is not None else (None, None)
        if owner is None:
            owner, home = await self._known(session, target, sender)
        if owner is None or home not in (None, room):
            return False
        return owner == sender or (home == room and await may_redact(session, room, sender))

    async def _known(
        self, session: AsyncSession, target: str, sender: str
    ) -> tuple[str | None, str | None]:
        """Of an event that was seen long ago, or never: who sent it, and in which room, as
        far as that is known. Where it is forgotten, `sender` is believed: it was the
        homeserver that let the redaction in."""
        if (question := await lookup.by_source(session, target)) is not None:
            return question.asker or sender, None if question.direct else question.room_id
        if (answer := await answers.by_cause(session, target)) is not None:
            return answer.author or sender, None
        mark = await session.get(VoteMark, target)
        return (mark.person, None) if mark is not None else (None, None)
