"""🔕 on what hosts are told of a missing speaker: no more of this talk, until it is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fosdembot.actions.meetings import MeetingActions
from fosdembot.actions.refused import Refused
from fosdembot.chat.acting import actor_of
from fosdembot.chat.incoming import Reaction, Redaction
from fosdembot.chat.relating import may_take_out
from fosdembot.clock import Clock
from fosdembot.conference.check_in_rows import asked_at
from fosdembot.db.engine import WriteSession
from fosdembot.matrix.power import is_bridged_by
from fosdembot.questions.emoji import is_hush


@dataclass(frozen=True, slots=True)
class CheckInTaps:
    _actions: MeetingActions
    _relays: Sequence[str]
    _clock: Clock

    async def reacted(self, session: WriteSession, reaction: Reaction) -> bool:
        """Whether a host wants to hear no more of a talk."""
        if not is_hush(reaction.key) or is_bridged_by([reaction.sender], self._relays):
            return False
        talk = await asked_at(session, reaction.target)
        if talk is None:
            return False
        try:
            await self._actions.hush(session, actor_of(reaction, self._clock), talk)
        except Refused:
            return False
        return True

    async def redacted(self, session: WriteSession, redaction: Redaction) -> bool:
        """Whether a redaction takes such a tap back."""
        room, sender, target = redaction.room, redaction.sender, redaction.target
        if not await may_take_out(session, room, sender, target):
            return False
        return await self._actions.unhush(session, target)
