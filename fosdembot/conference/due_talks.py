"""Which talks have a board that is to be looked at, and when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from fosdembot.clock import Clock
from fosdembot.matrix.wake import Wake


class DueTalks:
    """`rest`: between two looks at a talk's board, at least."""

    def __init__(self, clock: Clock, rest: timedelta) -> None:
        self._clock = clock
        self._rest = rest
        self.wake = Wake()
        self._dirty: set[str] = set()
        """Talks whose questions are not what they were at the last look."""
        self._not_before: dict[str, datetime] = {}
        """By talk, when the next look is due at the earliest."""
        self._held: dict[str, datetime] = {}
        """By talk, when an edit that came too early may be made."""
        self._looked: datetime | None = None
        """When it was asked last what is due."""

    def changed(self, talks: Collection[str]) -> None:
        """The questions to these talks are not what they were. Costs next to nothing."""
        if not self._dirty.issuperset(talks):
            self._dirty.update(talks)
            self.wake.set()

    def hold(self, talks: Collection[str], until: datetime) -> None:
        """Look at these talks then, in any case."""
        self._held.update(dict.fromkeys(talks, until))
        self.wake.set()

    def due(self) -> Sequence[str]:
        """The talks whose time has come."""
        now = self._clock.now()
        if self._looked is not None and now < self._looked:
            # The clock was set back: what was said of later moments is nothing now.
            self._not_before.clear()
            self._held = dict.fromkeys(self._held, now)
        self._looked = now
        held = {talk for talk, then in self._held.items() if then <= now}
        self._held = {talk: then for talk, then in self._held.items() if then > now}
        self._not_before = {talk: then for talk, then in self._not_before.items() if then > now}
        ready = held | (self._dirty - self._not_before.keys())
        # Until they are looked at, whatever happens.
        self._dirty |= held
        return sorted(ready)

    def begin(self, talk: str) -> None:
        """It is looked at now."""
        self._dirty.discard(talk)
        self._not_before[talk] = self._clock.now() + self._rest

    def failed(self, talk: str) -> None:
        """It is to be looked at again."""
        self._dirty.add(talk)

    def seconds_left(self) -> float | None:
        """Until the next look is due, on the wall; None: nothing is to be looked at."""
        now = self._clock.now()
        moments = [self._not_before.get(talk, now) for talk in self._dirty]
        moments += self._held.values()
        if not moments:
            return None
        wall = self._clock.to_wall
        return max(0.0, (wall(min(moments)) - wall(now)).total_seconds())
