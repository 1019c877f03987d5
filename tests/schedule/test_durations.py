"""Three parts of a duration: hours, minutes and seconds, or days, hours and minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.durations import Published, lengths
from fosdembot.schedule.model import Schedule

from .samples import frab, read_all, talk

BERLIN = {"time_zone_name": "Europe/Berlin"}
UNSURE = "may mean days, hours and minutes"


def read_events(*events: dict[str, Any], kind: str = "xml") -> Schedule:
    return read_all(frab(kind, events, BERLIN))


def event(duration: str, hour: int = 10, **fields: Any) -> dict[str, Any]:
    """An entry in a room of its own, unless one is named."""
    guid = f"{duration}-{hour}-{fields}"
    date = f"2026-01-31T{hour:02}:00:00+01:00"
    about = {"guid": guid, "title": guid, "room": guid, "date": date, **fields}
    return talk(duration=duration, **about)


def length_of(schedule: Schedule, number: int = 0) -> timedelta:
    """Of the entry that was given as this one."""
    assert not [warning for warning in schedule.warnings if UNSURE in warning]
    return sorted(schedule.entries, key=lambda entry: (entry.start, entry.guid))[number].duration


@pytest.mark.parametrize("kind", ["xml", "json"])
@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("1:00:00", timedelta(days=1)),
        ("2:04:30", timedelta(days=2, hours=4, minutes=30)),
        ("1:12:00", timedelta(days=1, hours=12)),
        ("4:00:00", timedelta(days=4)),
    ],
)
def test_beside_two_parts_three_begin_with_days(
    kind: str, duration: str, expected: timedelta
) -> None:
    schedule = read_events(event(duration, hour=9), event("00:30"), event("01:00"), kind=kind)
    assert length_of(schedule) == expected


@pytest.mark.parametrize(
    ("duration", "minutes"), [("1:00:00", 60), ("01:00:00", 60), ("2:00:00", 120), ("1:15:00", 75)]
)
def test_where_all_have_three_parts_the_last_are_seconds(duration: str, minutes: int) -> None:
    schedule = read_events(event(duration, hour=9), event("0:30:00"), event("00:45:00"))
    assert length_of(schedule) == timedelta(minutes=minutes)


def test_a_source_that_always_begins_with_days() -> None:
    schedule = read_events(event("1:00:00", hour=9), event("0:00:30"), event("0:01:00", hour=11))
    assert [length_of(schedule, number) for number in range(3)] == [
        timedelta(days=1),
        timedelta(minutes=30),
        timedelta(hours=1),
    ]


def test_two_digits_before_the_first_colon_are_hours() -> None:
    """Rehearsals and demonstrations have talks of two minutes."""
    schedule = read_events(event("00:02:00", hour=9), event("00:00:30"), event("01:00:00", hour=11))
    assert [length_of(schedule, number) for number in range(3)] == [
        timedelta(minutes=2),
        timedelta(seconds=30),
        timedelta(hours=1),
    ]


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("2026-01-31T10:00:00+01:00", timedelta(hours=1)),
        ("2026-02-01T09:00:00+01:00", timedelta(days=1)),
        ("2026-02-01T08:00:00Z", timedelta(days=1)),
        ("10:00", timedelta(hours=1)),
        ("09:00", timedelta(days=1)),
    ],
)
@pytest.mark.parametrize("others", [["00:30"], ["0:45:00"], []])
@pytest.mark.parametrize("kind", ["xml", "json"])
def test_its_own_end_says_more_than_habit(
    kind: str, others: list[str], end: str, expected: timedelta
) -> None:
    schedule = read_events(
        event("1:00:00", hour=9, end=end), *(event(other) for other in others), kind=kind
    )
    assert length_of(schedule) == expected


def test_another_time_of_the_same_talk_says_it_too() -> None:
    hacking = {"title": "Hacking"}
    schedule = read_events(event("1:00:00", hour=9, **hacking), event("1:00", hour=14, **hacking))
    assert length_of(schedule) == timedelta(hours=1)
    schedule = read_events(event("1:00:00", hour=9, **hacking), event("24:00", hour=14, **hacking))
    assert length_of(schedule) == timedelta(days=1)


def test_the_next_talk_in_the_room_says_it_where_habit_does_not() -> None:
    schedule = read_events(event("1:00:00", room="Aula"), event("1:00:00", hour=11, room="Aula"))
    assert length_of(schedule) == timedelta(hours=1)
    assert length_of(schedule, 1) == timedelta(hours=1)


def test_where_nothing_tells_it_is_read_in_hours_and_told() -> None:
    schedule = read_events(event("1:00:00", title="Tiny kernels"))
    assert schedule.entries[0].duration == timedelta(hours=1)
    (warning,) = schedule.warnings
    assert warning == (
        "1 of 1 entries have a duration that may mean days, hours and minutes, or hours, minutes"
        " and seconds; first: 'Tiny kernels' (id 1), 1:00:00, read as 1 h"
    )


def test_where_the_habits_are_mixed_it_is_told() -> None:
    schedule = read_events(event("1:00:00", hour=9), event("0:45:00"), event("00:30"))
    assert UNSURE in schedule.warnings[0]
    assert schedule.entries[0].duration == timedelta(hours=1)


def test_where_habit_and_next_talk_differ_it_is_told() -> None:
    schedule = read_events(
        event("1:00:00", room="Aula"), event("00:30", hour=11, room="Aula"), event("00:30")
    )
    assert UNSURE in schedule.warnings[0]
    assert "read as 1 d" in schedule.warnings[0]


def test_an_end_stands_in_for_a_missing_duration() -> None:
    schedule = read_events(event("", end="2026-01-31T10:25:00+01:00"), event("00:30", hour=11))
    assert length_of(schedule) == timedelta(minutes=25)
    assert schedule.warnings == ()


@pytest.mark.parametrize("end", ["soon", "2026-01-31", "2026-01-31T09:00:00+01:00", "99:99"])
def test_an_end_that_tells_nothing_does_no_harm(end: str) -> None:
    assert length_of(read_events(event("00:30", end=end))) == timedelta(minutes=30)


_TEXTS = st.sampled_from(
    ["", "soon", "45", "0:25", "00:25:00", "1:00:00", "2:04:30", "0:00:30", "99:99:99", "1:1:1:1"]
)


@given(st.lists(st.tuples(_TEXTS, st.integers(0, 5), st.sampled_from("AB")), max_size=12))
def test_anything_is_read_in_order_and_bounded(entries: list[tuple[str, int, str]]) -> None:
    start = datetime(2026, 1, 31, tzinfo=UTC)
    published = [
        Published(text, start + timedelta(hours=hour), room, f"{text} {room}")
        for text, hour, room in entries
    ]
    found = list(lengths(published))
    assert len(found) == len(entries)
    for (text, _, _), lasting in zip(entries, found, strict=True):
        assert timedelta() <= lasting.length <= timedelta(days=31)
        if text in ("0:25", "00:25:00"):
            assert lasting.length == timedelta(minutes=25)
            assert lasting.is_sure
