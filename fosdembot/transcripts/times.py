"""When what was said was said, as far as that can be known, and to which talk it belongs. Pure.

Only the dates of our own homeserver can be trusted. What others date as they like is brought
between the trusted ones around it, so that nobody can push a message into another talk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

HERE = 0
"""The talk that is asked for."""
NOWHERE = -1
LAST_SEQ = 1 << 60
"""Where what is read from the end begins, in the order of events;"""
BEHIND_ALL = 1 << 61
"""and a place behind all."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Milliseconds since 1970, on the wall. The first of `talks` is the one that is asked for."""

    talks: Sequence[tuple[int, int]]
    follow: int
    """How much later than a talk's end what answers something of it belongs to it."""
    first: int
    """What is not after this is before all of them."""
    now: int

    def at(self, moment: int) -> int:
        """The talk to which a moment belongs."""
        for number, (start, end) in enumerate(self.talks):
            if start <= moment < end:
                return number
        return NOWHERE


class Unsettled(NamedTuple):
    """Of an event what says when it was and where it belongs."""

    seq: int
    id: str
    sent: int
    kind: int
    anchor: int
    about: str | None
    thread: str | None


class Times:
    """When events were, asked in their order."""

    def __init__(self, windows: Windows, next_anchor: Callable[[int], tuple[int, int] | None]):
        self.last = windows.first
        """The moment of the last one."""
        self._low = windows.first
        self._now = windows.now
        self._next_anchor = next_anchor
        self._high = (-1, windows.now)

    def of(self, event: Unsettled) -> int:
        if event.anchor:
            self._low = self.last = event.sent
        else:
            self.last = max(self._low, min(event.sent, self._until(event.seq)))
        return self.last

    def touch(self, seq: int, window: tuple[int, int]) -> bool:
        """Whether what is missing at a place may belong to the window."""
        return self.last < window[1] and self._until(seq) >= window[0]

    def _until(self, seq: int) -> int:
        """The date of the next event that has one we trust."""
        if self._high[0] < seq:
            self._high = self._next_anchor(seq) or (BEHIND_ALL, self._now)
        return self._high[1]


class Home(NamedTuple):
    """Where an event belongs."""

    is_said: bool
    home: int
    """The talk."""
    place: float
    """In the order of lines: that of its thread's beginning."""
    root: str
    """The event with which its thread began, or would begin."""


class Homes:
    """Where events belong that answer others, asked in their order: to the talk of those, also
    some time after it."""

    def __init__(self, windows: Windows, known: Callable[[str, int], Home | None]) -> None:
        """`known` says it of events that were settled earlier, before a place."""
        self.windows = windows
        self._known = known
        self._new: dict[str, Home] = {}

    def note(self, event_id: str, home: Home) -> None:
        self._new[event_id] = home

    def of(self, event: Unsettled, moment: int) -> Home:
        own = Home(True, self.windows.at(moment), event.seq, event.id)
        for named in (event.thread, event.about):
            found = self._find(named, event.seq) if named is not None else None
            if found is None or found.home == NOWHERE:
                continue
            if moment >= self.windows.talks[found.home][1] + self.windows.follow:
                continue
            if named == event.thread and found.is_said:
                return found
            return own._replace(home=found.home)
        return own

    def _find(self, event_id: str, seq: int) -> Home | None:
        return self._new.get(event_id) or self._known(event_id, seq)
