"""iCalendar (RFC 5545): every VEVENT is an entry.

Of the icalendar package, its reading of a line's parameters, durations and Microsoft's
zones are used. Its components would take the whole calendar down over one bad line, and
would evaluate the recurrence rules of any VTIMEZONE, which may run for hours; zones are
found by name instead.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar.parser import Contentline, split_on_unescaped_comma
from icalendar.prop import vDuration
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from fosdembot.settings import ScheduleSettings

from .assemble import (
    LONGEST_NAME,
    LONGEST_TITLE,
    MOST_ENTRIES,
    MOST_PERSONS,
    Assembly,
    TooManyEntries,
)
from .links import talk_rooms
from .model import Schedule, ScheduleError, Talk
from .text import clean, web_address
from .times import LONGEST, BadEntry, Zones, find_zone, parse_moment

_OF_EVENT = {
    "UID", "SUMMARY", "LOCATION", "DTSTART", "DTEND", "DURATION", "URL", "CATEGORIES",
    "ATTENDEE", "CONFERENCE", "STATUS", "RRULE",
}  # fmt: skip
_OF_CALENDAR = {"X-WR-CALNAME", "NAME", "X-WR-TIMEZONE", "TIMEZONE-ID"}
_NAME = re.compile(r"\s*([A-Za-z0-9-]+)\s*[:;]")
# RFC 5545, 3.1, and empty lines before the blank, which some tools write. The look-behind
# keeps a long run of line feeds from being tried at each of them.
_FOLD = re.compile(r"(?<!\n)\n+[ \t]")
_MOST_OF_ONE_KIND = 50
_MOST_ZONES = 100
_LONGEST_LINE = 20_000


@dataclass(slots=True)
class _Property:
    value: str
    """Unescaped."""
    params: dict[str, str]
    raw: str


_Properties = dict[str, list[_Property]]


@dataclass(slots=True)
class _Calendar:
    properties: _Properties = field(default_factory=dict)
    zones: list[str] = field(default_factory=list)
    """The TZID of each VTIMEZONE."""
    events: list[_Properties] = field(default_factory=list)


def read_ical(data: bytes, settings: ScheduleSettings) -> Schedule:
    """Read an iCalendar file. Raises `ScheduleError`."""
    text, warnings = _decode(data)
    calendar = _collect(text)
    zones = Zones.of(_named_zone(calendar), settings)
    if zones.local is None and _all_in_utc(calendar.events):
        zones = Zones(find_zone("UTC"), None)
    assembly = Assembly("ical", zones)
    for warning in warnings:
        assembly.warn(warning)
    reader = _Reader(assembly)
    for event in calendar.events:
        reader.read(event)
    reader.warn()
    name = _text(calendar.properties, "X-WR-CALNAME", LONGEST_TITLE)
    return assembly.schedule(name or _text(calendar.properties, "NAME", LONGEST_TITLE))


def _decode(data: bytes) -> tuple[str, list[str]]:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding), []
    except UnicodeDecodeError:
        return data.decode(encoding, "replace"), ["some characters are no UTF-8, and are lost"]


def _collect(text: str) -> _Calendar:
    calendar = _Calendar()
    inside: list[str] = []
    ended = False
    for name, line in _lines(text):
        match name:
            case "BEGIN":
                inside.append(line.partition(":")[2].strip().upper())
                if inside[-1] == "VEVENT":
                    calendar.events.append({})
                    if len(calendar.events) > MOST_ENTRIES:
                        raise TooManyEntries
            case "END":
                ended = line.partition(":")[2].strip().upper() == "VCALENDAR"
                if inside:
                    inside.pop()
            case "TZID" if inside[-1:] == ["VTIMEZONE"]:
                calendar.zones.append(_property(line).value)
            case _ if inside[-1:] == ["VEVENT"] and name in _OF_EVENT:
                values = calendar.events[-1].setdefault(name, [])
                if len(values) < _MOST_OF_ONE_KIND:
                    values.append(_property(line))
            case _ if inside[-1:] == ["VCALENDAR"] and name in _OF_CALENDAR:
                calendar.properties.setdefault(name, [_property(line)])
    if not ended:
        raise ScheduleError(
            "found iCalendar that breaks off; read is a whole one, up to END:VCALENDAR"
        )
    return calendar


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Each unfolded line, with its name in capitals."""
    for line in _FOLD.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n"):
        if match := _NAME.match(line):
            yield match[1].upper(), line[:_LONGEST_LINE]


def _property(line: str) -> _Property:
    raw = line.partition(":")[2]
    try:
        _, params, value = Contentline(line).parts()  # type: ignore[no-untyped-call]
    except ValueError:
        # Parameters that make no sense: the value is what counts.
        return _Property(raw, {}, raw)
    flat = {key: ",".join(v) if isinstance(v, list) else str(v) for key, v in params.items()}
    return _Property(value, flat, raw)


def _text(properties: _Properties, name: str, limit: int) -> str:
    values = properties.get(name)
    return clean(values[0].value, limit) if values else ""


def _zone(tzid: str) -> ZoneInfo | None:
    """The zone of a TZID: IANA's name, Microsoft's, or IANA's after a vendor's prefix."""
    name = tzid.strip().strip('"')
    parts = name.split("/")
    candidates = [name, WINDOWS_TO_OLSON.get(name, ""), "/".join(parts[-2:]), "/".join(parts[-3:])]
    return next((zone for zone in map(find_zone, candidates) if zone), None)


def _named_zone(calendar: _Calendar) -> ZoneInfo | None:
    """In which the calendar's people read times: as it says, else as most events are in."""
    named = [
        p.value
        for key in ("X-WR-TIMEZONE", "TIMEZONE-ID")
        for p in calendar.properties.get(key, ())
    ]
    starts = [event["DTSTART"][0] for event in calendar.events if "DTSTART" in event]
    used = Counter(start.params["TZID"] for start in starts if "TZID" in start.params)
    by_use = sorted(used, key=lambda tzid: (-used[tzid], tzid))[:_MOST_ZONES]
    defined = calendar.zones if len(set(calendar.zones)) == 1 else []
    return next((zone for zone in map(_zone, [*named, *by_use, *defined]) if zone), None)


def _all_in_utc(events: Iterable[_Properties]) -> bool:
    starts = [event["DTSTART"][0].value.strip() for event in events if "DTSTART" in event]
    times = [start for start in starts if "T" in start.upper()]
    return bool(times) and all(start.upper().endswith("Z") for start in times)


class _Reader:
    """Reads the events of one calendar into an assembly."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self._cancelled = 0
        self._repeating = 0
        self._zones: dict[str, ZoneInfo | None] = {}

    def read(self, event: _Properties) -> None:
        """Add one event, or note why not."""
        if _text(event, "STATUS", 20).upper() == "CANCELLED":
            self._cancelled += 1
            return
        self._repeating += "RRULE" in event
        try:
            self._add(event)
        except BadEntry as why:
            self._assembly.skip(repr(_text(event, "SUMMARY", 80)), why)

    def warn(self) -> None:
        """Tell what was odd in the events read."""
        if self._cancelled:
            self._assembly.warn(f"{self._cancelled} cancelled entries are left out")
        if self._repeating:
            self._assembly.warn(
                f"{self._repeating} entries repeat by a rule (RRULE); the first time alone is read"
            )
        for name, zone in sorted(self._zones.items()):
            if zone is None:
                what = f"the time zone {clean(name, 60)!r} is not known"
                self._assembly.warn(f"{what}; read as the calendar's")

    def _add(self, event: _Properties) -> None:
        if "DTSTART" not in event:
            raise BadEntry("it has no start")
        uid = _text(event, "UID", LONGEST_NAME)
        start, all_day = self._moment(event["DTSTART"][0])
        chat, hallway, astray = talk_rooms(_links(event.get("CONFERENCE", ())))
        talk = Talk(
            guid=uid,
            id=uid,
            title=_text(event, "SUMMARY", LONGEST_TITLE) or "Untitled",
            start=start,
            duration=self._duration(event, start, all_day),
            room=_text(event, "LOCATION", LONGEST_NAME),
            track=_track(event),
            url=web_address(event["URL"][0].value) if "URL" in event else "",
            persons=_persons(event),
            chat_room=chat,
            hallway=hallway,
        )
        self._assembly.add(talk, None, astray)

    def _moment(self, published: _Property) -> tuple[datetime, bool]:
        """The moment in UTC, and whether it is a whole day."""
        moment = parse_moment(published.value)
        if not isinstance(moment, datetime):
            return self._assembly.zones.utc(datetime.combine(moment, time())), True
        tzid = published.params.get("TZID", "")
        if tzid and moment.tzinfo is None:
            if tzid not in self._zones and len(self._zones) < _MOST_ZONES:
                self._zones[tzid] = _zone(tzid)
            moment = moment.replace(tzinfo=self._zones.get(tzid))
        return self._assembly.zones.utc(moment), False

    def _duration(self, event: _Properties, start: datetime, all_day: bool) -> timedelta:
        """The duration; 0 where none can be read: the assembly says so, the entry stays.

        A whole day without an end is one day (RFC 5545, 3.6.1).
        """
        duration = timedelta(days=1 if all_day else 0)
        try:
            if "DTEND" in event:
                duration = self._moment(event["DTEND"][0])[0] - start
            elif "DURATION" in event:
                text = event["DURATION"][0].value.strip()
                duration = vDuration.from_ical(text)  # type: ignore[no-untyped-call]
        except (ValueError, OverflowError):
            pass
        return min(max(duration, timedelta()), LONGEST)


def _track(event: _Properties) -> str:
    categories = event.get("CATEGORIES")
    return clean(split_on_unescaped_comma(categories[0].raw)[0], LONGEST_NAME) if categories else ""


def _persons(event: _Properties) -> tuple[str, ...]:
    """The names of the event's participants; addresses, which some tools put there, are none."""
    names = (clean(person.params.get("CN"), LONGEST_NAME) for person in event.get("ATTENDEE", ()))
    return tuple(dict.fromkeys(n for n in names if n and "@" not in n))[:MOST_PERSONS]


def _links(conferences: Iterable[_Property]) -> Iterator[tuple[str, str]]:
    """The labelled addresses of RFC 7986, 5.11; its feature CHAT says as much as a label."""
    for conference in conferences:
        chat = "CHAT" in conference.params.get("FEATURE", "").upper()
        yield conference.params.get("LABEL") or ("Chat room" if chat else ""), conference.value
