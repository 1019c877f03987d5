"""Times, numbers and names in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fosdembot.texts.words import clock_time, count, day_name, duration, end_time, names

BRUSSELS = ZoneInfo("Europe/Brussels")


def brussels(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=BRUSSELS).astimezone(UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("moment", "now", "told"),
    [
        ((2026, 1, 31, 10, 25), (2026, 1, 31, 9, 0), "10:25"),
        ((2026, 2, 1, 10, 25), (2026, 1, 31, 9, 0), "Sun 10:25"),
        ((2026, 2, 14, 9, 5), (2026, 1, 31, 9, 0), "14 Feb 09:05"),
        ((2026, 1, 30, 9, 0), (2026, 1, 31, 9, 0), "30 Jan 09:00"),
        # Just after midnight, for those who sit there in the evening, and the other way round.
        ((2026, 2, 1, 0, 20), (2026, 1, 31, 23, 50), "00:20"),
        ((2026, 1, 31, 23, 50), (2026, 2, 1, 0, 20), "23:50"),
        ((2026, 2, 1, 3, 0), (2026, 1, 31, 20, 0), "Sun 03:00"),
        # A day in the zone, not in UTC.
        ((2026, 2, 1, 0, 30), (2026, 2, 1, 9, 0), "00:30"),
    ],
)
def test_the_day_is_named_where_it_is_not_today(
    moment: tuple[int, ...], now: tuple[int, ...], told: str
) -> None:
    assert clock_time(brussels(*moment), BRUSSELS, brussels(*now)) == told


def test_the_hour_that_comes_twice_names_its_zone() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = first + timedelta(hours=1)
    assert clock_time(first, BRUSSELS, first) == "02:30 CEST"
    assert clock_time(second, BRUSSELS, first) == "02:30 CET"
    assert clock_time(second + timedelta(hours=1), BRUSSELS, first) == "03:30"
    assert end_time(first, second, BRUSSELS) == "02:30 CET"


def test_the_hour_that_is_left_out_needs_no_word() -> None:
    before = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    assert clock_time(before, BRUSSELS, before) == "01:59"
    assert clock_time(before + timedelta(minutes=1), BRUSSELS, before) == "03:00"


def test_a_day_is_named_in_the_zone() -> None:
    assert day_name(datetime(2026, 1, 31, 23, 30, tzinfo=UTC), BRUSSELS) == "Sun 1 Feb"


def test_the_end_of_what_is_longer_than_a_day_has_its_date() -> None:
    start = datetime(2026, 1, 31, 22, 30, tzinfo=UTC)
    assert end_time(start, start + timedelta(hours=2), BRUSSELS) == "01:30"
    assert end_time(start, start + timedelta(hours=24), BRUSSELS) == "Sun 1 Feb 23:30"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-60, "1 minute"),
        (0, "1 minute"),
        (80, "1 minute"),
        (100, "2 minutes"),
        (5 * 60, "5 minutes"),
        (89 * 60, "89 minutes"),
        (90 * 60, "2 hours"),
        (35 * 3600, "35 hours"),
        (3 * 86400, "3 days"),
    ],
)
def test_a_length_of_time_is_told_to_the_nearest(seconds: int, told: str) -> None:
    assert duration(timedelta(seconds=seconds)) == told


def test_one_is_not_many() -> None:
    assert [count(n, "talk") for n in (0, 1, 2, 1079)] == [
        "0 talks",
        "1 talk",
        "2 talks",
        "1,079 talks",
    ]


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ([], ""),
        (["Ada L."], "Ada L."),
        (["Ada L.", "Grace H."], "Ada L. and Grace H."),
        (["Ada", "Grace", "Linus"], "Ada, Grace and Linus"),
        (["Ada", "Grace", "Linus", "Ken"], "Ada, Grace, Linus and 1 other"),
        (["Ada", "Grace", "Linus", "Ken", "Dennis"], "Ada, Grace, Linus and 2 others"),
        (["", "\u202e", "Ada"], "Ada"),
        (["x" * 500], "x" * 59 + "…"),
    ],
)
def test_speakers_are_joined(people: list[str], told: str) -> None:
    assert names(people) == told
