"""Durations in three parts: hours, minutes and seconds, or days, hours and minutes?

Most tools that write three parts mean `HH:MM:SS`. pretalx and EMF write `HH:MM`, and from 24
hours on `D:HH:MM`. `1:00:00` may be either, and an hour is a talk while a day is none. The
other entries of the same schedule tell what its tool means.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from .times import LONGEST, BadEntry, parse_duration

_TWO_PARTS = re.compile(r"\d{1,4}:\d{1,2}", re.ASCII)
_THREE_PARTS = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})", re.ASCII)
_PADDED = re.compile(r"0\d:", re.ASCII)
"""Hours are written with two digits, days are not."""
_SHORTEST_TALK = timedelta(minutes=5)
"""What would be shorter in hours, minutes and seconds is more likely meant in days."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Published:
    """What an entry says of its length, and what may tell how it is meant."""

    text: str
    start: datetime
    room: str
    title: str
    lasts: timedelta | None = None
    """From its start to the end that it names as well."""
    lasts_to_a_day: bool = False
    """Its end is a clock time: whole days may have to be added to `lasts`."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long an entry lasts."""

    length: timedelta
    """0 where nothing tells."""
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class _Readings:
    in_hours: timedelta
    in_days: timedelta


class _Habit(Enum):
    """What the tool that wrote the schedule means by three parts."""

    HOURS = 1
    DAYS = 2
    UNKNOWN = 3


def lengths(entries: Sequence[Published]) -> Iterator[Lasting]:
    """How long each of the entries of one schedule lasts, in their order."""
    readings = {text: _readings(text) for text in {entry.text for entry in entries}}
    told = _Told(entries, readings)
    habit = _habit(entries, readings, told)
    for entry in entries:
        both = readings[entry.text]
        if both is None:
            length = _parsed(entry.text)
            yield Lasting(length or min(entry.lasts or length, LONGEST))
        elif (said := told.of(entry, both)) is not None:
            yield Lasting(said)
        elif habit is _Habit.DAYS:
            yield Lasting(both.in_days, is_sure=not told.next_begins_after(entry, both.in_hours))
        else:
            is_sure = habit is _Habit.HOURS or told.next_begins_after(entry, both.in_hours)
            yield Lasting(both.in_hours, is_sure)


class _Told:
    """What the entries themselves tell of one another."""

    def __init__(
        self, entries: Sequence[Published], readings: Mapping[str, _Readings | None]
    ) -> None:
        self._starts: defaultdict[str, set[datetime]] = defaultdict(set)
        self._twins: defaultdict[str, set[timedelta]] = defaultdict(set)
        for entry in entries:
            self._starts[entry.room].add(entry.start)
            if readings[entry.text] is None:
                self._twins[entry.title.casefold()].add(_parsed(entry.text))

    def of(self, entry: Published, both: _Readings) -> timedelta | None:
        """The reading that the entry's own end, or another time of the same talk, is for."""
        if entry.lasts is not None:
            for reading in (both.in_hours, both.in_days):
                if entry.lasts == (reading % _DAY if entry.lasts_to_a_day else reading):
                    return reading
        twins = self._twins[entry.title.casefold()] & {both.in_hours, both.in_days}
        return twins.pop() if len(twins) == 1 else None

    def next_begins_after(self, entry: Published, length: timedelta) -> bool:
        """Whether in the same room an entry begins when this one, of that length, ends."""
        return bool(entry.room) and entry.start + length in self._starts[entry.room]


def _habit(
    entries: Sequence[Published], readings: Mapping[str, _Readings | None], told: _Told
) -> _Habit:
    hours = days = 0
    two_parts = any(_TWO_PARTS.fullmatch(text) for text in readings)
    for entry in entries:
        both = readings[entry.text]
        if both is None:
            # No day has 24 hours: it can only be read in hours.
            hours += _THREE_PARTS.fullmatch(entry.text) is not None and bool(_parsed(entry.text))
        elif (said := told.of(entry, both)) is not None:
            hours += said == both.in_hours
            days += said == both.in_days
        elif _PADDED.match(entry.text):
            hours += 1
        elif both.in_hours < _SHORTEST_TALK or both.in_hours % timedelta(minutes=1):
            # Nobody plans a talk to the second.
            days += 1
        elif entry.text.startswith("0") or (
            told.next_begins_after(entry, both.in_hours) and not two_parts
        ):
            hours += 1
    if two_parts:
        # Who writes 0:45 would write an hour as 1:00.
        return _Habit.UNKNOWN if hours else _Habit.DAYS
    if hours == days:
        return _Habit.UNKNOWN
    return _Habit.HOURS if hours > days else _Habit.DAYS


def _readings(text: str) -> _Readings | None:
    """Both ways to read it; None where there is one, or none."""
    match = _THREE_PARTS.fullmatch(text)
    if match is None:
        return None
    first, second, third = (int(part) for part in match.groups())
    if second > 23 or third > 59 or not (first or second or third):
        return None
    return _Readings(
        timedelta(hours=first, minutes=second, seconds=third),
        min(timedelta(days=first, hours=second, minutes=third), LONGEST),
    )


def _parsed(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except BadEntry:
        return timedelta()
