"""At which times an entry of iCalendar takes place: RRULE, RDATE, EXRULE and EXDATE, bounded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from .assemble import MOST_ENTRIES
from .ical_clock import Clocks
from .ical_entry import Entry, bounded, parse_length
from .ical_text import Property
from .recurrence import FOLLOWED_YEARS, BadRule, Rule, moments, parse_rule
from .times import BadEntry

MOST_REPEATS = 1000
"""Of one entry."""
_MOST_DATES = 5000
"""Of one list of dates; of a rule that excludes dates, too."""
_MOST_RULES = 5
"""Of one entry."""
_MOST_FRUITLESS = 20
"""Rules of one file that come to nothing: each takes a tenth of a second to see it."""
_YEAR = timedelta(days=365)


@dataclass(slots=True)
class Dates:
    """The times of one entry, by the clock of its zone, in order."""

    lengths: dict[datetime, timedelta | None]
    """Each time, with its length where it is not that of the entry."""
    excluded: set[datetime]


class Repeats:
    """Finds the times of a file's entries; what it had to leave out is in `warnings`."""

    def __init__(self, clocks: Clocks, events: int) -> None:
        self.warnings: list[str] = []
        self._clocks = clocks
        self._left = MOST_ENTRIES - events
        self._fruitless = 0
        self._last_day = date.min

    def dates(self, entry: Entry) -> Dates:
        """The times of an entry; those without an end should come after all others."""
        start = entry.start.wall
        self._last_day = max(self._last_day, start.date())
        if not entry.repeats:
            return Dates({start: None}, set())
        lengths: dict[datetime, timedelta | None] = {start: None}
        most = min(MOST_REPEATS, self._left + 1)
        for published in entry.event.properties.get("RRULE", ())[:_MOST_RULES]:
            lengths.update(dict.fromkeys(self._by_rule(published.value, entry, most)))
        lengths.update(self._listed(entry))
        walls = sorted(lengths)
        if len(walls) > most:
            walls = walls[:most]
            self.warnings.append(
                f"{entry.title!r} repeats too often: read are its first {most:,} times"
            )
        self._left -= len(walls) - 1
        self._last_day = max(self._last_day, walls[-1].date())
        return Dates({wall: lengths[wall] for wall in walls}, self._excluded(entry, walls))

    def _by_rule(self, text: str, entry: Entry, most: int) -> Iterator[datetime]:
        """The start and the moments of a rule; one more than `most` where there are so many."""
        start, number = entry.start.wall, 1
        yield start
        try:
            rule = parse_rule(text)
            if self._fruitless >= _MOST_FRUITLESS:
                raise BadRule("so are many before it")
            last = self._followed_until(rule, start)
            for wall in moments(rule, start, last):
                if wall == start:
                    continue
                # The start counts, also where the rule does not meet it.
                number += 1
                if number > most + 1 or self._is_over(rule, number, wall, entry):
                    return
                yield wall
            if rule.endless:
                told = f"repeats without an end; read up to {last:%d %b %Y}"
                self.warnings.append(f"{entry.title!r} {told}")
        except BadRule as why:
            self._fruitless += 1
            if number == 1 or rule.until is None:
                read = "its first time alone is" if number == 1 else f"its first {number} times are"
                self.warnings.append(f"{entry.title!r} repeats by a bad rule ({why}); {read} read")

    def _followed_until(self, rule: Rule, start: datetime) -> datetime:
        """What has no end is followed up to the last day of all else, if there is a later one."""
        longest = start + FOLLOWED_YEARS * _YEAR
        if not rule.endless:
            return longest
        if self._last_day <= start.date():
            return start + _YEAR
        return min(datetime.combine(self._last_day, time.max), longest)

    def _is_over(self, rule: Rule, number: int, wall: datetime, entry: Entry) -> bool:
        if rule.count is not None and number > rule.count:
            return True
        until = rule.until
        if until is None:
            return False
        if not isinstance(until, datetime) or entry.start.whole_day:
            return wall.date() > date(until.year, until.month, until.day)
        if until.tzinfo is None or self._clocks.zones.overrides:
            return wall > until.replace(tzinfo=None)
        return self._clocks.utc(wall, entry.start.zone) > until

    def _listed(self, entry: Entry) -> dict[datetime, timedelta | None]:
        found: dict[datetime, timedelta | None] = {}
        unreadable = 0
        for number, (text, published) in enumerate(entry.listed("RDATE")):
            if number >= _MOST_DATES:
                self._too_many(entry, "RDATE")
                break
            try:
                wall, length = self._listed_date(text, published, entry)
                found[wall] = length
            except (ValueError, OverflowError):
                unreadable += 1
        if unreadable:
            self.warnings.append(f"{unreadable} dates of {entry.title!r} (RDATE) cannot be read")
        return found

    def _listed_date(
        self, text: str, published: Property, entry: Entry
    ) -> tuple[datetime, timedelta | None]:
        begin, _, end = text.partition("/")
        clock = self._clocks.read(published, entry.event.calendar, begin)
        if clock.whole_day and not entry.start.whole_day:
            return datetime.combine(clock.wall.date(), entry.start.wall.time()), None
        wall = self._clocks.on_the_wall(clock, entry.start.zone)
        if not end:
            return wall, None
        if end.upper().startswith("P"):
            return wall, bounded(parse_length(end.upper()))
        until = self._clocks.read(published, entry.event.calendar, end)
        return wall, bounded(self._clocks.on_the_wall(until, entry.start.zone) - wall)

    def _excluded(self, entry: Entry, walls: list[datetime]) -> set[datetime]:
        by_day: dict[date, list[datetime]] = {}
        for wall in walls:
            by_day.setdefault(wall.date(), []).append(wall)
        excluded: set[datetime] = set()
        exclusions = entry.event.properties.get("EXRULE", ())[:_MOST_RULES]
        for published in exclusions if self._fruitless < _MOST_FRUITLESS else ():
            excluded.update(self._by_exclusion(published.value, entry, walls[-1]))
        missed = 0
        for number, (text, published) in enumerate(entry.listed("EXDATE")):
            if number >= _MOST_DATES:
                self._too_many(entry, "EXDATE")
                break
            with suppress(BadEntry):
                clock = self._clocks.read(published, entry.event.calendar, text)
                wall = self._clocks.on_the_wall(clock, entry.start.zone)
                same_day = by_day.get(wall.date(), [])
                if wall in same_day:
                    excluded.add(wall)
                elif clock.whole_day or clock.wall.time() == time.min:
                    # Some tools write midnight for the day.
                    excluded.update(by_day.get(clock.wall.date(), []))
                else:
                    missed += bool(same_day)
        if missed:
            self.warnings.append(
                f"{missed} excluded dates of {entry.title!r} are at another hour; it stays"
            )
        return excluded

    def _by_exclusion(self, text: str, entry: Entry, last: datetime) -> Iterator[datetime]:
        try:
            rule = parse_rule(text)
            for number, wall in enumerate(moments(rule, entry.start.wall, last), 1):
                if number > _MOST_DATES or self._is_over(rule, number, wall, entry):
                    return
                yield wall
        except BadRule as why:
            self._fruitless += 1
            self.warnings.append(f"{entry.title!r} excludes dates by a bad rule ({why})")

    def _too_many(self, entry: Entry, name: str) -> None:
        self.warnings.append(f"{entry.title!r} lists too many dates ({name}); not all are read")


def is_endless(entry: Entry) -> bool:
    """Whether a rule of the entry has no end."""
    for published in entry.event.properties.get("RRULE", ())[:_MOST_RULES]:
        with suppress(BadRule):
            if parse_rule(published.value).endless:
                return True
    return False
