"""iCalendar (RFC 5545): every VEVENT is an entry, or several where it repeats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from icalendar.parser import split_on_unescaped_comma

from fosdembot.settings import ScheduleSettings

from .assemble import LONGEST_NAME, LONGEST_TITLE, MOST_PERSONS, Assembly
from .ical_clock import Clocks
from .ical_entry import Entry, duration, read_entry
from .ical_series import SeriesReader, Slot
from .ical_text import Contents, Properties, Property, read_text, text_of
from .links import media, meeting, talk_rooms
from .model import Schedule, Talk
from .text import clean, web_address
from .times import BadEntry


def read_ical(data: bytes, settings: ScheduleSettings) -> Schedule:
    """Read an iCalendar file. Raises `ScheduleError`."""
    contents = read_text(data)
    clocks = Clocks(contents, settings)
    assembly = Assembly("ical", clocks.zones)
    for warning in contents.warnings:
        assembly.warn(warning)
    series = SeriesReader(clocks, len(contents.events))
    for slot in series.slots(_entries(contents, clocks, assembly)):
        _add(slot, clocks, assembly)
    if series.cancelled:
        assembly.warn(f"cancelled entries, left out: {series.cancelled}")
    for warning in (*series.warnings(), *clocks.warnings()):
        assembly.warn(warning)
    return assembly.schedule(_title(contents))


def _title(contents: Contents) -> str:
    names = (
        text_of(calendar.properties, key, LONGEST_TITLE)
        for calendar in contents.calendars
        for key in ("X-WR-CALNAME", "NAME")
    )
    return next(filter(None, names), "")


def _entries(contents: Contents, clocks: Clocks, assembly: Assembly) -> Iterator[Entry]:
    for event in contents.events:
        try:
            yield read_entry(event, clocks)
        except BadEntry as why:
            assembly.skip(repr(event.text("SUMMARY", 80)), why)


def _add(slot: Slot, clocks: Clocks, assembly: Assembly) -> None:
    entry, event = slot.entry, slot.entry.event
    properties = event.properties
    start = clocks.utc(slot.wall, slot.zone)
    length = duration(entry, slot.wall, clocks) if slot.length is None else slot.length
    links = tuple(_links(properties.get("CONFERENCE", ())))
    chat, hallway, astray = talk_rooms(links)
    watch = media((*links, *_others(properties)))
    talk = Talk(
        guid=slot.guid,
        id=entry.uid,
        title=event.text("SUMMARY", LONGEST_TITLE) or "Untitled",
        start=start,
        duration=length,
        room=event.text("LOCATION", LONGEST_NAME),
        track=_track(properties),
        url=web_address(properties["URL"][0].value) if "URL" in properties else "",
        persons=_persons(properties),
        chat_room=chat,
        hallway=hallway,
        meeting=meeting(links),
        recordings=watch.recordings,
        subtitles=watch.subtitles,
        slides=watch.slides,
    )
    assembly.add(talk, clocks.offset(slot.wall, slot.zone), astray, watch.astray)


def _track(event: Properties) -> str:
    categories = event.get("CATEGORIES")
    return clean(split_on_unescaped_comma(categories[0].raw)[0], LONGEST_NAME) if categories else ""


def _persons(event: Properties) -> tuple[str, ...]:
    """The names of the event's participants; addresses, which some tools put there, are none."""
    names = (clean(person.params.get("CN"), LONGEST_NAME) for person in event.get("ATTENDEE", ()))
    return tuple(dict.fromkeys(n for n in names if n and "@" not in n))[:MOST_PERSONS]


def _links(conferences: Iterable[Property]) -> Iterator[tuple[str, str]]:
    """The labelled addresses of RFC 7986, 5.11; its feature CHAT says as much as a label."""
    for conference in conferences:
        chat = "CHAT" in conference.params.get("FEATURE", "").upper()
        yield conference.params.get("LABEL") or ("Chat room" if chat else ""), conference.value


def _others(event: Properties) -> Iterator[tuple[str, str]]:
    """The labelled links of RFC 9253, and attachments where a tool labels them the same way."""
    for other in (*event.get("LINK", ()), *event.get("ATTACH", ())):
        yield other.params.get("LABEL", ""), other.value
