"""Dates, clock times, durations and zones, as they are published."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.model import ScheduleError
from fosdembot.schedule.times import (
    LONGEST,
    BadEntry,
    Zones,
    find_zone,
    parse_clock,
    parse_duration,
    parse_moment,
)
from fosdembot.settings import ScheduleSettings

from .samples import frab, ical, read_all, talk

BRUSSELS = ZoneInfo("Europe/Brussels")
PLUS_1 = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31T09:30:00+01:00", datetime(2026, 1, 31, 9, 30, tzinfo=PLUS_1)),
        ("2026-01-31T09:30:00+1:00", datetime(2026, 1, 31, 9, 30, tzinfo=PLUS_1)),
        ("2026-01-31T09:30+0100", datetime(2026, 1, 31, 9, 30, tzinfo=PLUS_1)),
        ("2026-01-31 09:30:00.000 +01", datetime(2026, 1, 31, 9, 30, tzinfo=PLUS_1)),
        (" 2026-01-31T08:30:00z ", datetime(2026, 1, 31, 8, 30, tzinfo=UTC)),
        ("20260131T083000Z", datetime(2026, 1, 31, 8, 30, tzinfo=UTC)),
        ("20260131T0930", datetime(2026, 1, 31, 9, 30)),  # noqa: DTZ001
        ("2026-01-31T09:30:00", datetime(2026, 1, 31, 9, 30)),  # noqa: DTZ001
        (
            "2026-01-31T09:30:00-03:30",
            datetime(2026, 1, 31, 9, 30, tzinfo=timezone(-timedelta(hours=3, minutes=30))),
        ),
        ("2026-01-31", date(2026, 1, 31)),
        ("20260131", date(2026, 1, 31)),
    ],
)
def test_reads_a_moment(text: str, expected: date) -> None:
    moment = parse_moment(text)
    assert (type(moment), moment) == (type(expected), expected)
    if isinstance(moment, datetime) and isinstance(expected, datetime):
        assert moment.utcoffset() == expected.utcoffset()


@pytest.mark.parametrize(
    "text",
    [
        "", "tomorrow", "31.01.2026", "2026-02-30", "2026-01-31T25:00", "2026-01-31T09:61",
        "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00",
        "2026-01-31T09:30:00+99:00", "2026-01-31T09:30:00Zulu", "٢٠٢٦-٠١-٣١",
    ],
)  # fmt: skip
def test_refuses_what_is_no_moment(text: str) -> None:
    with pytest.raises(BadEntry):
        parse_moment(text)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("09:30", 570), ("9:30", 570), ("09:30:00", 570), ("00:00", 0), ("24:30", 1470)],
)
def test_reads_a_clock_time(text: str, minutes: int) -> None:
    assert parse_clock(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "0930", "9", "48:00", "09:60", "-1:00", "noon"])
def test_refuses_what_is_no_clock_time(text: str) -> None:
    with pytest.raises(BadEntry):
        parse_clock(text)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("0:25", 25), ("00:25", 25), ("1:30", 90), ("10:00", 600), ("24:00", 1440),
        ("00:25:00", 25), ("01:30:00", 90), ("1:00:00:00", 1440), ("00:00", 0), ("45", 45),
    ],
)  # fmt: skip
def test_reads_a_duration(text: str, minutes: int) -> None:
    assert parse_duration(text) == timedelta(minutes=minutes)


def test_a_duration_is_bounded() -> None:
    assert parse_duration("9999:00") == LONGEST


@pytest.mark.parametrize("text", ["", "-0:30", "half an hour", "1:2:3:4:5", "123456789012:00"])
def test_refuses_what_is_no_duration(text: str) -> None:
    with pytest.raises(BadEntry):
        parse_duration(text)


@given(st.text(max_size=40))
def test_nothing_but_bad_entry_is_raised(text: str) -> None:
    for parse in (parse_moment, parse_clock, parse_duration):
        with contextlib.suppress(BadEntry):
            assert parse(text) is not None


@pytest.mark.parametrize(
    "name", ["", "Mars/Phobos", "../../etc/passwd", "/etc/localtime", "Europe", "x" * 5000, "a\0b"]
)
def test_what_is_no_zone_is_none(name: str) -> None:
    assert find_zone(name) is None


def test_finds_old_names_of_zones() -> None:
    assert find_zone("US/Eastern") == ZoneInfo("US/Eastern")


def test_an_offset_wins_over_every_zone() -> None:
    zones = Zones(ZoneInfo("Asia/Tokyo"), BRUSSELS)
    moment = datetime(2026, 1, 31, 9, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert zones.utc(moment) == datetime(2026, 1, 31, 14, 30, tzinfo=UTC)


def test_a_time_without_offset_is_in_the_schedules_zone_then_in_the_configured_one() -> None:
    naive = datetime(2026, 1, 31, 9, 30)  # noqa: DTZ001
    assert Zones(ZoneInfo("Asia/Tokyo"), BRUSSELS).utc(naive).hour == 0
    assert Zones(None, BRUSSELS).utc(naive).hour == 8
    assert Zones(None, None).utc(naive, PLUS_1).hour == 8


def test_without_any_zone_it_is_refused_and_the_setting_named() -> None:
    with pytest.raises(ScheduleError, match=r"set schedule\.zone .*--zone"):
        Zones(None, None).utc(datetime(2026, 1, 31, 9, 30))  # noqa: DTZ001


def test_a_configured_zone_may_overrule_wrong_offsets() -> None:
    zones = Zones(ZoneInfo("UTC"), BRUSSELS, overrides=True)
    wrong = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    assert zones.utc(wrong) == datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
    assert zones.shown is BRUSSELS


def test_overriding_needs_a_zone() -> None:
    zones = Zones.of(None, ScheduleSettings(zone_overrides=True))
    assert zones.utc(datetime(2026, 7, 1, 10, 0, tzinfo=PLUS_1)).hour == 9


def test_utc_named_by_the_schedule_is_read_but_not_shown_where_a_zone_is_configured() -> None:
    zones = Zones(ZoneInfo("UTC"), BRUSSELS)
    assert zones.utc(datetime(2026, 7, 1, 10, 0)).hour == 10  # noqa: DTZ001
    assert zones.shown is BRUSSELS


@pytest.mark.parametrize(
    ("clock", "utc"),
    [
        # 29 March 2026: clocks go from 2:00 to 3:00.
        (datetime(2026, 3, 29, 1, 59), datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),  # noqa: DTZ001
        (datetime(2026, 3, 29, 2, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # noqa: DTZ001
        (datetime(2026, 3, 29, 3, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # noqa: DTZ001
        # 25 October 2026: clocks go from 3:00 to 2:00; 2:30 comes twice.
        (datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # noqa: DTZ001
        (datetime(2026, 10, 25, 3, 0), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),  # noqa: DTZ001
    ],
)
def test_gaps_and_folds(clock: datetime, utc: datetime) -> None:
    assert Zones(BRUSSELS, None).utc(clock) == utc


ALL_IN_UTC = "all its times are in UTC and no other time zone is named, so rooms are told UTC"
IN_UTC = "UID:1\nSUMMARY:T\nDTSTART:20260527T070000Z\nDURATION:PT1H"


class TestAllInUtc:
    @pytest.mark.parametrize(
        "data",
        [
            ical(IN_UTC),
            ical(IN_UTC, head="X-WR-TIMEZONE:UTC\n"),
            ical(IN_UTC, head="X-WR-TIMEZONE:Etc/GMT\n"),
            ical(IN_UTC.replace("Z", "").replace("START", "START;TZID=UTC")),
            frab("xml", [talk(date="2026-05-27T07:00:00Z")]),
            frab("json", [talk(date="2026-05-27T07:00:00+00:00")]),
        ],
    )
    def test_it_is_told_with_the_setting(self, data: bytes) -> None:
        schedule = read_all(data)
        assert schedule.zone_unnamed
        (warning,) = schedule.warnings
        assert warning.startswith(f"{ALL_IN_UTC}: set schedule.zone ")
        for zone in ("UTC", "Europe/Brussels"):
            known = read_all(data, ScheduleSettings(zone=zone))
            assert (known.zone_unnamed, known.time_zone) == (False, zone)
            assert not any("are in UTC" in warning for warning in known.warnings)

    def test_no_list_of_bad_entries_hides_it(self) -> None:
        bad = [f"UID:{number}\nSUMMARY:T\nDTSTART:soon" for number in range(30)]
        assert read_all(ical(IN_UTC, *bad)).warnings[0].startswith(ALL_IN_UTC)

    @pytest.mark.parametrize(
        "data",
        [
            ical(IN_UTC, head="X-WR-TIMEZONE:Europe/London\n"),
            ical(IN_UTC.replace("Z", "").replace("START", "START;TZID=Europe/London")),
            frab("xml", [talk()], {"time_zone_name": "UTC"}),
            frab("json", [talk()]),
            frab("json", [talk(date="2026-05-27T07:00:00Z"), talk(guid="2")]),
            ical(),
        ],
    )
    def test_a_zone_that_is_named_is_believed(self, data: bytes) -> None:
        schedule = read_all(data)
        assert not schedule.zone_unnamed
        assert not any("are in UTC" in warning for warning in schedule.warnings)
