"""An event of iCalendar with its start, and what tells whether and how it repeats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar.prop import vDuration

from .assemble import LONGEST_NAME
from .ical_clock import Clock, Clocks
from .ical_text import Event, Property
from .times import LONGEST, BadEntry

_REPEATING = {"RRULE", "RDATE", "EXDATE", "EXRULE"}


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    event: Event
    uid: str
    start: Clock
    planned: Clock | None = None
    """Of a changed repeat: for when it was planned (RECURRENCE-ID)."""

    @property
    def title(self) -> str:
        return self.event.text("SUMMARY", 80) or "Untitled"

    @property
    def repeats(self) -> bool:
        return self.planned is None and not _REPEATING.isdisjoint(self.event.properties)

    @property
    def cancelled(self) -> bool:
        return self.event.text("STATUS", 20).upper() == "CANCELLED"

    @property
    def sequence(self) -> int:
        text = self.event.text("SEQUENCE", 10)
        return int(text) if text.isascii() and text.isdigit() else 0

    @property
    def and_later(self) -> bool:
        """Whether it changes all that follow, too."""
        ranges = [p.params.get("RANGE", "") for p in self.event.properties.get("RECURRENCE-ID", ())]
        return any(value.upper() == "THISANDFUTURE" for value in ranges)

    def listed(self, name: str) -> Iterator[tuple[str, Property]]:
        """The dates of RDATE or EXDATE, one at a time, each with the line where it stands."""
        for dates in self.event.properties.get(name, ()):
            for text in dates.raw.split(","):
                if text.strip():
                    yield text.strip(), dates


def read_entry(event: Event, clocks: Clocks) -> Entry:
    """Raises `BadEntry`."""
    if "DTSTART" not in event.properties:
        raise BadEntry("it has no start")
    planned = event.properties.get("RECURRENCE-ID")
    return Entry(
        event,
        event.text("UID", LONGEST_NAME),
        clocks.read(event.properties["DTSTART"][0], event.calendar),
        clocks.read(planned[0], event.calendar) if planned else None,
    )


def duration(entry: Entry, wall: datetime, clocks: Clocks) -> timedelta:
    """How long the entry lasts when it starts then; 0 where that cannot be read.

    A whole day without an end is one day (RFC 5545, 3.6.1).
    """
    begin, properties, start = entry.start, entry.event.properties, clocks.utc
    lasts = timedelta(days=1 if begin.whole_day else 0)
    try:
        if "DTEND" in properties:
            end = clocks.read(properties["DTEND"][0], entry.event.calendar)
            if not (begin.whole_day and end.whole_day):
                exact = start(end.wall, end.zone) - start(begin.wall, begin.zone)
                return bounded(exact)
            lasts = end.wall - begin.wall
        elif "DURATION" in properties:
            lasts = parse_length(properties["DURATION"][0].value)
        if begin.whole_day:
            # The days of a change of the clocks are shorter or longer.
            lasts = start(wall + bounded(lasts), begin.zone) - start(wall, begin.zone)
    except (ValueError, OverflowError):
        pass
    return bounded(lasts)


def parse_length(text: str) -> timedelta:
    """Read `PT1H30M`. Raises `ValueError` or `OverflowError`."""
    length: timedelta = vDuration.from_ical(text.strip().upper())  # type: ignore[no-untyped-call]
    return length


def bounded(length: timedelta) -> timedelta:
    return min(max(length, timedelta()), LONGEST)
