"""Decisions by a tap on a question, and their taking back."""

from __future__ import annotations

from collections.abc import Sequence

from fosdembot.actions.current import approve_or_done
from fosdembot.actions.deciding import Deciding
from fosdembot.actions.refused import Refused
from fosdembot.chat.acting import actor_of
from fosdembot.chat.commands.talk_speaker import SpeakerCommands
from fosdembot.chat.incoming import Reaction, Redaction
from fosdembot.clock import Clock
from fosdembot.db.engine import WriteSession
from fosdembot.matrix.power import is_bridged_by, may_redact
from fosdembot.questions import log, lookup
from fosdembot.questions.emoji import MODERATION, Tap, plain
from fosdembot.questions.states import Action

_ACTIONS = {Tap.STAR: Action.STAR, Tap.TAKE: Action.TAKE, Tap.DISMISS: Action.DISMISS}


class Taps:
    """Whoever has no power to decide is not told so: a reaction is no command."""

    def __init__(
        self,
        deciding: Deciding,
        speakers: SpeakerCommands,
        clock: Clock,
        relays: Sequence[str],
    ) -> None:
        self._deciding = deciding
        self._speakers = speakers
        self._clock = clock
        self._relays = relays

    async def reacted(self, session: WriteSession, reaction: Reaction) -> bool:
        """Whether a reaction decided something."""
        tap, target = MODERATION.get(plain(reaction.key)), reaction.target
        if tap is None or is_bridged_by([reaction.sender], self._relays):
            return False
        actor = actor_of(reaction, self._clock, revocable=True)
        question = await lookup.by_event(session, target)
        if question is None:
            return tap is Tap.CHECK and await self._speakers.tapped(session, target, actor)
        if tap is Tap.CHECK:
            action = await approve_or_done(session, question, actor)
        else:
            action = _ACTIONS[tap]
        try:
            await self._deciding.decide(session, actor, question, action)
        except Refused:
            return False
        return True

    async def redacted(self, session: WriteSession, redaction: Redaction) -> bool:
        """Whether a redaction took a decision back, or a claim to be a speaker."""
        room, sender, target = redaction.room, redaction.sender, redaction.target
        if await self._speakers.redacted(session, room, target, sender):
            return True
        # A command may be redacted to tidy up the room: what it did stands.
        entries = await log.decided_by(session, target, revocable=True)
        if not entries:
            return False
        if sender != entries[0].actor and not await may_redact(session, room, sender):
            return False
        try:
            await self._deciding.take_back(session, actor_of(redaction, self._clock), target)
        except Refused:
            return False
        return True
