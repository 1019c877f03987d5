"""Which talks are rehearsed, and from when to when."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import click
import pytest

from fosdembot.cli.rehearsal import Part, choose
from fosdembot.schedule.model import Schedule, Talk
from fosdembot.settings import Settings
from tests.talks.programme import at, talk

TALKS = [
    talk("hall-1", "10:00"),
    talk("attic-1", "10:00", room="Attic", track="Go"),
    talk("hall-2", "10:30"),
    talk("desk", "09:00", minutes=600, room="Desk", track="Info"),
    talk("attic-2", at("10:00", day=1, month=2), room="Attic", track="Go"),
    talk("attic-3", at("11:00", day=1, month=2), room="Attic", track="Go"),
]


def part(
    of: str | None = None, begin: str | None = None, until: str | None = None, *talks: Talk
) -> Part:
    entries = tuple(talks or TALKS)
    return choose(Schedule("xml", "Conf", "Europe/Brussels", entries), Settings(), of, begin, until)


def guids(found: Part) -> list[str]:
    return [talk.guid for talk in found.talks]


def local(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo('Europe/Brussels')):%d %H:%M}"


def test_without_a_word_the_fullest_place_of_the_first_day() -> None:
    found = part()
    assert found.of == "Hall 1"
    assert guids(found) == ["hall-1", "hall-2"]
    assert (local(found.start), local(found.end)) == ("31 09:49", "31 11:00")


def test_a_place_or_a_track_by_a_part_of_its_name() -> None:
    assert guids(part("attic")) == ["attic-1"]
    assert part("go").of == "Go"
    assert part("hall").of == "Hall 1"
    assert part("kern").of == "Kernel"


@pytest.mark.parametrize(
    ("begin", "start", "played"),
    [
        ("10:10", "31 10:10", ["hall-1", "hall-2"]),
        ("10:26", "31 10:26", ["hall-2"]),
        ("2026-01-31 10:10", "31 10:10", ["hall-1", "hall-2"]),
        ("2026-01-31T09:10Z", "31 10:10", ["hall-1", "hall-2"]),
        ("2026-02-01", "01 09:49", ["attic-2", "attic-3"]),
        ("2026-02-01T10:30+01:00", "01 10:30", ["attic-3"]),
    ],
)
def test_from(begin: str, start: str, played: list[str]) -> None:
    found = part(begin=begin)
    assert local(found.start) == start
    assert guids(found) == played


def test_until() -> None:
    found = part(None, "10:00", "10:20")
    assert guids(found) == ["hall-1"]
    assert local(found.end) == "31 10:20"


@pytest.mark.parametrize(
    ("of", "begin", "why"),
    [
        ("cellar", None, "no place or track is called cellar; there are Hall 1, Kernel"),
        ("l", None, "more than one place or track is called l; there are Hall 1, Kernel"),
        (None, "2026-03-01", "no such talks on 2026-03-01, but on 2026-01-31, 2026-02-01"),
        (None, "23:00", "there are no talks of Hall 1 at that time"),
        (None, "noon", "a time is 10:00"),
        (None, "25:61", "a time is 10:00"),
    ],
)
def test_what_cannot_be_rehearsed(of: str | None, begin: str | None, why: str) -> None:
    with pytest.raises(click.ClickException) as caught:
        part(of, begin)
    assert why in caught.value.message


def test_nothing_to_rehearse() -> None:
    with pytest.raises(click.ClickException, match="no talks to rehearse"):
        part(None, None, None, TALKS[3])
