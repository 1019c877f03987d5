"""What frab's XML and JSON have in common: the fields of days and events, and their times.

Both readers bring days and events as mappings with the keys of the JSON
(https://c3voc.de/wiki/schedule); values may be anything that JSON can hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from fosdembot.settings import ScheduleSettings

from .assemble import LONGEST_NAME, LONGEST_TITLE, MOST_PERSONS, Assembly
from .contradictions import Contradictions
from .durations import Lasting, Published, lengths
from .links import as_slides, media, meeting, talk_rooms
from .model import Schedule, Talk
from .text import clean, unescaped, web_address
from .times import BadEntry, Zones, find_zone, parse_clock, parse_moment

Fields = Mapping[str, Any]
MOST_LINKS = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One event where it stands in the document."""

    day: Fields
    """`date`, `day_start`, `day_end`."""
    room: str
    event: Fields
    no_recording: bool = False
    """The room's features forbid recording."""


def read_rows(
    format_: str,
    conference: Fields,
    rows: Iterable[Row],
    settings: ScheduleSettings,
    warnings: Iterable[str] = (),
) -> Schedule:
    """Make a schedule of the rows of one document.

    Raises `ScheduleError` where nothing can be read or no time zone is known.
    """
    name = clean(conference.get("time_zone_name"), 80)
    zones = Zones.of(find_zone(name), settings, name)
    assembly = Assembly(format_, zones)
    for warning in warnings:
        assembly.warn(warning)
    if name and zones.named is None:
        assembly.warn(f"the schedule names the time zone {name!r}, which is not known")
    contradictions = Contradictions(zones)
    day_change = _day_change(conference, assembly)
    entries = []
    for row in rows:
        try:
            entries.append(_entry(zones, row, day_change, contradictions))
        except BadEntry as why:
            assembly.skip(_named(row.event), why)
    _add(assembly, entries)
    for line in contradictions.lines():
        assembly.warn(line)
    return assembly.schedule(clean(conference.get("title"), LONGEST_TITLE))


def _named(event: Fields) -> str:
    """An event for people: `'Tiny kernels' (id 1)`."""
    return (
        f"{unescaped(clean(event.get('title'), 80))!r} (id {clean(event.get('id'), 40) or 'none'})"
    )


def _day_change(conference: Fields, assembly: Assembly) -> timedelta | None:
    text = clean(conference.get("day_change"), 40)
    if not text:
        return None
    with suppress(BadEntry):
        clock = parse_clock(text)
        if clock < timedelta(days=1):
            return clock
    assembly.warn(f"day_change is not a time of day: {text!r}")
    return None


@dataclass(frozen=True, slots=True)
class _Entry:
    """An event as it was read, but for its duration, which the others help to read."""

    talk: Talk
    name: str
    """For people."""
    offset: timedelta | None
    """From UTC, in which its start was published."""
    astray: bool
    """Its link to a chat room leads to no Matrix room."""
    unplayable: bool
    """A link to its recording is no http(s) address."""
    published: Published


def _add(assembly: Assembly, entries: Sequence[_Entry]) -> None:
    unsure: list[tuple[_Entry, Lasting]] = []
    found = lengths([entry.published for entry in entries])
    for entry, lasting in zip(entries, found, strict=True):
        talk = replace(entry.talk, duration=lasting.length)
        assembly.add(talk, entry.offset, entry.astray, entry.unplayable)
        if not lasting.is_sure:
            unsure.append((entry, lasting))
    if unsure:
        entry, lasting = unsure[0]
        assembly.warn(
            f"{len(unsure)} of {len(entries)} entries have a duration that may mean days, hours"
            f" and minutes, or hours, minutes and seconds; first: {entry.name},"
            f" {entry.published.text}, read as {_spelled(lasting.length)}"
        )


def _spelled(length: timedelta) -> str:
    """`2 d 4 h 30 min`"""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    return " ".join(f"{number} {unit}" for number, unit in (*parts, (seconds, "s")) if number)


def _entry(
    zones: Zones, row: Row, day_change: timedelta | None, contradictions: Contradictions
) -> _Entry:
    event = row.event
    id_ = clean(event.get("id"), LONGEST_NAME)
    guid = clean(event.get("guid"), LONGEST_NAME)
    links = tuple(_links(event.get("links")))
    chat, hallway, astray = talk_rooms(links)
    watch = media((*links, *_others(event)))
    start, offset = _start(zones, row, day_change, contradictions)
    talk = Talk(
        guid=guid or (f"id:{id_}" if id_ else ""),
        id=id_,
        title=clean(event.get("title"), LONGEST_TITLE) or "Untitled",
        start=start,
        duration=timedelta(),
        room=clean(event.get("room"), LONGEST_NAME) or row.room,
        subtitle=clean(event.get("subtitle"), LONGEST_TITLE),
        track=clean(event.get("track"), LONGEST_NAME),
        kind=clean(event.get("type"), LONGEST_NAME),
        language=clean(event.get("language"), 40),
        slug=clean(event.get("slug"), LONGEST_NAME),
        url=web_address(event.get("url")),
        persons=_persons(event.get("persons")),
        chat_room=chat,
        hallway=hallway,
        meeting=meeting(links),
        recording_optout=row.no_recording or _no_recording(event),
        recordings=watch.recordings,
        subtitles=watch.subtitles,
        slides=watch.slides,
    )
    published = _published(zones, event, talk)
    return _Entry(talk, _named(event), offset, astray, watch.astray, published)


def _published(zones: Zones, event: Fields, talk: Talk) -> Published:
    """What the event says of its length."""
    lasts, to_a_day = _lasts(zones, clean(event.get("end"), 60), talk.start)
    text = clean(event.get("duration"), 60)
    return Published(text, talk.start, talk.room, talk.title, lasts, to_a_day)


def _lasts(zones: Zones, end: str, start: datetime) -> tuple[timedelta | None, bool]:
    """From the start to the published end, and whether that is a clock time, which leaves
    whole days open. None: there is no end, or none that is later."""
    try:
        if ":" in end and len(end) <= len("00:00:00"):
            midnight = datetime.combine(zones.wall(start).date(), time())
            clock = zones.utc(midnight + parse_clock(end), start.tzinfo)
            return (clock - start) % timedelta(days=1), True
        moment = parse_moment(end)
    except BadEntry:
        return None, False
    if isinstance(moment, datetime) and (ends := zones.utc(moment, start.tzinfo)) > start:
        return ends - start, False
    return None, False


def _start(
    zones: Zones, row: Row, day_change: timedelta | None, contradictions: Contradictions
) -> tuple[datetime, timedelta | None]:
    """The start in UTC, and the offset with which it was published."""
    published, clock_text = clean(row.event.get("date"), 60), clean(row.event.get("start"), 60)
    if not published and "T" in clock_text:
        published, clock_text = clock_text, ""
    moment = parse_moment(published) if published else None
    if isinstance(moment, datetime):
        if zones.overrides and clock_text:
            moment = _on_the_clock(moment, parse_clock(clock_text))
        elif clock_text:
            _compare(row, moment, clock_text, contradictions)
        return zones.utc(moment), moment.utcoffset()
    if not clock_text:
        raise BadEntry("it has no start")
    clock = parse_clock(clock_text)
    begins, ends = _bound(row.day, "day_start"), _bound(row.day, "day_end")
    under = _date(row.day.get("date"))
    day = moment or under or (begins and begins.date())
    if day is None:
        raise BadEntry("it stands under a day without a date")
    local = datetime.combine(day, time()) + clock
    if moment is None or moment == under:
        interval = [bound and zones.wall(bound) for bound in (begins, ends)]
        local += _to_next_day(local, clock, day_change, *interval)
    offset = begins.tzinfo if begins else None
    return zones.utc(local, offset), None if offset is None else offset.utcoffset(local)


def _compare(row: Row, moment: datetime, start: str, contradictions: Contradictions) -> None:
    begins = _bound(row.day, "day_start")
    of_day = begins.tzinfo if begins else None
    with suppress(BadEntry):
        contradictions.compare(_named(row.event), moment, parse_clock(start), of_day)


def _to_next_day(
    local: datetime,
    clock: timedelta,
    day_change: timedelta | None,
    begins: datetime | None,
    ends: datetime | None,
) -> timedelta:
    """How much later than on the day it stands under an event with this clock time is.

    The day's start is no hard border where its end is known as well: events stand
    under days that, by their attributes, begin half an hour later.
    """
    day = timedelta(days=1)
    if day_change is not None:
        return day if clock < day_change else timedelta()
    if begins is None:
        return timedelta()
    if ends is None or ends <= begins:
        return day if local < begins else timedelta()

    def outside(moment: datetime) -> timedelta:
        return max(begins - moment, moment - ends, timedelta())

    return day if outside(local + day) < outside(local) else timedelta()


def _on_the_clock(moment: datetime, clock: timedelta) -> datetime:
    """The moment nearest to `moment`, as its digits read, at this clock time.

    Some tools publish the date in UTC beside the local start.
    """
    digits = moment.replace(tzinfo=None)
    midnight = datetime.combine(digits.date(), time())
    return min(
        (midnight + timedelta(days=days) + clock for days in (-1, 0, 1)),
        key=lambda candidate: abs(candidate - digits),
    )


def _date(value: object) -> date | None:
    moment = _moment(value)
    return moment.date() if isinstance(moment, datetime) else moment


def _bound(day: Fields, key: str) -> datetime | None:
    moment = _moment(day.get(key))
    return moment if isinstance(moment, datetime) else None


def _moment(value: object) -> datetime | date | None:
    return _of_day(clean(value, 60))


@lru_cache(maxsize=100)
def _of_day(text: str) -> datetime | date | None:
    """All events of a day stand under the same."""
    try:
        return parse_moment(text)
    except BadEntry:
        return None


def _persons(persons: object) -> tuple[str, ...]:
    names = (clean(_name(person), LONGEST_NAME) for person in _items(persons, MOST_PERSONS))
    return tuple(dict.fromkeys(name for name in names if name))


def _name(person: object) -> object:
    if not isinstance(person, Mapping):
        return person
    keys = ("public_name", "full_public_name", "name", "full_name")
    return next((person[key] for key in keys if person.get(key)), "")


def _links(links: object) -> Iterable[tuple[str, str]]:
    for link in _items(links, MOST_LINKS):
        if isinstance(link, Mapping):
            label = clean(link.get("title") or link.get("name"), 100)
            yield label, clean(link.get("url") or link.get("href"), 2000)


def _others(event: Fields) -> Iterable[tuple[str, str]]:
    """Attachments, and the recording that the CCC's tools publish in a field of its own, as links
    with labels."""
    for attachment in _items(event.get("attachments"), MOST_LINKS):
        if isinstance(attachment, Mapping):
            [(label, url)] = _links([attachment])
            is_slides = clean(attachment.get("type"), 40).lower() == "slides"
            yield as_slides(label) if is_slides else label, url
    if video := clean(event.get("video_download_url"), 2001):
        yield "Recording", video


def _items(value: object, limit: int) -> Sequence[Any]:
    return value[:limit] if isinstance(value, list) else ()


def _no_recording(event: Fields) -> bool:
    recording = event.get("recording")
    optout = recording.get("optout") if isinstance(recording, Mapping) else None
    return _true(optout) or _true(event.get("do_not_record"))


def _true(value: object) -> bool:
    return value is True or clean(value, 10).lower() in ("true", "yes", "1")
