"""✅ or 💬 on a moderator's remark makes it an answer, until that is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fosdembot.actions.answering import AnswerActions
from fosdembot.actions.refused import Refused
from fosdembot.chat.acting import actor_of
from fosdembot.chat.incoming import Reaction, Redaction
from fosdembot.chat.relating import may_take_out
from fosdembot.clock import Clock
from fosdembot.db.engine import WriteSession
from fosdembot.matrix.power import is_bridged_by
from fosdembot.questions import answers
from fosdembot.questions.emoji import is_answer_mark


@dataclass(frozen=True, slots=True)
class AnswerTaps:
    _answers: AnswerActions
    _relays: Sequence[str]
    _clock: Clock

    async def reacted(self, session: WriteSession, reaction: Reaction) -> bool:
        """Whether a moderator made a moderator's remark an answer by a reaction."""
        if not is_answer_mark(reaction.key) or is_bridged_by([reaction.sender], self._relays):
            return False
        answer = await answers.by_cause(session, reaction.target)
        if answer is None:
            return False
        try:
            return await self._answers.mark(session, actor_of(reaction, self._clock), answer)
        except Refused:
            return False

    async def redacted(self, session: WriteSession, redaction: Redaction) -> bool:
        """Whether a redaction takes such a mark back."""
        room, sender, target = redaction.room, redaction.sender, redaction.target
        answer = await answers.by_mark(session, target)
        if answer is None or not await may_take_out(session, room, sender, target):
            return False
        await self._answers.redact_mark(session, actor_of(redaction, self._clock), answer)
        return True
