"""The way in: the bytes of a published schedule become a `Schedule`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from fosdembot.settings import ScheduleSettings

from .frab_json import read_json
from .frab_xml import read_xml
from .model import Schedule, ScheduleError
from .overlaps import overlap_warning
from .text import clean

READ = "read are frab's XML, schedule.json and iCalendar"
RULES = 2
"""Raised with a version that reads, or recognises, the same bytes otherwise than the one
before: what is published is then looked at again."""
_MARKS_OF_ORDER = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_STARTS_OF_OTHERS = ("<?xml", "<schedule", "<!--", "{", "[")
# What a web server's language complains of comes before what it publishes.
_CALENDAR_AFTER_JUNK = re.compile(
    r"BEGIN:VCALENDAR\s*[\r\n]\s*(BEGIN:|[A-Z-]+[;:])", re.IGNORECASE | re.ASCII
)
_COMPRESSED = {b"\x1f\x8b": "gzip", b"PK": "zip", b"BZ": "bzip2", b"\xfd7": "xz"}


def read(data: bytes, settings: ScheduleSettings) -> Schedule:
    """Read a published schedule, whatever its format, which its content tells.

    Of the settings, `zone` and `zone_overrides` count, and `longest_talk_hours` for a
    warning. Raises `ScheduleError`, and nothing else, whatever `data` holds.
    """
    try:
        schedule = _reader(data)(data, settings)
        overlaps = overlap_warning(schedule, timedelta(hours=settings.longest_talk_hours))
        return _warned(schedule, overlaps) if overlaps else schedule
    except ScheduleError:
        raise
    except Exception as err:
        # The last resort: a document that a parser chokes on in a new way must not stop
        # the bot, which goes on with the last good schedule. The cause stays attached.
        raise ScheduleError(
            f"the schedule cannot be read ({type(err).__name__}: {clean(str(err), 80)}); {READ}"
        ) from err


def _warned(schedule: Schedule, warning: str) -> Schedule:
    """The schedule with one more warning: behind those that make every time wrong, and
    before the line that counts the others."""
    end = len(schedule.warnings) - (1 if schedule.left_out else 0)
    before, after = schedule.warnings[:end], schedule.warnings[end:]
    return replace(schedule, warnings=(*before, warning, *after))


def _reader(data: bytes) -> Callable[[bytes, ScheduleSettings], Schedule]:
    encoding = _MARKS_OF_ORDER.get(data[:2]) or _MARKS_OF_ORDER.get(data[:3], "utf-8")
    head = data[:2000].decode(encoding, "replace").lstrip()
    start = head[:40].lower()
    if start.startswith("begin:vcalendar"):
        return _ical_reader()
    if start.startswith(("<!doctype html", "<html")):
        raise ScheduleError(f"found a web page (HTML); {READ}")
    if not start.startswith(_STARTS_OF_OTHERS) and _CALENDAR_AFTER_JUNK.search(head):
        return _ical_reader()
    if start.startswith("<"):
        return read_xml
    if start.startswith(("{", "[")):
        return read_json
    raise ScheduleError(f"found {_description(data, head)}; {READ}")


def _ical_reader() -> Callable[[bytes, ScheduleSettings], Schedule]:
    # The library takes 3 MB of memory, and most schedules are in another format.
    from .ical import read_ical

    return read_ical


def _description(data: bytes, head: str) -> str:
    if not data.strip():
        return "nothing: it is empty"
    if data[:2] in _COMPRESSED:
        return f"compressed data ({_COMPRESSED[data[:2]]})"
    if "\x00" in head or head.count("\ufffd") > 4:
        return "binary data"
    return f"text that starts with {clean(head, 40)!r}"
