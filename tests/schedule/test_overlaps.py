"""Talks that overlap in one room are told in one line."""

from __future__ import annotations

from typing import Any

import pytest

from fosdembot.settings import ScheduleSettings

from .samples import frab, ical, read_all, talk

BERLIN = {"time_zone_name": "Europe/Berlin"}


def warnings(*events: dict[str, Any]) -> tuple[str, ...]:
    return read_all(frab("xml", events, BERLIN)).warnings


def at(clock: str, duration: str = "00:30", **fields: Any) -> dict[str, Any]:
    date = f"2026-01-31T{clock}:00+01:00"
    return talk(
        **{"guid": clock, "title": f"At {clock}", "duration": duration, **fields}, date=date
    )


def test_the_first_pair_is_named_and_all_are_counted() -> None:
    (warning,) = warnings(at("10:00"), at("10:15"), at("10:20"), at("11:00"))
    assert warning == (
        "2 talks begin while another one is on in the same room; first: 'At 10:15',"
        " Sat 31 Jan 10:15 in Janson, where 'At 10:00' is on until 10:30"
    )


def test_what_makes_all_times_wrong_comes_first() -> None:
    wrong = [at(clock, start="08:00") for clock in ("10:00", "10:15")]
    *first, last = warnings(*wrong)
    assert any("the date was taken" in line for line in first)
    assert last.startswith("1 talk begins")


def test_the_count_of_the_others_comes_last() -> None:
    bad = [talk(guid=f"b{number}", date="soon") for number in range(100)]
    *_, overlaps, rest = warnings(at("10:00"), at("10:15"), *bad)
    assert overlaps.startswith("1 talk begins")
    assert rest == "and 80 more like these"


def test_behind_a_long_one_all_are_found() -> None:
    (warning,) = warnings(at("10:00", "03:00"), at("10:15"), at("12:00"))
    assert warning.startswith("2 talks begin")


def test_one_alone() -> None:
    (warning,) = warnings(at("10:00"), at("10:00", guid="other", title="Other"))
    assert warning.startswith("1 talk begins while another one is on in the same room")


@pytest.mark.parametrize(
    "other",
    [
        at("10:30"),
        at("10:15", room="Aula"),
        at("09:00", "08:00"),
        at("10:15", "00:00"),
    ],
)
def test_these_do_not_overlap(other: dict[str, Any]) -> None:
    told = [line for line in warnings(at("10:00"), other) if "same room" in line]
    assert told == []


def test_without_a_room_nothing_overlaps() -> None:
    event = "SUMMARY:{0}\nUID:{0}\nDTSTART:20260131T100000\nDTEND:20260131T110000"
    head = "X-WR-TIMEZONE:Europe/Berlin\n"
    assert read_all(ical(event.format("A"), event.format("B"), head=head)).warnings == ()
    rooms = [f"{event.format(name)}\nLOCATION:Aula" for name in "AB"]
    (warning,) = read_all(ical(*rooms, head=head)).warnings
    assert "'B', Sat 31 Jan 10:00 in Aula, where 'A' is on until 11:00" in warning


def test_how_long_a_talk_may_be_is_a_setting() -> None:
    document = frab("xml", [at("10:00", "03:00"), at("11:00")], BERLIN)
    assert read_all(document, ScheduleSettings(longest_talk_hours=2)).warnings == ()
    assert len(read_all(document).warnings) == 1
