"""Why a question was dismissed is posted where a moderator taps ✅ on the bot's question about it,
until that is taken back."""

from __future__ import annotations

from collections.abc import Sequence

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Who
from fosdembot.actions.permissions import Permission
from fosdembot.chat.incoming import Reaction, Redaction
from fosdembot.chat.relating import may_take_out
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.matrix.power import is_bridged_by
from fosdembot.notifications.reasons import Reasons, asked_at
from fosdembot.questions.emoji import MODERATION, Tap, plain


class ReasonTaps:
    def __init__(self, reasons: Reasons, access: Access, relays: Sequence[str]) -> None:
        self._reasons = reasons
        self._access = access
        self._relays = relays

    async def reacted(self, session: WriteSession, reaction: Reaction) -> bool:
        """Whether a reaction is a moderator's ✅ on the question whether to post one."""
        if MODERATION.get(plain(reaction.key)) is not Tap.CHECK:
            return False
        if is_bridged_by([reaction.sender], self._relays):
            return False
        reason = await asked_at(session, reaction.target)
        if reason is None or reason.tap is not None or not reason.text:
            return False
        question = await session.get_one(Question, reason.question_id)
        actor, posts = Who(reaction.sender), Permission.PUBLISH_REASON
        if not await self._access.allows(session, actor, posts, question):
            return False
        await self._reasons.post(session, reason, reaction.event_id)
        return True

    async def redacted(self, session: WriteSession, redaction: Redaction) -> bool:
        """A redaction, perhaps of such a tap, or of the command that gave the reason. It may
        concern others as well."""
        room, sender, target = redaction.room, redaction.sender, redaction.target
        if await may_take_out(session, room, sender, target):
            await self._reasons.gone(session, target)
        return False
