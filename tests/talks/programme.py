"""Small programmes for the tests, written by hand and by hypothesis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings, load

BRUSSELS = ZoneInfo("Europe/Brussels")
ROOM = "#kernel:example.org"


def at(clock: str, day: int = 31, month: int = 1) -> datetime:
    """A moment of January 2026, by the clocks of Brussels."""
    hour, minute, second = [*map(int, clock.split(":")), 0][:3]
    local = datetime(2026, month, day, hour, minute, second, tzinfo=BRUSSELS)
    return local.astimezone(UTC)


def talk(guid: str, start: datetime | str, minutes: float = 25, **fields: Any) -> Talk:
    return Talk(
        **{
            "guid": guid,
            "id": guid,
            "title": f"Talk {guid}",
            "start": at(start) if isinstance(start, str) else start,
            "duration": timedelta(minutes=minutes),
            "room": "Hall 1",
            "track": "Kernel",
            **fields,
        }
    )


def settings(**sections: Any) -> Settings:
    loaded, problems = load(sections)
    assert problems == []
    return loaded


def notices(**fields: Any) -> Settings:
    return settings(notices=fields)


@st.composite
def programmes(
    draw: st.DrawFn,
    places: int = 1,
    shortest: int = 1,
    longest: int = 90,
    most: int = 8,
    overlapping: bool = False,
) -> list[Talk]:
    """Talks over a day or two, one after another in each of at most `places` places."""
    talks: list[Talk] = []
    for place in range(draw(st.integers(1, places))):
        free = at("09:00") + timedelta(minutes=draw(st.integers(0, 20)))
        for number in range(draw(st.integers(1, most))):
            gap = draw(st.sampled_from((0, 0, 0, 5, 10, 14, 15, 16, 60, 900)))
            minutes = draw(st.integers(shortest, longest))
            start = free + timedelta(minutes=gap)
            if overlapping and draw(st.booleans()):
                start -= timedelta(minutes=draw(st.integers(0, 40)))
            talks.append(talk(f"{place}-{number}", start, minutes, room=f"Hall {place}"))
            free = max(free, talks[-1].end)
    return talks
