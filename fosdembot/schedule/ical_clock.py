"""The dates and times of one iCalendar file, each in the zone in which it is meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from fosdembot.settings import ScheduleSettings

from .ical_text import Calendar, Contents, Event, Property, ZoneDefinition
from .ical_zones import DefinedZone, alike, ruled_zone, zone_by_name, zone_key
from .model import ZoneMissing
from .recurrence import FOLLOWED_YEARS
from .text import clean
from .times import YEARS, BadEntry, Zones, find_zone, names_utc, parse_moment

_MOST_RULE_YEARS = 20_000
"""All zones' rules times the years in which each is followed: half a second's work."""
_MOST_NAMES = 200
_NOON = time(12)


@dataclass(frozen=True, slots=True)
class Clock:
    """A date or time as it was published."""

    wall: datetime
    """Naive: the digits."""
    zone: tzinfo | None = None
    """None: none is named, or what is named is not known."""
    whole_day: bool = False


class Clocks:
    """Reads the times of one file. What is odd about its zones is in `warnings`."""

    def __init__(self, contents: Contents, settings: ScheduleSettings) -> None:
        self._definitions: dict[str, ZoneDefinition] = {}
        """By the name alone, where a calendar uses what another of the same file defines."""
        for calendar in contents.calendars:
            for zone in calendar.zones:
                self._definitions.setdefault(zone_key(zone.tzid), zone)
        self._rule_years = 0
        self._found: dict[tuple[int, str], tzinfo | None] = {}
        self._shown: dict[tzinfo, ZoneInfo | None] = {}
        self._unknown: Counter[str] = Counter()
        self._disputed: dict[str, bool] = {}
        self._days = _days(contents)
        self._years = _years(contents, self._days)
        self._configured = find_zone(settings.zone)
        self._main: tzinfo | None = None
        """Of most entries, also where it has no name that we know."""
        self._unknown_of_calendar = ""
        named = self._named(contents)
        self.zones = Zones.of(named, settings, self._unknown_of_calendar)
        if self.zones.local is None and _all_in_utc(contents):
            self.zones = Zones(find_zone("UTC"), None)
        several = len(contents.calendars) > 1
        self._declared = {
            id(calendar): self._declared_zone(calendar) if several else None
            for calendar in contents.calendars
        }

    def read(self, published: Property, calendar: Calendar, text: str | None = None) -> Clock:
        """Read a date and time, or of a list the one that reads `text`. Raises `BadEntry`."""
        moment = parse_moment(published.value if text is None else text)
        if not isinstance(moment, datetime):
            return Clock(datetime.combine(moment, time()), None, True)
        if moment.tzinfo is not None:
            return Clock(moment.replace(tzinfo=None), moment.tzinfo)
        tzid = published.params.get("TZID", "")
        if not tzid:
            return Clock(moment, self._declared.get(id(calendar)))
        zone = self.find(tzid, calendar)
        if zone is None:
            self._unknown[clean(tzid, 60)] += 1
            zone = self._instead(tzid)
        elif isinstance(zone, DefinedZone) and zone.disputed(moment):
            self._disputed[clean(tzid, 60)] = zone.by_rules(moment)
        return Clock(moment, zone)

    def utc(self, wall: datetime, zone: tzinfo | None) -> datetime:
        """Raises `ZoneMissing`."""
        return self.zones.utc(wall.replace(tzinfo=zone), self._main)

    def offset(self, wall: datetime, zone: tzinfo | None) -> timedelta:
        return wall - self.utc(wall, zone).replace(tzinfo=None)

    def on_the_wall(self, clock: Clock, zone: tzinfo | None) -> datetime:
        """What `clock` reads in another zone."""
        if clock.zone is None or clock.zone is zone or self.zones.overrides:
            return clock.wall
        there = zone or self.zones.local or self._main
        return self.utc(clock.wall, clock.zone).astimezone(there).replace(tzinfo=None)

    def warnings(self) -> list[str]:
        taken = self._configured or self.zones.local
        instead = taken.key if taken else "the zone of the others"
        help_ = "" if self._configured else "; schedule.zone would come first"
        told = [
            f"the time zone {name!r} is not known, {count} times; read in {instead}{help_}"
            for name, count in sorted(self._unknown.items())
        ]
        if name := self._unknown_of_calendar:
            told.append(f"the calendar names the time zone {name!r}, which is not known")
        for name, by_rules in sorted(self._disputed.items()):
            counts = "its rules count" if by_rules else "the known zone counts"
            told.append(
                f"the calendar defines {name!r} otherwise than the zone of that name is; {counts}"
            )
        return told

    def find(self, tzid: str, calendar: Calendar) -> tzinfo | None:
        """The zone of a TZID: as the calendar defines it, else by its name."""
        key = (id(calendar), zone_key(tzid))
        if key not in self._found and len(self._found) < _MOST_NAMES:
            self._found[key] = self._zone(tzid, calendar)
        return self._found.get(key)

    def _zone(self, tzid: str, calendar: Calendar) -> tzinfo | None:
        key, known = zone_key(tzid), zone_by_name(tzid)
        own = (zone for zone in calendar.zones if zone_key(zone.tzid) == key)
        definition = next(own, self._definitions.get(key))
        if definition is None:
            return known
        self._rule_years += len(self._years) * sum("RRULE" in o for o in definition.observances)
        rules = (
            ruled_zone(definition, self._years) if self._rule_years <= _MOST_RULE_YEARS else None
        )
        if rules is None or known is None:
            return rules or known
        return DefinedZone(rules, known)

    def _instead(self, tzid: str) -> tzinfo:
        """In which zone to read what is in a zone that nobody knows."""
        zone = self._configured or self.zones.local or self._main
        if zone is None:
            raise ZoneMissing(
                f"the schedule has times in the time zone {clean(tzid, 60)!r}, which is not known"
            )
        return zone

    def _named(self, contents: Contents) -> ZoneInfo | None:
        """In which the calendar's people read times: that of most entries, else as it says."""
        starts = [event.properties["DTSTART"][0] for event in _dated(contents)]
        used = Counter(
            (zone_key(start.params["TZID"]), id(event.calendar))
            for event, start in zip(_dated(contents), starts, strict=True)
            if "TZID" in start.params
        )
        calendars = {id(calendar): calendar for calendar in contents.calendars}
        names = {zone_key(s.params["TZID"]): s.params["TZID"] for s in starts if "TZID" in s.params}
        by_use = [
            (names[key], calendars.get(at, Calendar()), count)
            for (key, at), count in sorted(used.items(), key=lambda item: (-item[1], item[0][0]))
        ][:_MOST_NAMES]
        if by_use and by_use[0][2] * 2 > sum("T" in start.value.upper() for start in starts):
            self._main = self.find(*by_use[0][:2])
            if self._main is not None and not _is_utc(self._main):
                return self._alike(self._main, by_use[0][0])
        for calendar in contents.calendars:
            if zone := self._declared_zone(calendar):
                return zone
        for tzid, calendar, _count in by_use:
            if zone := self._alike(self.find(tzid, calendar), tzid):
                return zone
        return self._only_defined(contents)

    def _declared_zone(self, calendar: Calendar) -> ZoneInfo | None:
        for key in ("X-WR-TIMEZONE", "TIMEZONE-ID"):
            for declared in calendar.properties.get(key, ()):
                if zone := self._alike(self.find(declared.value, calendar), declared.value):
                    return zone
                self._unknown_of_calendar = clean(declared.value, 60)
        return None

    def _only_defined(self, contents: Contents) -> ZoneInfo | None:
        defined = [(zone.tzid, c) for c in contents.calendars for zone in c.zones if zone.tzid]
        if len({zone_key(tzid) for tzid, _ in defined}) != 1:
            return None
        return self._alike(self.find(*defined[0]), defined[0][0])

    def _alike(self, zone: tzinfo | None, tzid: str) -> ZoneInfo | None:
        if zone is None:
            return None
        if zone not in self._shown:
            self._shown[zone] = alike(zone, tzid, (self._configured,), self._days)
        return self._shown[zone]


def _dated(contents: Contents) -> list[Event]:
    return [event for event in contents.events if "DTSTART" in event.properties]


def _days(contents: Contents) -> list[datetime]:
    """The days on which entries start, some of them, in order."""
    days = set()
    for event in _dated(contents):
        with suppress(BadEntry):
            moment = parse_moment(event.properties["DTSTART"][0].value)
            days.add(date(moment.year, moment.month, moment.day))
    ordered = [datetime.combine(day, _NOON) for day in sorted(days) or [date(YEARS[0], 1, 1)]]
    return ordered[:50] + ordered[50:][-1:]


def _years(contents: Contents, days: Sequence[datetime]) -> range:
    """The years in which zones must be right."""
    repeats = any({"RRULE", "RDATE"} & event.properties.keys() for event in contents.events)
    return range(days[0].year, days[-1].year + (FOLLOWED_YEARS if repeats else 0) + 2)


def _all_in_utc(contents: Contents) -> bool:
    starts = [event.properties["DTSTART"][0].value.strip() for event in _dated(contents)]
    times = [start for start in starts if "T" in start.upper()]
    return bool(times) and all(start.upper().endswith("Z") for start in times)


def _is_utc(zone: tzinfo) -> bool:
    return isinstance(zone, ZoneInfo) and names_utc(zone)
