"""A small conference: its schedule, written as frab XML, its rooms, its clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

START = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
MANY = {"commands_per_minute": 10_000, "messages_per_second": 1000}
"""Limits that no test meets."""


@dataclass(frozen=True)
class Planned:
    """A talk of the schedule; `at` in minutes since the first one could begin, mostly `START`.
    Several speakers are one `speaker`, with commas."""

    id: int
    title: str
    at: float
    minutes: float
    place: str = "Hall"
    chat_room: str = ""
    track: str = "Main"
    speaker: str = "Ada L."
    links: Sequence[tuple[str, str]] = ()
    """Label and address of more than its chat room."""


def schedule_xml(
    talks: Iterable[Planned],
    zone: str = "UTC",
    *,
    title: str = "Test Conf",
    start: datetime = START,
) -> str:
    """The talks as a pentabarf schedule; their `at` counts from `start`, whose day it is."""
    events = "".join(_event(talk, start) for talk in talks)
    day = start.date().isoformat()
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f"<schedule><conference><title>{escape(title)}</title>"
        f"<start>{day}</start><end>{day}</end><days>1</days>"
        f"<time_zone_name>{zone}</time_zone_name></conference>"
        f'<day index="1" date="{day}"><room name="Hall">{events}</room></day></schedule>'
    )


def _event(talk: Planned, start: datetime) -> str:
    begin = start + timedelta(minutes=talk.at)
    hours, seconds = divmod(round(talk.minutes * 60), 3600)
    duration = f"{hours:02}:{seconds // 60:02}:{seconds % 60:02}"
    chat = [("Chat room", f"https://matrix.to/#/{talk.chat_room}")] if talk.chat_room else []
    links = "".join(
        f'<link href="{escape(url)}">{escape(label)}</link>' for label, url in (*chat, *talk.links)
    )
    persons = "".join(f"<person>{escape(name)}</person>" for name in talk.speaker.split(", "))
    return (
        f'<event guid="talk-{talk.id}" id="{talk.id}"><date>{begin.isoformat()}</date>'
        f"<start>{begin:%H:%M}</start><duration>{duration}</duration>"
        f"<room>{escape(talk.place)}</room><title>{escape(talk.title)}</title>"
        f"<track>{escape(talk.track)}</track><persons>{persons}"
        f"</persons><links>{links}</links></event>"
    )


def publish(path: Path, xml: str) -> None:
    """Put a schedule where a bot reads it, all at once."""
    new = path.with_suffix(".new")
    new.write_text(xml)
    new.replace(path)


def write_schedule(path: Path, talks: Iterable[Planned]) -> None:
    """Publish these talks."""
    publish(path, schedule_xml(talks))


def settings(schedule: Path, *, at: float = 0, speed: float = 1, **sections: Any) -> dict[str, Any]:
    """A plugin configuration whose clock says `at` minutes after `START` from now on, and
    runs at `speed`, across restarts."""
    clock = {
        "start": (START + timedelta(minutes=at)).isoformat(),
        "wall_start": datetime.now(UTC).isoformat(),
        "speed": speed,
    }
    base = {"schedule": {"source": str(schedule), "poll_minutes": 1}, "clock": clock}
    return base | sections


def staggered_talks(alias: str, number: int) -> Sequence[Planned]:
    """A talk in each room, each a little later than the one before."""
    at = 25 + 2 * number
    return [Planned(number, f"Talk {number}", at, 100, chat_room=alias, place=f"Hall {number}")]
