"""The time zones of iCalendar: by the rules that a calendar defines, and by their names.

A VTIMEZONE counts by its rules, whatever its name. Where it defines a known zone by half
(many tools write its winter alone), the zone of that name counts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from .ical_text import Properties, ZoneDefinition
from .recurrence import BadRule, moments, parse_rule
from .times import find_zone

_MOST_RULES = 40
"""Of one zone. The longest that were seen have a dozen, the others are single dates."""
_OFFSET = re.compile(r"([+-]?)(\d\d):?([0-5]\d)(?::?([0-5]\d))?", re.ASCII)
_ONSET = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z?", re.ASCII)
_NAMED_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d\d?)(?::?([0-5]\d))?", re.ASCII)
_PREFIXED_OFFSET = re.compile(r"\((?:UTC|GMT)(?:([+-])(\d\d?):?([0-5]\d))?\)\s*", re.ASCII)
_WINDOWS = {name.lower(): zone for name, zone in WINDOWS_TO_OLSON.items()}


@dataclass(frozen=True, slots=True, order=True)
class _Change:
    """A change of the offset from UTC. The onset is on the clock before it."""

    onset: datetime
    before: timedelta
    after: timedelta

    @property
    def counts_from(self) -> datetime:
        """From when on the new offset counts. Clock times that are left out count from before
        the change, and those that come twice are the first (RFC 5545, 3.3.5)."""
        return self.onset + max(self.after - self.before, timedelta())


class RuledZone(tzinfo):
    """A zone by its changes, in a span of years."""

    def __init__(self, name: str, changes: Sequence[_Change]) -> None:
        self._name = name
        self._changes = changes
        self._by_clock = [change.counts_from for change in changes]
        self._in_utc = [change.onset - change.before for change in changes]

    def utcoffset(self, moment: datetime | None) -> timedelta:
        if moment is None:
            return timedelta()
        return self._after(bisect_right(self._by_clock, moment.replace(tzinfo=None)))

    def fromutc(self, moment: datetime) -> datetime:
        return moment + self._after(bisect_right(self._in_utc, moment.replace(tzinfo=None)))

    def _after(self, changes: int) -> timedelta:
        return self._changes[changes - 1].after if changes else self._changes[0].before

    def dst(self, _moment: datetime | None) -> timedelta | None:
        return None

    def tzname(self, _moment: datetime | None) -> str:
        return self._name

    def knows(self, clock: datetime) -> bool:
        """Whether the moment lies between two changes: what is defined is defined for then."""
        return 0 < bisect_right(self._by_clock, clock) < len(self._changes)


class DefinedZone(tzinfo):
    """A zone that a calendar defines under the name of a known one.

    The rules of the calendar count, except where they say nothing of a time (most tools
    that write such rules write one half of the year alone) and are a half of the known
    zone's.
    """

    def __init__(self, rules: RuledZone, known: tzinfo) -> None:
        self._rules = rules
        self._known = known

    def disputed(self, clock: datetime) -> bool:
        """Whether rules and name say different things of that time by the clock."""
        return self._rules.utcoffset(clock) != self._known.utcoffset(clock)

    def by_rules(self, clock: datetime) -> bool:
        """Whether the calendar's rules count for that time by the clock."""
        seasons = (clock.replace(month=month, day=15) for month in (1, 4, 7, 10))
        return (
            not self.disputed(clock)
            or self._rules.knows(clock)
            or self._rules.utcoffset(clock) not in map(self._known.utcoffset, seasons)
        )

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        if moment is None:
            return None
        clock = moment.replace(tzinfo=None)
        return (self._rules if self.by_rules(clock) else self._known).utcoffset(clock)

    def fromutc(self, moment: datetime) -> datetime:
        by_rules = self._rules.fromutc(moment).replace(tzinfo=None)
        if self.by_rules(by_rules):
            return by_rules.replace(tzinfo=self)
        by_name = moment.replace(tzinfo=UTC).astimezone(self._known)
        return by_name.replace(tzinfo=self, fold=0)

    def dst(self, _moment: datetime | None) -> timedelta | None:
        return None

    def tzname(self, moment: datetime | None) -> str:
        return self._rules.tzname(moment)


def ruled_zone(definition: ZoneDefinition, years: range) -> RuledZone | None:
    """The zone that a VTIMEZONE defines, right in these years; None where none comes of it."""
    changes: set[_Change] = set()
    rules = 0
    for observance in definition.observances:
        rules += "RRULE" in observance
        if rules > _MOST_RULES:
            return None
        try:
            changes.update(_changes(observance, years))
        except (BadRule, ValueError, OverflowError):
            return None
    return RuledZone(definition.tzid, sorted(changes)) if changes else None


def _changes(observance: Properties, years: range) -> Iterator[_Change]:
    if "DTSTART" not in observance:
        raise BadRule("it has no start")
    after = _offset(observance, "TZOFFSETTO")
    before = _offset(observance, "TZOFFSETFROM") if "TZOFFSETFROM" in observance else after
    first = _onset(observance["DTSTART"][0].value)
    yield _Change(first, before, after)
    for dates in observance.get("RDATE", ()):
        for text in dates.value.split(","):
            yield _Change(_onset(text.partition("/")[0]), before, after)
    for rule in observance.get("RRULE", ()):
        for onset in _onsets(rule.value, first, before, years):
            yield _Change(onset, before, after)


def _onsets(text: str, first: datetime, before: timedelta, years: range) -> Iterator[datetime]:
    rule = parse_rule(text)
    if rule.frequency != "YEARLY":
        raise BadRule("its zone changes more often than by the year")
    leap_day = (first.month, first.day) == (2, 29)
    if rule.count is None and rule.interval == 1 and first.year < years[0] - 2 and not leap_day:
        # What was before these years matters to nobody.
        first = first.replace(year=years[0] - 2)
    last = datetime.combine(date(years[-1], 12, 31), time())
    found = moments(rule, first, max(first, last))
    for number, onset in enumerate(found):
        if rule.count is not None and number >= rule.count:
            return
        if rule.until is not None:
            until = rule.until
            if not isinstance(until, datetime):
                until = datetime.combine(until, time.max)
            elif until.tzinfo is not None:
                until = until.astimezone(UTC).replace(tzinfo=None) + before
            if onset > until:
                return
        yield onset


def _offset(observance: Properties, name: str) -> timedelta:
    match = _OFFSET.fullmatch(observance[name][0].value.strip()) if name in observance else None
    if match is None:
        raise BadRule("its offset cannot be read")
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if offset >= timedelta(days=1):
        raise BadRule("its offset is a day")
    return -offset if match[1] == "-" else offset


def _onset(text: str) -> datetime:
    match = _ONSET.fullmatch(text.strip().upper())
    if match is None:
        raise BadRule("its start cannot be read")
    year, month, day, hour, minute, second = map(int, match.groups())
    return datetime.combine(date(year, month, day), time(hour, minute, second))


def zone_key(tzid: str) -> str:
    """What names of one zone have in common, however they are quoted and escaped."""
    return " ".join(tzid.replace("\\", "").strip().strip('"').split()).casefold()


@lru_cache(maxsize=500)
def zone_by_name(tzid: str) -> tzinfo | None:
    """The zone of a TZID that no VTIMEZONE defines: by IANA's name, also after a vendor's
    prefix, by Microsoft's, by an offset, or by the cities that Outlook lists."""
    name = " ".join(tzid.replace("\\", "").strip().strip('"').split())[:200]
    parts = name.split("/")
    known = _WINDOWS.get(name.lower(), "")
    for candidate in (name, known, "/".join(parts[-2:]), "/".join(parts[-3:])):
        if zone := find_zone(_as_spelled(candidate)):
            return zone
    if parts[-1].lower() in ("utc", "z"):
        return find_zone("UTC")
    if match := _NAMED_OFFSET.fullmatch(name.upper()):
        return timezone(_east(*match.groups())) if int(match[2]) <= 14 else None
    return _by_city(name)


def _east(sign: str | None, hours: str | None, minutes: str | None) -> timedelta:
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return -offset if sign == "-" else offset


def _by_city(name: str) -> ZoneInfo | None:
    """The zone of "(UTC+01:00) Amsterdam, Berlin, …", whose winter has that offset."""
    match = _PREFIXED_OFFSET.match(name)
    if match is None:
        return None
    for city in re.split(r"\s*[,;&]\s*", name[match.end() :]):
        zone = find_zone(_cities().get(city.replace(" ", "_").lower(), ""))
        if zone and _winter(zone) == _east(*match.groups()):
            return zone
    return None


def _winter(zone: ZoneInfo) -> timedelta | None:
    offsets = (datetime(2026, month, 15, tzinfo=zone).utcoffset() for month in (1, 7))
    return min((offset for offset in offsets if offset is not None), default=None)


def _as_spelled(name: str) -> str:
    return _spellings().get(name.lower(), name)


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    return {name.lower(): name for name in sorted(available_timezones())}


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    zones = [zone for zone in sorted(available_timezones(), reverse=True) if "/" in zone]
    return {zone.rpartition("/")[2].lower(): zone for zone in zones if zone[:4] != "Etc/"}


def alike(
    zone: tzinfo, name: str, preferred: Iterable[ZoneInfo | None], days: Sequence[datetime]
) -> ZoneInfo | None:
    """The IANA zone by which people can be shown the times of `zone`: one with the same
    offsets all year, else one with the same on these days, which are some."""
    if isinstance(zone, ZoneInfo):
        return zone
    by_name = zone_by_name(name)
    windows = (find_zone(key) for key in dict.fromkeys(WINDOWS_TO_OLSON.values()))
    every = (by_name, *preferred, find_zone("Europe/Berlin"), *windows)
    candidates = [candidate for candidate in every if isinstance(candidate, ZoneInfo)]
    all_year = [days[0].replace(month=m, day=day) for m in range(1, 13) for day in (1, 15)]
    for probes in (all_year, days):
        for candidate in candidates:
            if all(candidate.utcoffset(p) == zone.utcoffset(p) for p in probes):
                return candidate
    return None
