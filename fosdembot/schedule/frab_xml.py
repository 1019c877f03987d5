"""The XML of pentabarf, frab, pretalx, wafer and FOSDEM (https://c3voc.de/wiki/schedule).

Events stand in `<day><room>`, in old files directly in `<day>`. The document is read in
one pass, without building its tree: biographies and abstracts are most of it.
"""

from __future__ import annotations

import re
from typing import Any
from xml.parsers.expat import ExpatError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser

from fosdembot.settings import ScheduleSettings

from .assemble import LONGEST_NAME, MOST_ENTRIES, MOST_PERSONS, TooManyEntries
from .frab import MOST_LINKS, Row, read_rows
from .model import Schedule, ScheduleError
from .text import clean

_OF_CONFERENCE = {"title", "time_zone_name", "day_change"}
_OF_EVENT = {
    "guid", "id", "date", "start", "end", "duration", "room", "slug", "url", "title", "subtitle",
    "track", "type", "language", "do_not_record", "video_download_url",
}  # fmt: skip
_LINKS = {"link": "links", "attachment": "attachments"}
_OF_PERSON = {"name", "public_name"}
# XML 1.0, 2.2: these may not occur, neither raw nor as a reference.
_FORBIDDEN = bytes({*range(32)} - {*b"\t\n\r"})
_FORBIDDEN_REFERENCE = re.compile(
    rb"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcBC]|[eE]|[fF]|1[0-9a-fA-F]));"
)
_CONFLICT = re.compile(rb"(?:<{7}|>{7}) ")


def read_xml(data: bytes, settings: ScheduleSettings) -> Schedule:
    """Read a schedule in XML. Raises `ScheduleError`.

    Characters that XML forbids are taken out, with a warning: they come from what
    people paste, and a conference should not lose its schedule over one.
    """
    warnings = []
    try:
        document = _parse(data)
    except _NotWellFormed as err:
        without = data.translate(None, _FORBIDDEN)
        repaired, references = _FORBIDDEN_REFERENCE.subn(b"", without)
        removed = len(data) - len(without) + references
        if not removed or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise ScheduleError(err.describe(data)) from None
        try:
            document = _parse(repaired)
        except _NotWellFormed as second:
            raise ScheduleError(second.describe(repaired)) from None
        warnings.append(f"took out {removed} characters that XML does not allow")
    return read_rows("xml", document.conference, document.rows, settings, warnings)


class _NotWellFormed(Exception):
    def __init__(self, line: int, column: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.column = line, column
        self.reason = clean(reason.partition(":")[0], 80)

    def describe(self, data: bytes) -> str:
        lines = data.splitlines()
        line = lines[self.line - 1] if 0 < self.line <= len(lines) else b""
        what = "a merge conflict marker, " if _CONFLICT.match(line) else ""
        text = clean(line[:60].decode(errors="replace"), 40)
        return (
            f"found XML that is not well-formed at line {self.line}, column {self.column + 1}:"
            f" {what}{text!r} ({self.reason}); read is frab's XML"
        )


def _parse(data: bytes) -> _Document:
    document = _Document()
    parser = XMLParser(target=document, forbid_entities=True, forbid_external=True)
    # Its own handlers, in Python, would make each element's attributes a mapping for `document`.
    expat: Any = parser.parser
    expat.ordered_attributes = False
    expat.StartElementHandler, expat.EndElementHandler = document.start, document.end
    try:
        parser.feed(data)
        parser.close()
    except DefusedXmlException as err:
        what = clean(type(err).__name__, 40)
        raise ScheduleError(
            f"found XML that may be an attack ({what}); read is XML without entities"
        ) from None
    except ParseError as err:
        raise _NotWellFormed(*err.position, str(err)) from None
    except ExpatError as err:
        raise _NotWellFormed(err.lineno, err.offset, str(err)) from None
    except (ValueError, LookupError) as err:
        raise ScheduleError(
            f"found XML that cannot be decoded ({clean(str(err), 80)}); read is UTF-8"
        ) from None
    document.check()
    return document


class _Document:
    """Takes the parser's events (the target interface of ElementTree's XMLParser)."""

    def __init__(self) -> None:
        self.conference: dict[str, str] = {}
        self.rows: list[Row] = []
        self._path: list[str] = []
        self._tags: dict[str, None] = {}
        self._day: dict[str, str] = {}
        self._room = ""
        self._event: dict[str, Any] | None = None
        self._event_depth = 0
        self._text: list[str] | None = None
        self._text_depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition("}")[2]
        self._path.append(tag)
        if self._event is not None:
            self._start_in_event(tag, attributes)
        elif tag == "event":
            self._start_event(attributes)
        elif tag == "day":
            keys = {"date": "date", "start": "day_start", "end": "day_end"}
            self._day = {key: attributes.get(attribute, "") for attribute, key in keys.items()}
        elif tag == "room":
            self._room = clean(attributes.get("name"), LONGEST_NAME)
        elif tag in _OF_CONFERENCE and len(self._path) == 3 and self._path[1] == "conference":
            self._listen()
        if len(self._path) <= 4 and (len(self._tags) < 12 or tag == "conference"):
            self._tags[tag] = None

    def _start_event(self, attributes: dict[str, str]) -> None:
        if len(self.rows) >= MOST_ENTRIES:
            raise TooManyEntries
        self._event = {"persons": [], "links": [], "attachments": []}
        self._event.update((key, attributes[key]) for key in ("guid", "id") if key in attributes)
        self._event_depth = len(self._path)

    def _start_in_event(self, tag: str, attributes: dict[str, str]) -> None:
        assert self._event is not None
        level, parent = len(self._path) - self._event_depth, self._path[-2]
        if level == 1:
            if tag in _OF_EVENT or tag == "person":
                self._listen()
        elif level == 2 and parent == _LINKS.get(tag):
            if len(self._event[parent]) < MOST_LINKS:
                link = {"url": attributes.get("href", ""), "type": attributes.get("type", "")}
                self._event[parent].append(link)
                self._listen()
        elif (
            (tag == "person" and level == 2)
            or (tag in _OF_PERSON and level == 3 and parent == "person")
            or (tag == "optout" and level == 2 and parent == "recording")
        ):
            self._listen()

    def _listen(self) -> None:
        self._text, self._text_depth = [], len(self._path)

    def data(self, text: str) -> None:
        if self._text is not None and self._text_depth == len(self._path):
            self._text.append(text)

    def end(self, _name: str) -> None:
        tag, depth = self._path[-1], len(self._path)
        if self._text is not None and depth == self._text_depth:
            self._take(tag, "".join(self._text))
            self._text = None
        self._path.pop()
        if self._event is not None and depth == self._event_depth:
            self.rows.append(Row(self._day, self._room, self._event))
            self._event = None
        elif self._event is None and tag == "room":
            self._room = ""

    def _take(self, tag: str, text: str) -> None:
        if self._event is None:
            self.conference[tag] = text
        elif tag in _LINKS:
            self._event[_LINKS[tag]][-1]["title"] = text
        elif tag == "optout":
            self._event["recording"] = {"optout": text}
        elif tag == "person" or tag in _OF_PERSON:
            if len(self._event["persons"]) < MOST_PERSONS:
                self._event["persons"].append(text)
        elif tag in _OF_EVENT and not self._event.get(tag):
            self._event[tag] = text

    def check(self) -> None:
        """Refuse other dialects; a frab schedule may still be without events."""
        tags = list(self._tags)
        if tags[0] != "schedule" or not (self.rows or "conference" in tags):
            found = ", ".join(f"<{clean(tag, 40)}>" for tag in tags[:6])
            raise ScheduleError(
                f"found XML with {found}; read is frab's, with <schedule>, <day>, <room>, <event>"
            )
