"""The published schedules of real conferences, against what another program counted."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fosdembot.schedule.diff import diff
from fosdembot.schedule.model import Schedule, ScheduleError, Talk
from fosdembot.schedule.read import read
from fosdembot.settings import ScheduleSettings

from .real import read_real
from .samples import BRUSSELS

# EXPECTED.tsv counts the days that a file lists. On some of those nothing happens, and
# the last night of 39C3 has entries on a day that is not listed.
CALENDAR_DAYS = {"39c3-everything.xml": 5, "39c3-everything.json": 5, "klimacamp2015.json": 8}

FOSDEM_2026 = [
    "fosdem-2026-r1-20260118.xml",
    "fosdem-2026-r2-20260125.xml",
    "fosdem-2026-r3-20260130.xml",
    "fosdem-2026-r4-20260202.xml",
]


@pytest.fixture(scope="module")
def load(real_schedules: Path) -> Callable[..., Schedule]:
    def load(name: str, settings: ScheduleSettings | None = None) -> Schedule:
        return read_real(real_schedules / name, settings or ScheduleSettings())

    return load


def test_all_read_as_expected(real_schedules: Path) -> None:
    with (real_schedules / "EXPECTED.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) >= 18
    wrong = [text for row in rows for text in differences(real_schedules, row)]
    assert wrong == []


def differences(folder: Path, row: dict[str, str]) -> list[str]:
    """What is read otherwise than the row of EXPECTED.tsv says."""
    name, zone = row["file"], row["time zone in the file"]
    data = (folder / name).read_bytes()
    if row["format"] == "refuse":
        return [] if refused(data, BRUSSELS) else [f"{name}: not refused"]
    if row["format"] == "refuse or repair":
        # Its twin's row counts it.
        row = row | {"format": "xml", "talks": "106", "rooms with talks": "10"}
    if zone == "none" and not refused(data, ScheduleSettings()):
        return [f"{name}: read without a time zone"]
    schedule = read_real(folder / name, BRUSSELS if zone == "none" else ScheduleSettings())
    found = {
        "format": schedule.format,
        "talks": str(len(schedule.entries)),
        "rooms with talks": str(len({entry.room for entry in schedule.entries})),
    }
    if row["days"] != "-":
        days = {entry.start.astimezone(schedule.tz).date() for entry in schedule.entries}
        found["days"] = str(len(days))
        row = row | {"days": str(CALENDAR_DAYS.get(name, row["days"]))}
    if zone not in ("none", "-"):
        found["time zone in the file"] = schedule.time_zone or "offsets only"
    return [
        f"{name}: {key} {found[key]}, not {row[key]}" for key in found if found[key] != row[key]
    ]


def refused(data: bytes, settings: ScheduleSettings) -> bool:
    try:
        read(data, settings)
    except ScheduleError as err:
        return str(err).isprintable()
    return False


def test_conflict_markers_are_named_by_their_line(load: Callable[..., Schedule]) -> None:
    with pytest.raises(ScheduleError, match=r"line 4053.*conflict marker"):
        load("fosdem-2026-INVALID-conflict-markers.xml")


def test_the_chat_rooms_of_fosdem_2026(load: Callable[..., Schedule]) -> None:
    rooms = [talk.chat_room for talk in load(FOSDEM_2026[3]).entries if talk.chat_room]
    assert (len(rooms), len(set(rooms))) == (995, 69)
    assert rooms.count("#2026-main:fosdem.org") == 24
    assert not any(talk.chat_room for talk in load("fosdem-2021.xml", BRUSSELS).entries)


def test_recordings_that_were_published_after_the_talks(load: Callable[..., Schedule]) -> None:
    def counts(name: str, *settings: ScheduleSettings) -> tuple[int, int, int]:
        entries = load(name, *settings).entries
        found = [(bool(t.recordings), bool(t.subtitles), bool(t.slides)) for t in entries]
        recordings, subtitles, slides = (sum(column) for column in zip(*found, strict=True))
        return recordings, subtitles, slides

    assert counts(FOSDEM_2026[3]) == (337, 310, 408)
    assert counts("fosdem-2021.xml", BRUSSELS) == (652, 0, 343)
    # Most of its slides are published as paths.
    assert counts("39c3-everything.json") == (0, 0, 3)


def test_recording_optouts(load: Callable[..., Schedule]) -> None:
    def optouts(name: str) -> int:
        return sum(talk.recording_optout for talk in load(name).entries)

    assert optouts("good2025-schedule.xml") == optouts("good2025-schedule.json") == 3
    # The JSON alone has the features of rooms: 40 more in one that forbids recording.
    assert (optouts("39c3-everything.xml"), optouts("39c3-everything.json")) == (45, 85)


def as_published(talk: Talk) -> Talk:
    """Without what the twins write differently."""
    return replace(talk, recording_optout=False, url=talk.url.replace("org//", "org/"))


@pytest.mark.parametrize("name", ["39c3-everything", "good2025-schedule", "klimacamp2015"])
def test_xml_and_json_twins_hold_the_same_talks(load: Callable[..., Schedule], name: str) -> None:
    xml, json = load(f"{name}.xml").entries, load(f"{name}.json").entries
    assert [as_published(talk) for talk in xml] == [as_published(talk) for talk in json]


@pytest.mark.parametrize("name", ["good2025-schedule", "klimacamp2015"])
def test_their_icalendar_holds_the_same_times_and_places(
    load: Callable[..., Schedule], name: str
) -> None:
    def slots(suffix: str) -> list[tuple[object, ...]]:
        entries = load(f"{name}.{suffix}").entries
        return sorted((talk.start, talk.duration, talk.room) for talk in entries)

    assert slots("ics") == slots("json")


def test_forbidden_characters_are_told(load: Callable[..., Schedule]) -> None:
    assert load("klimacamp2015.xml").warnings == ("took out 5 characters that XML does not allow",)


def test_repeated_ids_are_told_and_kept_apart(load: Callable[..., Schedule]) -> None:
    schedule = load("moca24.ics")
    assert len({talk.guid for talk in schedule.entries}) == 88
    assert "67 entries have the id '46939'; time and room tell them apart" in schedule.warnings


@pytest.mark.parametrize(
    ("before", "counts"),
    [(0, (66, 2, 30, 0, 10, 22)), (1, (34, 7, 41, 2, 8, 36)), (2, (14, 5, 15, 12, 7, 19))],
)
def test_what_changed_at_fosdem_2026(
    load: Callable[..., Schedule], before: int, counts: tuple[int, ...]
) -> None:
    changes = diff(load(FOSDEM_2026[before]), load(FOSDEM_2026[before + 1]))
    aspects = ("added", "removed", "retimed", "moved", "retitled", "speakers")
    assert tuple(len(getattr(changes, aspect)) for aspect in aspects) == counts


def test_fosdem_2026_is_read_in_less_than_a_second_of_the_processor(
    load: Callable[..., Schedule],
) -> None:
    begin = time.process_time()
    assert len(load(FOSDEM_2026[3]).entries) == 1079
    assert time.process_time() - begin < 1
