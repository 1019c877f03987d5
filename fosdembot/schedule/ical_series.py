"""From events of iCalendar to the times at which they take place, each under an id of its own.

The id of a repeat is the series' UID and the day for which it was planned. So it stays the
same talk where the rule gets longer or other days, where the whole series is put at another
hour, and where this one repeat is moved (RECURRENCE-ID).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from .ical_clock import Clock, Clocks
from .ical_entry import Entry
from .ical_repeats import Repeats, is_endless


@dataclass(slots=True)
class Slot:
    """One time at which an entry takes place."""

    entry: Entry
    guid: str
    wall: datetime
    zone: tzinfo | None
    length: timedelta | None = None
    """Where it is not that of the entry."""


@dataclass(slots=True)
class _Series:
    """The slots of one entry, by the time for which they were planned."""

    master: Entry
    slots: dict[datetime, Slot]
    by_day: dict[date, list[datetime]] = field(default_factory=lambda: defaultdict(list))


class SeriesReader:
    """Puts together what belongs together; what is odd is in `warnings`."""

    def __init__(self, clocks: Clocks, events: int) -> None:
        self.cancelled = 0
        self._clocks = clocks
        self._repeats = Repeats(clocks, events)
        self._outdated = 0
        self._emptied: list[Entry] = []

    def slots(self, entries: Iterable[Entry]) -> Iterator[Slot]:
        by_uid: dict[str, list[Entry]] = defaultdict(list)
        for number, entry in enumerate(entries):
            by_uid[entry.uid or f"\n{number}"].append(entry)
        groups = sorted(by_uid.values(), key=lambda group: any(map(is_endless, group)))
        for group in groups:
            yield from self._group(group)

    def warnings(self) -> Iterator[str]:
        if self._outdated:
            yield f"older versions of other entries (SEQUENCE), left out: {self._outdated}"
        if self._emptied:
            title = self._emptied[0].title
            yield f"entries that exclude all their dates: {len(self._emptied)}, first: {title!r}"
        yield from self._repeats.warnings

    def _group(self, group: Sequence[Entry]) -> Iterator[Slot]:
        """The slots of entries with one UID, which are mostly one entry."""
        series = []
        for master in group:
            if master.planned is None and master.cancelled:
                self.cancelled += 1
            elif master.planned is None:
                series.append(self._series(master))
        later, single = self._changes(group)
        for change, planned in later:
            self._change_later(series, change, planned)
        for change, planned in single:
            yield from self._change(series, change, planned)
        for one in series:
            yield from one.slots.values()

    def _series(self, master: Entry) -> _Series:
        dates = self._repeats.dates(master)
        series = _Series(master, {})
        for wall, guid in _identities(master, dates.lengths):
            if wall not in dates.excluded:
                slot = Slot(master, guid, wall, master.start.zone, dates.lengths[wall])
                series.slots[wall] = slot
                series.by_day[wall.date()].append(wall)
        if not series.slots:
            self._emptied.append(master)
        return series

    def _changes(
        self, group: Sequence[Entry]
    ) -> tuple[list[tuple[Entry, Clock]], list[tuple[Entry, Clock]]]:
        """The newest change of each repeat: of those that follow as well, of it alone."""
        newest: dict[tuple[object, ...], tuple[Entry, Clock]] = {}
        for entry in group:
            planned = entry.planned
            if planned is None:
                continue
            moment = planned.wall if planned.whole_day else self._utc(planned)
            key = (moment, planned.whole_day, entry.and_later)
            if key in newest:
                self._outdated += 1
            if key not in newest or newest[key][0].sequence <= entry.sequence:
                newest[key] = (entry, planned)
        ordered = sorted(newest.values(), key=lambda change: self._utc(change[1]))
        return [c for c in ordered if c[0].and_later], [c for c in ordered if not c[0].and_later]

    def _utc(self, clock: Clock) -> datetime:
        return self._clocks.utc(clock.wall, clock.zone)

    def _change_later(self, series: Sequence[_Series], change: Entry, planned: Clock) -> None:
        self.cancelled += change.cancelled
        zone = change.start.zone
        later = change.start.wall - self._clocks.on_the_wall(planned, zone)
        for one in series:
            first = self._clocks.on_the_wall(planned, one.master.start.zone)
            for wall in [wall for wall in one.slots if wall >= first]:
                if change.cancelled:
                    del one.slots[wall]
                    one.by_day[wall.date()].remove(wall)
                else:
                    there = self._clocks.on_the_wall(Clock(wall, one.master.start.zone), zone)
                    one.slots[wall] = Slot(change, one.slots[wall].guid, there + later, zone)

    def _change(self, series: Sequence[_Series], change: Entry, planned: Clock) -> Iterator[Slot]:
        """Put the change in its place; where there is none, it is a slot for itself."""
        self.cancelled += change.cancelled
        for one in series:
            wall = self._place(one, planned)
            if wall is not None:
                slot = one.slots[wall]
                if change.cancelled:
                    del one.slots[wall]
                else:
                    start = change.start
                    one.slots[wall] = Slot(change, slot.guid, start.wall, start.zone)
                # It is changed, and no place for another change any more.
                one.by_day[wall.date()].remove(wall)
                return
        if not change.cancelled:
            guid = self._guid_without_place(series, change, planned)
            yield Slot(change, guid, change.start.wall, change.start.zone)

    def _place(self, series: _Series, planned: Clock) -> datetime | None:
        """Which slot a change means. By the day where the time was written in another zone, or
        the series was put at another hour."""
        wall = self._clocks.on_the_wall(planned, series.master.start.zone)
        that_day = series.by_day.get(wall.date(), [])
        if wall in that_day:
            return wall
        return that_day[0] if len(that_day) == 1 else None

    def _guid_without_place(self, series: Sequence[_Series], change: Entry, planned: Clock) -> str:
        if not series:
            return _guid(change.uid, planned.wall, "%Y%m%d")
        master = series[0].master
        wall = self._clocks.on_the_wall(planned, master.start.zone)
        if wall == master.start.wall:
            return change.uid
        taken = {slot.guid for slot in series[0].slots.values()}
        guid = _guid(change.uid, wall, "%Y%m%d")
        return guid if guid not in taken else _guid(change.uid, wall, "%Y%m%dT%H%M%S")


def _identities(master: Entry, walls: Iterable[datetime]) -> Iterator[tuple[datetime, str]]:
    """Each time with its id: of the start the UID alone, as where it does not repeat; of the
    first of a day the day; of others the time, too."""
    days: set[date] = set()
    for wall in walls:
        if wall == master.start.wall:
            yield wall, master.uid
        else:
            exact = "T%H%M%S" if wall.date() in days else ""
            yield wall, _guid(master.uid, wall, f"%Y%m%d{exact}")
        days.add(wall.date())


def _guid(uid: str, wall: datetime, form: str) -> str:
    """Without a UID there is nothing but time and place to tell entries apart."""
    return f"{uid}@{wall.strftime(form)}" if uid else ""
