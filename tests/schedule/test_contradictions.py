"""An entry whose date and start name different times is told, and which of them was taken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fosdembot.schedule.model import Schedule
from fosdembot.settings import ScheduleSettings
from tests.quick import cases

from .real import read_real
from .samples import BRUSSELS, frab, read_all, talk

pytestmark = pytest.mark.parametrize("kind", ["xml", "json"])

BERLIN = {"time_zone_name": "Europe/Berlin"}


def programme(kind: str, *events: tuple[str, str], **conference: str) -> Schedule:
    """A schedule in Berlin of talks with these dates and starts, one behind the other."""
    talks = [
        talk(guid=f"g{number}", id=str(number), title=f"Talk {number}", date=date, start=start)
        for number, (date, start) in enumerate(events, 1)
    ]
    return read_all(frab(kind, talks, conference or BERLIN))


def agreeing(number: int) -> list[tuple[str, str]]:
    return [(f"2026-05-{day:02}T10:00:00+02:00", "10:00") for day in range(1, number + 1)]


def test_a_single_one_is_named_with_both_times_and_which_was_taken(kind: str) -> None:
    schedule = programme(kind, *agreeing(3), ("2026-05-09T12:00:00+02:00", "10:00"))
    (warning,) = schedule.warnings
    assert warning == (
        "'Talk 4' (id 4): date Sat 09 May 12:00, start 10:00 (Europe/Berlin), 2 h earlier;"
        " the date was taken"
    )
    assert schedule.entries[3].start == datetime(2026, 5, 9, 10, 0, tzinfo=UTC)


def test_most_off_by_the_same_are_one_line_that_names_the_setting(kind: str) -> None:
    wrong = [(f"2026-05-{day:02}T12:00:00+02:00", "10:00") for day in range(10, 19)]
    schedule = programme(kind, *agreeing(2), *wrong)
    (warning,) = schedule.warnings
    assert warning == (
        "9 of 11 entries have a start that is not their date's, 2 h earlier; the date was taken."
        " If the start is right: schedule.zone_overrides: true, and schedule.zone: Europe/Berlin."
        " First: 'Talk 3' (id 3), date Sun 10 May 12:00, start 10:00 (Europe/Berlin)"
    )


def test_the_setting_that_is_named_helps(kind: str) -> None:
    overrides = ScheduleSettings(zone="Europe/Berlin", zone_overrides=True)
    for date in ("2026-05-09T12:00:00+02:00", "2026-05-09T10:00:00+00:00"):
        events = [talk(date=date, start="10:00")]
        schedule = read_all(frab(kind, events, BERLIN), overrides)
        assert schedule.entries[0].start == datetime(2026, 5, 9, 8, 0, tzinfo=UTC)
        assert schedule.warnings == ()


@pytest.mark.parametrize(
    ("zone", "date", "apart"),
    [
        ("Europe/Berlin", "2026-05-{day:02}T10:00:00+00:00", "2 h earlier"),
        ("Asia/Shanghai", "2026-05-{day:02}T10:00:00+00:00", "8 h earlier"),
        ("Asia/Shanghai", "2026-05-{day:02}T10:00:00Z", "8 h earlier"),
        ("America/Los_Angeles", "2026-05-{day:02}T10:00:00+00:00", "7 h later"),
        ("Pacific/Auckland", "2026-01-{day:02}T10:00:00+00:00", "13 h earlier"),
        ("Asia/Kolkata", "2026-05-{day:02}T10:00:00+00:00", "5 h 30 min earlier"),
        ("Europe/Berlin", "2026-05-{day:02}T10:00:00+01:00", "1 h earlier"),
        ("Europe/Berlin", "2026-01-{day:02}T10:00:00+02:00", "1 h later"),
    ],
)
def test_an_offset_that_is_not_the_zones(kind: str, zone: str, date: str, apart: str) -> None:
    """A tool that writes a fixed offset behind local times."""
    events = [(date.format(day=day), "10:00") for day in range(9, 14)]
    (warning,) = programme(kind, *events, time_zone_name=zone).warnings
    assert warning.startswith(
        f"5 of 5 entries have a start that is not their date's, {apart}; the date was taken."
    )


def test_over_a_change_of_the_clocks_it_is_still_one_line(kind: str) -> None:
    events = [(f"2026-03-{day}T10:00:00+00:00", "10:00") for day in range(27, 32)]
    (warning,) = programme(kind, *events).warnings
    assert "5 of 5 entries" in warning
    assert "2 h earlier or 1 h earlier" in warning


def test_others_than_most_are_still_named(kind: str) -> None:
    wrong = [(f"2026-05-{day:02}T12:00:00+02:00", "10:00") for day in range(9, 14)]
    odd = ("2026-05-20T12:00:00+02:00", "12:30")
    summary, single = programme(kind, odd, *wrong).warnings
    assert summary.startswith("5 of 6 entries")
    assert single == (
        "'Talk 1' (id 1): date Wed 20 May 12:00, start 12:30 (Europe/Berlin), 30 min later;"
        " the date was taken"
    )


def test_a_few_that_are_off_by_the_same_are_not_hidden_behind_many(kind: str) -> None:
    wrong = [(f"2026-05-{day:02}T12:00:00+02:00", "10:00") for day in range(1, 26)]
    odd = [(f"2026-06-{day:02}T12:00:00+02:00", "12:30") for day in (1, 2)]
    summary, *singles = programme(kind, *wrong, *odd).warnings
    assert summary.startswith(
        "25 of 27 entries have a start that is not their date's, 2 h earlier;"
    )
    assert len(singles) == 2


def test_many_single_ones_are_counted(kind: str) -> None:
    odd = [(f"2026-05-{day:02}T12:00:00+02:00", f"13:{day:02}") for day in range(1, 13)]
    *named, rest = programme(kind, *agreeing(20), *odd).warnings
    assert len(named) == 5
    assert rest == "and 7 more entries whose date and start differ"


@pytest.mark.parametrize(
    ("date", "start"),
    [
        ("2026-05-09T10:00:00+02:00", "10:00"),
        ("2026-05-09T10:00:00.000+02:00", "10:00:00"),
        ("2026-05-09T10:00:30+02:00", "10:00"),
        ("2026-05-09T08:00:00+00:00", "10:00"),
        ("2026-05-09T18:00:00+10:00", "10:00"),
        ("2026-05-10T00:30:00+02:00", "24:30"),
        ("2026-05-09T22:30:00Z", "00:30"),
        ("2026-05-09T10:00:00", "10:00"),
    ],
)
def test_two_ways_to_write_one_moment_are_no_contradiction(
    kind: str, date: str, start: str
) -> None:
    assert programme(kind, (date, start)).warnings == ()


def test_a_date_without_offset_can_contradict_too(kind: str) -> None:
    (warning,) = programme(kind, ("2026-05-09T10:00:00", "11:00")).warnings
    assert "date Sat 09 May 10:00, start 11:00, 1 h later; the date was taken" in warning


class TestWithoutAZone:
    def test_the_date_shows_the_start(self, kind: str) -> None:
        event = talk(date="2026-05-09T10:00:00+02:00", start="10:00")
        assert read_all(frab(kind, [event])).warnings == ()

    def test_the_day_has_the_offset(self, kind: str) -> None:
        event = talk(date="2026-05-09T08:00:00+00:00", start="10:00")
        day = {"date": "2026-05-09", "start": "2026-05-09T04:00:00+02:00"}
        (warning,) = read_all(frab(kind, [event], day=day)).warnings
        assert warning.startswith("all its times are in UTC")

    def test_neither(self, kind: str) -> None:
        event = talk(date="2026-05-09T12:00:00+02:00", start="10:00")
        (warning,) = read_all(frab(kind, [event])).warnings
        assert "date Sat 09 May 12:00, start 10:00, 2 h earlier; the date was taken" in warning

    def test_the_configured_zone_has_another_offset(self, kind: str) -> None:
        event = talk(date="2026-05-09T10:00:00+00:00", start="10:00")
        (warning,) = read_all(frab(kind, [event]), BRUSSELS).warnings
        assert warning == (
            "1 of 1 entries have an offset that is not that of the configured Europe/Brussels;"
            " the offset was taken. If it is wrong: schedule.zone_overrides: true. First:"
            " 'Tiny kernels' (id 1), 2026-05-09 10:00+00:00"
        )

    def test_utc_is_mostly_a_tools_default(self, kind: str) -> None:
        for date, start in (
            ("2026-05-09T10:00:00+02:00", "10:00"),
            ("2026-05-09T10:00:00+00:00", "10:00"),
            ("2026-05-09T10:00:00+02:00", "08:00"),
        ):
            events = [talk(date=date, start=start)]
            for configured in (BRUSSELS, ScheduleSettings()):
                schedule = read_all(frab(kind, events, {"time_zone_name": "UTC"}), configured)
                assert schedule.warnings == ()


@settings(max_examples=cases(25))
@given(hours=st.integers(-12, 12).filter(bool), number=st.integers(2, 40))
def test_any_shift_of_all_is_one_line(kind: str, hours: int, number: int) -> None:
    first = datetime(2026, 5, 9, 12, 0)  # noqa: DTZ001
    events: list[tuple[str, str]] = []
    for count in range(number):
        date = first + timedelta(hours=24 * (count // 5), minutes=7 * (count % 5))
        events.append((f"{date:%Y-%m-%dT%H:%M:%S}+02:00", f"{date + timedelta(hours=hours):%H:%M}"))
    lines = [line for line in programme(kind, *events).warnings if "start" in line]
    assert len(lines) == 1
    assert "schedule.zone_overrides: true" in lines[0]


def test_it_is_not_lost_behind_many_that_cannot_be_read(kind: str) -> None:
    bad: list[dict[str, Any]] = [talk(guid=f"b{n}", date="soon") for n in range(100)]
    event = talk(date="2026-05-09T12:00:00+02:00", start="10:00")
    schedule = read_all(frab(kind, [*bad, event], BERLIN))
    assert "the date was taken" in schedule.warnings[0]
    assert len(schedule.warnings) == 21


def test_good_files_have_none(kind: str, real_schedules: Path) -> None:
    suffix = {"xml": "xml", "json": "json"}[kind]
    told = []
    for path in real_schedules.glob(f"*.{suffix}"):
        if "refuse" in path.name or "INVALID" in path.name:
            continue
        unnamed = path.name in ("fosdem-2012.xml", "fosdem-2021.xml")
        schedule = read_real(path, BRUSSELS if unnamed else ScheduleSettings())
        told += [warning for warning in schedule.warnings if "date" in warning]
    assert told == []
