"""Rooms that let the bot say nothing, be its power too little or the bot no longer in: what is
for them waits until it may be said."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Update, and_, or_, update

from fosdembot.clock import Clock
from fosdembot.db.insert import table_of
from fosdembot.db.tables import Outgoing

from .outbox import IS_WAITING, Urgency

HELD_AT_FIRST, HELD_AT_MOST = 30.0, 300.0
"""Seconds until a room that refuses what we say is tried again, if its power levels stay."""
# What is said there once it may be, see `stale`; notices have a time of their own.
_WORTH_SAYING = {
    Urgency.ANNOUNCEMENT: timedelta(minutes=30),
    Urgency.CHANGE: timedelta(minutes=30),
    Urgency.ANSWER: timedelta(minutes=10),
    Urgency.CHIP: timedelta(minutes=10),
}


@dataclass
class _Held:
    """A room that refuses what we say: all that is for it waits."""

    why: str
    until: float
    """When the next try is due, by `Clock.monotonic`."""
    wait: float


class MutedRooms:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, _Held] = {}

    @property
    def why(self) -> Mapping[str, str]:
        """The rooms that refuse what we say, and why."""
        return {room: held.why for room, held in self._held.items()}

    def hold(self, room: str, why: str) -> bool:
        """`room` refused what we said; whether it had not before."""
        before = self._held.get(room)
        wait = min(before.wait * 2, HELD_AT_MOST) if before is not None else HELD_AT_FIRST
        self._held[room] = _Held(why[:300], self._clock.monotonic() + wait, wait)
        return before is None

    def release(self, room: str) -> bool:
        """Try `room` again at once; whether it was held."""
        if room not in self._held:
            return False
        self._held[room].until = -math.inf
        return True

    def let_us_speak(self, room: str) -> None:
        """Something was said there."""
        self._held.pop(room, None)

    def silent(self) -> list[str]:
        """Those in which nothing is tried now."""
        now = self._clock.monotonic()
        return [room for room, held in self._held.items() if held.until > now]

    def waits(self) -> list[float]:
        """Seconds until each is tried again."""
        return [max(0.0, held.until - self._clock.monotonic()) for held in self._held.values()]

    def stale(self, now: datetime, busy: Collection[str]) -> Update | None:
        """Where a room let nothing be said for a while, nobody waits for old answers: what drops
        them, if there are such rooms."""
        if not self._held:
            return None
        stale = [
            and_(Outgoing.urgency == urgency, Outgoing.due < now - worth)
            for urgency, worth in _WORTH_SAYING.items()
        ]
        return (
            update(table_of(Outgoing))
            .where(IS_WAITING, Outgoing.room_id.in_(list(self._held)), or_(*stale))
            .where(Outgoing.room_id.not_in(list(busy)))
            .values(state="dropped", error="too late")
        )
