"""Entries whose date and start name different times: what organisers are told of them.

Which of the two is right, nobody can tell from here; the date is taken. Where the tool that
wrote the schedule is to blame, most entries are off by the same amount, and one line says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from .times import Zones, names_utc

MOST_LINES = 5
"""Entries named one by one."""
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
# Two: a conference over a change of the clocks has two amounts.
_MOST_AMOUNTS = 2


@dataclass(frozen=True, slots=True)
class _Contradiction:
    entry: str
    apart: timedelta
    """How much later the start is than the date."""
    times: str
    """Both of them."""


class Contradictions:
    """Compares the date and the start of the entries of one schedule."""

    def __init__(self, zones: Zones) -> None:
        self._zones = zones
        self._compared = 0
        self._found: list[_Contradiction] = []
        self._elsewhere: list[str] = []
        """Date and start agree, but their offset is not that of the configured zone."""

    def compare(
        self, entry: str, moment: datetime, clock: timedelta, of_day: tzinfo | None
    ) -> None:
        """Compare an entry's date with the clock time of its start.

        `entry` names it for people; `of_day` is the offset of the day it stands under.
        A start agrees if it is the date's local time, or, where the schedule names no zone,
        the time that the date shows.
        """
        self._compared += 1
        zone = self._zone(of_day)
        digits = moment.replace(tzinfo=None)
        wall = _wall(moment, zone)
        if _clock(wall) == _minutes(clock):
            return
        # A schedule that names UTC mostly names none: its tool's default.
        if self._is_unnamed and _clock(digits) == _minutes(clock):
            if self._zones.configured and not self._zones.named and moment.tzinfo is not None:
                self._elsewhere.append(f"{entry}, {moment.isoformat(' ', 'minutes')}")
            return
        named = self._zones.named
        if self._is_unnamed and named and _clock(_wall(moment, named)) == _minutes(clock):
            return
        by_start = digits if _clock(digits) == _minutes(clock) else _nearest(wall, clock)
        where = f" ({zone})" if zone and moment.tzinfo else ""
        self._found.append(
            _Contradiction(
                entry,
                by_start - wall.replace(second=0),
                f"date {wall:%a %d %b %H:%M}, start {by_start:%H:%M}{where}",
            )
        )

    @property
    def _is_unnamed(self) -> bool:
        return self._zones.named is None or names_utc(self._zones.named)

    def _zone(self, of_day: tzinfo | None) -> tzinfo | None:
        """In which the starts are meant; None: nobody says."""
        if not self._is_unnamed:
            return self._zones.named
        return self._zones.configured or of_day

    def lines(self) -> Iterator[str]:
        """What organisers are told, the most important first."""
        amounts = Counter(found.apart for found in self._found).most_common(_MOST_AMOUNTS)
        usual = {
            apart: times for apart, times in amounts if times > 1 and 10 * times >= len(self._found)
        }
        rest = self._found
        if 2 * sum(usual.values()) > self._compared:
            rest = [found for found in self._found if found.apart not in usual]
            first = next(found for found in self._found if found.apart in usual)
            yield self._summary(usual, first)
        if self._elsewhere:
            zone = self._zones.configured
            yield (
                f"{len(self._elsewhere)} of {self._compared} entries have an offset that is not"
                f" that of the configured {zone}; the offset was taken. If it is wrong:"
                f" schedule.zone_overrides: true. First: {self._elsewhere[0]}"
            )
        for found in rest[:MOST_LINES]:
            yield f"{found.entry}: {found.times}, {_apart(found.apart)}; the date was taken"
        if len(rest) > MOST_LINES:
            yield f"and {len(rest) - MOST_LINES} more entries whose date and start differ"

    def _summary(self, usual: dict[timedelta, int], first: _Contradiction) -> str:
        number = sum(usual.values())
        by = " or ".join(_apart(apart) for apart in usual)
        zone = self._zones.local
        return (
            f"{number} of {self._compared} entries have a start that is not their date's, {by};"
            " the date was taken. If the start is right: schedule.zone_overrides: true, and"
            f" schedule.zone{f': {zone}' if zone else ''}. First: {first.entry}, {first.times}"
        )


def _wall(moment: datetime, zone: tzinfo | None) -> datetime:
    """What clocks show in the zone, or what the moment itself shows."""
    if zone is not None and moment.tzinfo is not None:
        moment = moment.astimezone(zone)
    return moment.replace(tzinfo=None)


def _clock(wall: datetime) -> timedelta:
    return timedelta(hours=wall.hour, minutes=wall.minute)


def _minutes(clock: timedelta) -> timedelta:
    """The time of day, without seconds; 24:30 is 0:30."""
    return clock % _DAY // _MINUTE * _MINUTE


def _nearest(wall: datetime, clock: timedelta) -> datetime:
    """The moment nearest to `wall` at which clocks show this time."""
    midnight = datetime.combine(wall.date(), time())
    days = (midnight + timedelta(days=days) for days in (-1, 0, 1))
    return min((day + _minutes(clock) for day in days), key=lambda moment: abs(moment - wall))


def _apart(apart: timedelta) -> str:
    """`2 h earlier`, `5 h 30 min later`."""
    hours, minutes = divmod(abs(apart) // _MINUTE, 60)
    parts = [f"{hours} h"] * (hours > 0) + [f"{minutes} min"] * (minutes > 0)
    return f"{' '.join(parts)} {'later' if apart > timedelta() else 'earlier'}"
