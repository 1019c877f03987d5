"""Small documents in each format, written for one rule at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from fosdembot.schedule.model import Schedule, Talk
from fosdembot.schedule.read import read
from fosdembot.settings import ScheduleSettings

BRUSSELS = ScheduleSettings(zone="Europe/Brussels")

Fields = Mapping[str, Any]

TALK: Fields = {
    "guid": "g1",
    "id": "1",
    "title": "Tiny kernels",
    "date": "2026-01-31T10:00:00+01:00",
    "start": "10:00",
    "duration": "00:25",
    "room": "Janson",
}


def talk(**fields: Any) -> dict[str, Any]:
    """An event; a field given as None is left out. Its start is the date's, unless given."""
    date = fields.get("date") or ""
    if len(date) > len("2026-01-31"):
        fields = {"start": date[11:16], **fields}
    return {key: value for key, value in {**TALK, **fields}.items() if value is not None}


def frab(
    kind: str, events: Sequence[Fields], conference: Fields | None = None, day: Fields | None = None
) -> bytes:
    """A document of one day and one room ("Hall"), as `xml` or `json`."""
    conference = {"title": "SmallConf", **(conference or {})}
    day = {"date": "2026-01-31", **(day or {})}
    return (_xml if kind == "xml" else _json)(events, conference, day)


def _json(events: Sequence[Fields], conference: Fields, day: Fields) -> bytes:
    names = {"start": "day_start", "end": "day_end"}
    renamed = {names.get(key, key): value for key, value in day.items()}
    days = [{**renamed, "rooms": {"Hall": list(events)}}]
    return json.dumps({"schedule": {"conference": {**conference, "days": days}}}).encode()


def _xml(events: Sequence[Fields], conference: Fields, day: Fields) -> bytes:
    about = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in conference.items())
    attributes = " ".join(f"{key}={quoteattr(value)}" for key, value in day.items())
    body = "".join(_xml_event(event) for event in events)
    return (
        f"<?xml version='1.0' encoding='utf-8'?><schedule><conference>{about}</conference>"
        f"<day {attributes}><room name='Hall'>{body}</room></day></schedule>"
    ).encode()


def _xml_event(event: Fields) -> str:
    attributes = " ".join(
        f"{key}={quoteattr(str(event[key]))}" for key in ("guid", "id") if key in event
    )
    children = ""
    for key, value in event.items():
        if key == "persons":
            inner = "".join(f"<person>{escape(name)}</person>" for name in value)
        elif key == "links":
            inner = "".join(
                f"<link href={quoteattr(link['url'])}>{escape(link['title'])}</link>"
                for link in value
            )
        elif key == "attachments":
            inner = "".join(
                f"<attachment href={quoteattr(each['url'])} type={quoteattr(each['type'])}>"
                f"{escape(each['title'])}</attachment>"
                for each in value
            )
        elif key == "recording":
            inner = f"<license/><optout>{str(value['optout']).lower()}</optout>"
        else:
            inner = escape(str(value))
        if key not in ("guid", "id"):
            children += f"<{key}>{inner}</{key}>"
    return f"<event {attributes}>{children}</event>"


def ical(*events: str, head: str = "") -> bytes:
    """A calendar of events given by their lines."""
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{body}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def read_one(data: bytes, settings: ScheduleSettings | None = None) -> Talk:
    """The only entry of the document, which must give no warning.

    Without other settings in Brussels: times that are in UTC alone give a warning.
    """
    schedule = read(data, settings or BRUSSELS)
    assert schedule.warnings == ()
    (entry,) = schedule.entries
    return entry


def read_all(data: bytes, settings: ScheduleSettings | None = None) -> Schedule:
    return read(data, settings or ScheduleSettings())
