"""Entries of a calendar that repeat: each repeat is a talk, and stays the same talk."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fosdembot.schedule.diff import diff
from fosdembot.schedule.model import Schedule
from fosdembot.settings import ScheduleSettings

from .samples import BRUSSELS, ical, read_all

BERLIN = "DTSTART;TZID=Europe/Berlin:20260509T090000\nDURATION:PT15M"


def event(*lines: str, uid: str = "s", title: str = "Standup") -> str:
    return "\n".join([f"UID:{uid}", f"SUMMARY:{title}", "LOCATION:Hall", *lines])


OTHER = event(BERLIN.replace("0509T09", "0513T10"), uid="other", title="Other")


def read_events(*events: str, settings: ScheduleSettings | None = None) -> Schedule:
    return read_all(ical(*events), settings)


def times(schedule: Schedule, uid: str = "s") -> list[str]:
    return [
        f"{entry.start.astimezone(schedule.tz):%d %H:%M}"
        for entry in schedule.entries
        if entry.id == uid
    ]


def told(*lines: str, **kwargs: str) -> list[str]:
    """Where the series takes place, by the clock; nothing must be odd."""
    schedule = read_events(event(*(lines or ()), **kwargs))
    assert schedule.warnings == ()
    assert len({entry.guid for entry in schedule.entries}) == len(schedule.entries)
    return times(schedule)


class TestWhen:
    @pytest.mark.parametrize(
        ("lines", "expected"),
        [
            (["RRULE:FREQ=DAILY;COUNT=3"], ["09", "10", "11"]),
            (["RRULE:FREQ=DAILY;COUNT=1"], ["09"]),
            (["RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3"], ["09", "11", "13"]),
            (["RRULE:FREQ=DAILY;UNTIL=20260511T070000Z"], ["09", "10", "11"]),
            (["RRULE:FREQ=DAILY;UNTIL=20260511T065959Z"], ["09", "10"]),
            (["RRULE:FREQ=DAILY;UNTIL=20260511T090000"], ["09", "10", "11"]),
            (["RRULE:FREQ=DAILY;UNTIL=20260511"], ["09", "10", "11"]),
            (["rrule:freq=daily;count=2;"], ["09", "10"]),
            (["RRULE:FREQ=WEEKLY;BYDAY=SA,SU,MO;COUNT=3"], ["09", "10", "11"]),
            # The start counts, also where the rule does not meet it.
            (["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3"], ["09", "11", "18"]),
            (["RRULE:FREQ=DAILY;COUNT=4", "EXRULE:FREQ=DAILY;INTERVAL=2"], ["10", "12"]),
            (["RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=WEEKLY;COUNT=2"], ["09", "10", "16"]),
            (["RDATE;TZID=Europe/Berlin:20260511T090000,20260512T090000"], ["09", "11", "12"]),
            (["RDATE:20260511T070000Z"], ["09", "11"]),
            (["RDATE;VALUE=DATE:20260511"], ["09", "11"]),
            (["RDATE;VALUE=PERIOD:20260511T070000Z/PT1H"], ["09", "11"]),
            (["RDATE:20260509T070000Z", "RRULE:FREQ=DAILY;COUNT=2"], ["09", "10"]),
            (
                ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Europe/Berlin:20260509T090000"],
                ["10", "11"],
            ),
            (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260510T070000Z"], ["09", "11"]),
            (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260510T090000"], ["09", "11"]),
            (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260510"], ["09", "11"]),
            (
                ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Europe/Berlin:20260510T000000"],
                ["09", "11"],
            ),
            (
                ["RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20260510T070000Z,20260511T070000Z"],
                ["09", "12"],
            ),
            (
                ["RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20260510T070000Z", "EXDATE:20260512T070000Z"],
                ["09", "11"],
            ),
            (["EXDATE:20300510T070000Z"], ["09"]),
        ],
    )
    def test_the_days(self, lines: list[str], expected: list[str]) -> None:
        assert told(BERLIN, *lines) == [f"{day} 09:00" for day in expected]

    def test_by_the_hour(self) -> None:
        lines = ["RRULE:FREQ=HOURLY;INTERVAL=2;COUNT=3"]
        assert told(BERLIN, *lines) == ["09 09:00", "09 11:00", "09 13:00"]
        lines = ["RRULE:FREQ=DAILY;BYHOUR=9,14;BYMINUTE=0,30;COUNT=5"]
        assert told(BERLIN, *lines) == ["09 09:00", "09 09:30", "09 14:00", "09 14:30", "10 09:00"]

    def test_at_the_same_hour_after_the_clocks_change(self) -> None:
        start = BERLIN.replace("0509", "1024")
        schedule = read_events(event(start, "RRULE:FREQ=DAILY;COUNT=3"))
        assert times(schedule) == ["24 09:00", "25 09:00", "26 09:00"]
        assert [entry.start.hour for entry in schedule.entries] == [7, 8, 8]

    def test_in_utc_at_the_same_hour_of_utc(self) -> None:
        schedule = read_events(
            event("DTSTART:20261024T070000Z", "RRULE:FREQ=DAILY;COUNT=2"), settings=BRUSSELS
        )
        assert times(schedule) == ["24 09:00", "25 08:00"]

    def test_with_offsets_overruled(self) -> None:
        settings = ScheduleSettings(zone="Europe/Brussels", zone_overrides=True)
        lines = ["DTSTART:20260509T090000Z", "RRULE:FREQ=DAILY;UNTIL=20260511T090000Z"]
        schedule = read_events(event(*lines, "EXDATE:20260510T090000Z"), settings=settings)
        assert times(schedule) == ["09 09:00", "11 09:00"]

    def test_whole_days(self) -> None:
        lines = ["DTSTART;VALUE=DATE:20260328", "RRULE:FREQ=DAILY;UNTIL=20260330T000000Z"]
        schedule = read_events(event(*lines, "EXDATE;VALUE=DATE:20260328"), settings=BRUSSELS)
        assert times(schedule) == ["29 00:00", "30 00:00"]
        assert [entry.duration.total_seconds() / 3600 for entry in schedule.entries] == [23, 24]

    def test_a_length_of_its_own(self) -> None:
        line = "RDATE;VALUE=PERIOD:20260510T070000Z/20260510T083000Z,20260511T070000Z/PT2H"
        schedule = read_events(event(BERLIN, line))
        assert [entry.duration.total_seconds() / 60 for entry in schedule.entries] == [15, 90, 120]

    def test_cancelled_series_are_left_out(self) -> None:
        schedule = read_events(event(BERLIN, "RRULE:FREQ=DAILY;COUNT=3", "STATUS:CANCELLED"), OTHER)
        assert (times(schedule), schedule.warnings) == ([], ("cancelled entries, left out: 1",))

    def test_a_series_that_excludes_all_its_dates_is_told(self) -> None:
        schedule = read_events(event(BERLIN, "EXDATE:20260509T070000Z"), OTHER)
        assert times(schedule) == []
        assert schedule.warnings == ("entries that exclude all their dates: 1, first: 'Standup'",)

    def test_an_exclusion_that_misses_is_told(self) -> None:
        schedule = read_events(
            event(BERLIN, "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260510T090000Z"), OTHER
        )
        assert times(schedule) == ["09 09:00", "10 09:00", "11 09:00"]
        assert schedule.warnings == ("1 excluded dates of 'Standup' are at another hour; it stays",)


class TestChangedRepeats:
    RULE = "RRULE:FREQ=DAILY;COUNT=3"

    def change(self, planned: str, *lines: str, start: str = "20260510T140000") -> str:
        when = f"DTSTART;TZID=Europe/Berlin:{start}\nDURATION:PT30M"
        return event(when, f"RECURRENCE-ID{planned}", *lines, title="Standup, late")

    @pytest.mark.parametrize(
        "planned",
        [
            ";TZID=Europe/Berlin:20260510T090000",
            ":20260510T070000Z",
            ":20260510T090000",
            ";VALUE=DATE:20260510",
            # The series was put at another hour.
            ";TZID=Europe/Berlin:20260510T080000",
        ],
    )
    @pytest.mark.parametrize("first", [True, False])
    def test_it_takes_the_place(self, planned: str, first: bool) -> None:
        events = [event(BERLIN, self.RULE), self.change(planned)]
        plain = read_events(events[0])
        schedule = read_events(*(events if first else reversed(events)))
        assert schedule.warnings == ()
        assert times(schedule) == ["09 09:00", "10 14:00", "11 09:00"]
        assert [entry.title for entry in schedule.entries][1] == "Standup, late"
        assert [entry.guid for entry in schedule.entries] == [entry.guid for entry in plain.entries]

    def test_to_another_day(self) -> None:
        schedule = read_events(
            event(BERLIN, self.RULE), self.change(":20260510T070000Z", start="20260511T140000")
        )
        assert times(schedule) == ["09 09:00", "11 09:00", "11 14:00"]
        assert len({entry.guid for entry in schedule.entries}) == 3

    def test_the_start_itself(self) -> None:
        schedule = read_events(event(BERLIN, self.RULE), self.change(":20260509T070000Z"))
        assert times(schedule) == ["10 09:00", "10 14:00", "11 09:00"]
        assert [e.guid for e in schedule.entries if e.title == "Standup, late"] == ["s"]

    def test_a_cancelled_one_goes(self) -> None:
        cancelled = self.change(":20260510T070000Z", "STATUS:CANCELLED")
        schedule = read_events(event(BERLIN, self.RULE), cancelled)
        assert times(schedule) == ["09 09:00", "11 09:00"]
        assert schedule.warnings == ("cancelled entries, left out: 1",)

    def test_this_and_those_that_follow(self) -> None:
        change = self.change(";RANGE=THISANDFUTURE:20260510T070000Z")
        schedule = read_events(event(BERLIN, "RRULE:FREQ=DAILY;COUNT=4"), change)
        assert times(schedule) == ["09 09:00", "10 14:00", "11 14:00", "12 14:00"]
        assert len({entry.guid for entry in schedule.entries}) == 4

    @pytest.mark.parametrize("order", [1, -1])
    def test_of_two_versions_the_newer_counts(self, order: int) -> None:
        changes = [
            self.change(":20260510T070000Z", f"SEQUENCE:{number}", start=f"20260510T1{number}0000")
            for number in (2, 10, 9)
        ]
        changes[1] = changes[1].replace("T1100000", "T170000")
        schedule = read_events(event(BERLIN, self.RULE), *changes[::order])
        assert times(schedule) == ["09 09:00", "10 17:00", "11 09:00"]
        assert schedule.warnings == ("older versions of other entries (SEQUENCE), left out: 2",)

    def test_without_a_place_it_is_an_entry_of_its_own(self) -> None:
        for events in ([], [event(BERLIN)], [event(BERLIN, "STATUS:CANCELLED")]):
            schedule = read_events(*events, self.change(":20260510T070000Z"), OTHER)
            assert "10 14:00" in times(schedule)
            assert {e.guid for e in schedule.entries if e.title != "Standup"} == {
                "s@20260510",
                "other",
            }


class TestIdentity:
    """The same repeat is the same talk, whatever happens to the rule."""

    def moves(self, old: list[str], new: list[str]) -> tuple[int, int, int]:
        changes = diff(read_events(event(*old), OTHER), read_events(event(*new), OTHER))
        return len(changes.added), len(changes.removed), len(changes.retimed)

    @pytest.mark.parametrize(
        ("old", "new", "moves"),
        [
            ([], ["RRULE:FREQ=DAILY;COUNT=3"], (2, 0, 0)),
            (["RRULE:FREQ=DAILY;COUNT=3"], [], (0, 2, 0)),
            (["RRULE:FREQ=DAILY;COUNT=3"], ["RRULE:FREQ=DAILY;COUNT=5"], (2, 0, 0)),
            (["RRULE:FREQ=DAILY;COUNT=3"], ["RRULE:FREQ=DAILY;UNTIL=20260511"], (0, 0, 0)),
            (["RRULE:FREQ=DAILY;COUNT=3"], ["RDATE:20260510T070000Z,20260511T070000Z"], (0, 0, 0)),
            (["RRULE:FREQ=DAILY;COUNT=5"], ["RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3"], (0, 2, 0)),
            (
                ["RRULE:FREQ=DAILY;COUNT=3"],
                ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260509T070000Z"],
                (0, 1, 0),
            ),
            (
                ["RRULE:FREQ=DAILY;COUNT=3"],
                ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260510T070000Z", "RDATE:20260510T120000Z"],
                (1, 1, 0),
            ),
        ],
    )
    def test_a_changed_rule(
        self, old: list[str], new: list[str], moves: tuple[int, int, int]
    ) -> None:
        assert self.moves([BERLIN, *old], [BERLIN, *new]) == moves

    def test_a_series_at_another_hour(self) -> None:
        rule = "RRULE:FREQ=DAILY;COUNT=3"
        assert self.moves([BERLIN, rule], [BERLIN.replace("T09", "T10"), rule]) == (0, 0, 3)

    def test_several_a_day_are_known_by_their_time(self) -> None:
        rule = "RRULE:FREQ=DAILY;BYHOUR=9,14,16;COUNT="
        assert self.moves([BERLIN, rule + "5"], [BERLIN, rule + "9"]) == (4, 0, 0)

    def test_entries_without_a_uid(self) -> None:
        first, second = (event(BERLIN, "RRULE:FREQ=DAILY;COUNT=3", title=t) for t in ("A", "B"))
        schedule = read_events(*(e.replace("UID:s\n", "") for e in (first, second)))
        assert len({entry.guid for entry in schedule.entries}) == 6

    def test_series_with_one_uid(self) -> None:
        later = BERLIN.replace("T09", "T10")
        schedule = read_events(
            event(BERLIN, "RRULE:FREQ=DAILY;COUNT=3"), event(later, "RRULE:FREQ=DAILY;COUNT=3")
        )
        assert len(times(schedule)) == len({entry.guid for entry in schedule.entries}) == 6


class TestBounds:
    def test_without_an_end_it_is_read_up_to_the_last_day_of_all_else(self) -> None:
        schedule = read_events(event(BERLIN, "RRULE:FREQ=DAILY"), OTHER)
        assert times(schedule)[0] == "09 09:00"
        assert times(schedule)[-1] == "13 09:00"
        (warning,) = schedule.warnings
        assert warning == "'Standup' repeats without an end; read up to 13 May 2026"

    def test_or_for_a_year(self) -> None:
        schedule = read_events(event(BERLIN, "RRULE:FREQ=WEEKLY"))
        assert len(schedule.entries) == 53
        assert schedule.warnings == ("'Standup' repeats without an end; read up to 09 May 2027",)

    @pytest.mark.parametrize(
        "rule",
        [
            "FREQ=SECONDLY", "FREQ=DAILY;COUNT=100000", "FREQ=MINUTELY;COUNT=99999",
            "FREQ=HOURLY;UNTIL=20991231", "FREQ=DAILY;BYHOUR=1,2,3,4,5;UNTIL=20991231T000000Z",
        ],
    )  # fmt: skip
    def test_too_often(self, rule: str) -> None:
        schedule = read_events(event(BERLIN, f"RRULE:{rule}"))
        assert len(schedule.entries) == 1000
        warnings = "\n".join(schedule.warnings)
        assert "'Standup' repeats too often: read are its first 1,000 times" in warnings

    def test_too_many_of_all(self, cpu_seconds: Callable[[], float]) -> None:
        series = [event(BERLIN, "RRULE:FREQ=SECONDLY", uid=str(number)) for number in range(100)]
        schedule = read_events(*series, OTHER)
        assert len(schedule.entries) == 20_000
        assert cpu_seconds() < 20

    def test_too_many_listed(self) -> None:
        dates = ",".join(
            f"20260510T{n // 3600:02}{n // 60 % 60:02}{n % 60:02}" for n in range(9000)
        )
        schedule = read_events(event(BERLIN, f"RDATE:{dates}"), event(BERLIN, f"EXDATE:{dates}"))
        assert len(schedule.entries) <= 1001
        assert any("(RDATE); not all are read" in warning for warning in schedule.warnings)
        assert any("(EXDATE); not all are read" in warning for warning in schedule.warnings)

    @pytest.mark.parametrize(
        "rule",
        [
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=FORTNIGHTLY",
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
            "x",
            "",
        ],
    )
    def test_bad_rules_cost_no_entry(self, rule: str) -> None:
        schedule = read_events(event(BERLIN, f"RRULE:{rule}"), OTHER)
        assert times(schedule) == ["09 09:00"]
        assert schedule.warnings[0].startswith("'Standup' repeats by a bad rule (")
        assert "its first time alone is read" in schedule.warnings[0]

    def test_a_thousand_bad_rules_cost_little(self, cpu_seconds: Callable[[], float]) -> None:
        rule = "RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30"
        schedule = read_events(*(event(BERLIN, rule, uid=str(number)) for number in range(1000)))
        assert cpu_seconds() < 20
        assert len(schedule.entries) == 1000
        assert len(schedule.warnings) < 25

    def test_thousands_of_changes_cost_little(self, cpu_seconds: Callable[[], float]) -> None:
        changes = [
            event(
                f"DTSTART:202605{9 + n % 20:02}T{n % 24:02}{n % 60:02}00Z",
                "DURATION:PT5M",
                f"RECURRENCE-ID:202605{9 + n % 20:02}T{n % 24:02}{n % 60:02}{n % 59:02}Z",
            )
            for n in range(5000)
        ]
        read_events(event(BERLIN, "RRULE:FREQ=MINUTELY"), *changes)
        assert cpu_seconds() < 20
