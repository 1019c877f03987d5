"""Votes by reaction: 👍, and the number of a question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from fosdembot.actions.voting import Voting
from fosdembot.chat.acting import actor_of
from fosdembot.chat.incoming import Reaction, Tap
from fosdembot.clock import Clock
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.matrix.power import is_bridged_by
from fosdembot.questions import lookup
from fosdembot.questions.emoji import is_only_vote, is_vote
from fosdembot.questions.votes import Cast
from fosdembot.settings import QuestionSettings


@dataclass(frozen=True, slots=True)
class VoteTaps:
    _voting: Voting
    _settings: QuestionSettings
    _clock: Clock

    async def reacted(self, session: WriteSession, reaction: Reaction) -> bool:
        """Whether a reaction is a vote."""
        question = await lookup.by_event(session, reaction.target)
        if question is None or not self._is_vote(reaction.key, question):
            return False
        actor, relay = actor_of(reaction, self._clock), self._is_relay(reaction.sender)
        await self._voting.cast(session, actor, question, relay=relay)
        return True

    def may_go_together(self, tap: Tap) -> bool:
        """Whether a reaction votes or means nothing."""
        return is_only_vote(tap.key, self._settings.vote_emoji) and not self._is_relay(tap.sender)

    def take_together(self, connection: Connection, taps: Sequence[Tap]) -> Callable[[], None]:
        """The effect of reactions that `may_go_together`: as `reacted`, in a few statements for
        all of them. Returns what is to be done after the commit."""
        return self._voting.cast_at_once(connection, self._casts(connection, taps))

    async def handle_together(self, session: WriteSession, taps: Sequence[Tap]) -> None:
        """The same in a session."""
        connection = await session.connection()
        casts = await connection.run_sync(self._casts, taps)
        await self._voting.cast_all(session, casts)

    def _casts(self, connection: Connection, taps: Sequence[Tap]) -> Sequence[Cast]:
        targets = lookup.targets(connection, {tap.target for tap in taps})
        casts: list[Cast] = []
        for tap in taps:
            target = targets.get(tap.target)
            if target is None or target.room != tap.room:
                continue
            if is_vote(tap.key, target.number, self._settings.vote_emoji):
                casts.append(Cast(target.question, target.root, tap.sender, tap.event_id))
        return casts

    def _is_vote(self, key: str, question: Question) -> bool:
        return is_vote(key, question.number, self._settings.vote_emoji)

    def _is_relay(self, person: str) -> bool:
        return is_bridged_by([person], self._settings.relays)
