"""iCalendar's text (RFC 5545, 3.1): from bytes to the properties of events and zones.

What tools and people write does not always begin and end as it should. No event is lost
over that in silence: what was put right is told.

Of the icalendar package, its reading of a line's parameters is used. Its components would
take the whole calendar down over one bad line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from icalendar.parser import Contentline

from .assemble import MOST_ENTRIES, TooManyEntries
from .model import ScheduleError
from .text import clean

_OF_EVENT = {
    "UID", "SUMMARY", "LOCATION", "DTSTART", "DTEND", "DURATION", "URL", "CATEGORIES", "ATTENDEE",
    "CONFERENCE", "LINK", "ATTACH", "STATUS", "SEQUENCE", "RECURRENCE-ID", "RRULE", "EXRULE",
    "RDATE", "EXDATE",
}  # fmt: skip
_OF_CALENDAR = {"X-WR-CALNAME", "NAME", "X-WR-TIMEZONE", "TIMEZONE-ID"}
_OF_OBSERVANCE = {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"}
_LISTS_OF_DATES = {"RDATE", "EXDATE"}
_NAME = re.compile(r"\s*([A-Za-z0-9-]+)\s*[:;]")
_BORDER = re.compile(
    r"\s*(BEGIN|END)\s*:\s*"
    r"(VEVENT|VCALENDAR|VTIMEZONE|VALARM|VTODO|VJOURNAL|VFREEBUSY|STANDARD|DAYLIGHT|[A-Z0-9-]+)",
    re.ASCII | re.IGNORECASE,
)
_BORDER_AFTER_JUNK = re.compile(
    r"[^:;]{1,500}?(BEGIN|END)\s*:\s*(VEVENT|VCALENDAR)", re.ASCII | re.IGNORECASE
)
# Empty lines before the blank, too, which some tools write. The look-behind keeps a long
# run of line feeds from being tried at each of them. An entry's border is no line's rest.
_FOLD = re.compile(r"(?<!\n)\n+[ \t](?![ \t]*(?:BEGIN|END):VEVENT[ \t]*\n)")
_FOLD_IN_BYTES = re.compile(_FOLD.pattern.encode())
# Files set in like program text have no folds.
_SET_IN = re.compile(rb"\n[ \t]+BEGIN:VEVENT[ \t]*\n[ \t]+[A-Z]")
# A date after a zone's name that holds a colon and stands there without quotes.
_ZONE_WITH_COLON = re.compile(
    r";TZID=([^\";]+)(?:;[A-Z-]+=[^:;\"]*)*:([0-9TZ,/PDHMSW+-]+)", re.IGNORECASE
)
# Most lines: one short parameter or none, and nothing that is quoted or escaped.
_PLAIN_LINE = re.compile(
    r"[A-Z][A-Z-]*(?:;([A-Z][A-Z-]*)=([A-Za-z0-9/_-]+))?:([^\\%]*)", re.ASCII | re.DOTALL
)
_MOST_OF_ONE_KIND = 50
_MOST_LISTS_OF_DATES = 2000
_LONGEST_LINE = 20_000
_LONGEST_LIST_OF_DATES = 400_000
_MOST_BORDERS_A_LINE = 20
_MOST_CALENDARS = 500
_MOST_ZONES = 200
_MOST_OBSERVANCES = 500


class Property:
    """A line of text, read when it is needed: most are not."""

    __slots__ = ("_line", "_parts")

    def __init__(self, line: str) -> None:
        self._line = line
        self._parts: tuple[str, dict[str, str]] | None = None

    @property
    def value(self) -> str:
        """Unescaped."""
        return self._read()[0]

    @property
    def params(self) -> dict[str, str]:
        return self._read()[1]

    @property
    def raw(self) -> str:
        """The value, as it is escaped."""
        if match := _zone_with_colon(self._line):
            return match[2]
        return self._line.partition(":")[2]

    def _read(self) -> tuple[str, dict[str, str]]:
        if self._parts is None:
            self._parts = _parts(self._line)
        return self._parts


Properties = dict[str, list[Property]]


@dataclass(slots=True)
class ZoneDefinition:
    """A VTIMEZONE."""

    tzid: str = ""
    observances: list[Properties] = field(default_factory=list)
    """Each STANDARD and DAYLIGHT."""


@dataclass(slots=True)
class Calendar:
    """One VCALENDAR; a file may hold several."""

    properties: Properties = field(default_factory=dict)
    zones: list[ZoneDefinition] = field(default_factory=list)


@dataclass(slots=True)
class Event:
    properties: Properties
    calendar: Calendar

    def text(self, name: str, limit: int) -> str:
        return text_of(self.properties, name, limit)


@dataclass(slots=True)
class Contents:
    """What a file holds, and what is odd in how it is written."""

    calendars: list[Calendar]
    events: list[Event]
    warnings: list[str]


def read_text(data: bytes) -> Contents:
    """Read the bytes of an iCalendar file. Raises `ScheduleError` where it breaks off."""
    text, warnings = _unfolded(data)
    parser = _Parser()
    for line in text.split("\n"):
        parser.read(line)
    parser.close()
    return Contents(parser.calendars, parser.events, [*warnings, *parser.warnings()])


def text_of(properties: Properties, name: str, limit: int) -> str:
    values = properties.get(name)
    return clean(values[0].value, limit) if values else ""


def _unfolded(data: bytes) -> tuple[str, list[str]]:
    """The text with its lines whole. They are folded by bytes, also within a character."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace").replace("\r\n", "\n").replace("\r", "\n")
        text = _FOLD.sub("", text)
        lost = "\ufffd" in text
    else:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        set_in = _SET_IN.search(data) and b"\nBEGIN:VEVENT" not in data
        data = re.sub(rb"\n[ \t]+", b"\n", data) if set_in else _FOLD_IN_BYTES.sub(b"", data)
        try:
            text, lost = data.decode("utf-8-sig"), False
        except UnicodeDecodeError:
            text, lost = data.decode("utf-8-sig", "replace"), True
    return text, ["some characters are no UTF-8, and are lost"] if lost else []


class _Parser:
    """Takes line after line; an event that begins or ends badly is taken as far as it goes."""

    def __init__(self) -> None:
        self.calendars: list[Calendar] = []
        self.events: list[Event] = []
        self._inside: list[str] = []
        self._open: Counter[str] = Counter()
        self._calendar = Calendar()
        self._event: Properties | None = None
        self._stray: Properties = {}
        """Properties as an event has them, but outside of one."""
        self._mended: list[Event] = []
        self._outside: list[Event] = []
        self._ends_of_nothing = 0

    def read(self, line: str) -> None:
        for _ in range(_MOST_BORDERS_A_LINE):
            border = _BORDER.match(line)
            junk = border is None and line[-20:].rstrip().upper().endswith(("VEVENT", "VCALENDAR"))
            if junk:
                border = _BORDER_AFTER_JUNK.fullmatch(line.rstrip())
            if border is None:
                self._property(line)
                return
            name = border[2].upper()
            if border[1].upper() == "BEGIN":
                self._begin(name)
            else:
                self._end(name)
            # Behind it should be nothing; where there is, it may be what comes next.
            line = line.rstrip()[border.end() :]
            if name == "VEVENT" and (junk or line.strip()):
                self._note_mended()
            if not line:
                return

    def _begin(self, name: str) -> None:
        if name in ("VEVENT", "VCALENDAR"):
            if self._event is not None:
                self._note_mended()
                self._leave("VEVENT")
                self._event = None
            self._take_stray("DTSTART")
        if name == "VCALENDAR":
            self._inside.clear()
            self._open.clear()
            if len(self.calendars) < _MOST_CALENDARS:
                self._calendar = Calendar()
                self.calendars.append(self._calendar)
        elif name == "VEVENT":
            self._event = {}
            self._add_event(self._event)
            if not self._open["VCALENDAR"]:
                self._outside.append(self.events[-1])
        elif name == "VTIMEZONE":
            self._calendar.zones[_MOST_ZONES:] = []
            self._calendar.zones.append(ZoneDefinition())
        elif name in ("STANDARD", "DAYLIGHT") and self._zone is not None:
            self._zone.observances[_MOST_OBSERVANCES:] = []
            self._zone.observances.append({})
        self._inside.append(name)
        self._open[name] += 1

    def _end(self, name: str) -> None:
        if name == "VCALENDAR" and self._event is None:
            self._take_stray("DTSTART")
        if not self._open[name]:
            self._end_of_nothing(name)
            return
        whole = self._inside[-1] == name
        self._leave(name)
        if self._event is not None and not self._open["VEVENT"]:
            self._event = None
            if not (whole and name == "VEVENT"):
                self._note_mended()

    def _end_of_nothing(self, name: str) -> None:
        if self._event is not None:
            self._note_mended()
        elif name == "VEVENT" and not self._take_stray("DTSTART", "SUMMARY", "UID"):
            self._ends_of_nothing += 1

    def _leave(self, name: str) -> None:
        """Leave this component, which is open, and those within it."""
        last = ""
        while last != name:
            last = self._inside.pop()
            self._open[last] -= 1

    def _note_mended(self) -> None:
        if self.events and (not self._mended or self._mended[-1] is not self.events[-1]):
            self._mended.append(self.events[-1])

    def _take_stray(self, *telling: str) -> bool:
        """Make an event of what stands outside of one, if a telling property is among it."""
        stray, self._stray = self._stray, {}
        if not any(name in stray for name in telling):
            return False
        # A calendar may have a UID and a URL as well, which come first.
        single = {name: stray[name][-1:] for name in ("UID", "URL", "CATEGORIES") if name in stray}
        self._add_event(stray | single)
        self._note_mended()
        return True

    def _add_event(self, properties: Properties) -> None:
        self.events.append(Event(properties, self._calendar))
        if len(self.events) > MOST_ENTRIES:
            raise TooManyEntries

    @property
    def _zone(self) -> ZoneDefinition | None:
        zones = self._calendar.zones
        return zones[-1] if zones and self._open["VTIMEZONE"] else None

    def _property(self, line: str) -> None:
        match = _NAME.match(line)
        if match is None:
            return
        name = match[1].upper()
        within = self._inside[-1] if self._inside else ""
        if within == "VEVENT" and self._event is not None:
            if name in _OF_EVENT:
                _put(self._event, name, line)
        elif within in ("STANDARD", "DAYLIGHT"):
            if name in _OF_OBSERVANCE and self._zone and self._zone.observances:
                _put(self._zone.observances[-1], name, line)
        elif within == "VTIMEZONE":
            if name == "TZID" and self._zone and not self._zone.tzid:
                self._zone.tzid = Property(line[:_LONGEST_LINE]).value[:200]
        elif within in ("VCALENDAR", ""):
            if name in _OF_CALENDAR:
                _put(self._calendar.properties, name, line)
            elif name in _OF_EVENT:
                _put(self._stray, name, line)

    def close(self) -> None:
        """Raises `ScheduleError` where something that began has no end."""
        if self._open["VCALENDAR"] or self._event is not None or not self.calendars:
            raise ScheduleError(
                "found iCalendar that breaks off; read is a whole one, up to END:VCALENDAR"
            )
        self._take_stray("DTSTART")

    def warnings(self) -> Iterator[str]:
        if self._mended:
            yield (
                f"entries with a broken BEGIN:VEVENT or END:VEVENT: {len(self._mended)}; read as"
                f" far as they go, first: {_title(self._mended)!r}"
            )
        if self._outside:
            yield (
                "entries outside of BEGIN:VCALENDAR and END:VCALENDAR:"
                f" {len(self._outside)}; read all the same, first: {_title(self._outside)!r}"
            )
        if self._ends_of_nothing:
            ends = self._ends_of_nothing
            yield f"END:VEVENT without a beginning: {ends}; an entry may be missing"


def _title(events: list[Event]) -> str:
    return events[0].text("SUMMARY", 80) or "Untitled"


def _put(properties: Properties, name: str, line: str) -> None:
    values = properties.setdefault(name, [])
    if name in _LISTS_OF_DATES:
        if len(values) < _MOST_LISTS_OF_DATES:
            values.append(Property(line[:_LONGEST_LIST_OF_DATES]))
    elif len(values) < _MOST_OF_ONE_KIND:
        values.append(Property(line[:_LONGEST_LINE]))


def _zone_with_colon(line: str) -> re.Match[str] | None:
    # From the first parameter of that name alone: from each, long lines would take long.
    at = line.upper().find(";TZID=")
    if at < 0 or ":" in line[:at]:
        return None
    return _ZONE_WITH_COLON.fullmatch(line.rstrip(), at)


def _parts(line: str) -> tuple[str, dict[str, str]]:
    """The value, and the parameters by name."""
    if match := _zone_with_colon(line):
        return match[2], {"TZID": match[1]}
    if match := _PLAIN_LINE.fullmatch(line):
        return match[3], {match[1]: match[2]} if match[1] else {}
    # The library looks at each character by itself, which takes ten times as long.
    try:
        _, params, value = Contentline(line).parts()  # type: ignore[no-untyped-call]
    except ValueError:
        # Parameters that make no sense: the value is what counts.
        return line.partition(":")[2], {}
    flat = {key: ",".join(v) if isinstance(v, list) else str(v) for key, v in params.items()}
    return value, flat
