"""The demo's conference agrees with itself."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from fosdembot.demo import sample
from fosdembot.demo.sample import LOFT, Join, Publish, Say, moment
from fosdembot.schedule.diff import ScheduleDiff, diff
from fosdembot.schedule.model import Schedule
from fosdembot.schedule.read import read
from fosdembot.settings import ScheduleSettings


def published(folder: Path, *, changed: bool) -> Schedule:
    path = folder / "schedule.xml"
    sample.write_schedule(path, changed=changed)
    assert [child.name for child in folder.iterdir()] == ["schedule.xml"]
    return read(path.read_bytes(), ScheduleSettings())


def test_eight_talks_in_two_rooms_in_three_hours(tmp_path: Path) -> None:
    schedule = published(tmp_path, changed=False)
    assert len(schedule.entries) == 8
    assert schedule.warnings == ()
    aliases = {f"#{room.alias}:{sample.SERVER_NAME}" for room in sample.ROOMS if room.alias}
    assert {talk.chat_room for talk in schedule.entries} == aliases
    length = moment(sample.CLOSE) - moment(sample.OPENING)
    assert timedelta(hours=2.75) < length < timedelta(hours=3.25)


def test_the_newer_version_retimes_one_talk_and_gives_one_another_speaker(tmp_path: Path) -> None:
    changes = diff(published(tmp_path, changed=False), published(tmp_path, changed=True))
    assert [change.new.id for change in changes.retimed] == ["8"]
    assert [change.new.id for change in changes.speakers] == ["4"]
    assert changes == ScheduleDiff(retimed=changes.retimed, speakers=changes.speakers)


def test_the_script_runs_in_order_and_everybody_is_there_before_they_speak() -> None:
    times = [moment(act.at) for act in sample.SCRIPT]
    assert times == sorted(times)
    assert moment(sample.OPENING) <= times[0]
    assert times[-1] < moment(sample.CLOSE)
    assert sum(isinstance(act, Publish) for act in sample.SCRIPT) == 1
    there = {(act.who, act.room) for act in sample.SCRIPT if isinstance(act, Join)}
    for act in sample.SCRIPT:
        if isinstance(act, Say) and act.who in sample.ATTENDEES:
            assert (act.who, act.room) in there


def test_every_command_has_an_answer_but_the_one_that_is_none() -> None:
    said = [act for act in sample.SCRIPT if isinstance(act, Say)]
    commands = [act for act in said if re.match(rf"!|{sample.BOT}:", act.text)]
    assert [act.text for act in commands if act.answer is None] == ["!coffee"]
    assert [act for act in said if act.answer is not None and act not in commands] == []
    words = {act.text.split()[0] for act in commands}
    assert {"!talk", "!next", "!schedule", "!help", "!undo", "!conf", "!announce"} <= words


def test_what_must_be_told_cannot_be_mistaken_for_one_another() -> None:
    for room in sample.ROOMS:
        words = [item.words for item in sample.TOLD if item.room is room]
        for one in words:
            assert [other for other in words if other.startswith(one)] == [one]


def test_times_are_those_of_the_place() -> None:
    assert moment("10:25").isoformat() == "2026-05-09T10:25:00+02:00"
    assert [item.at for item in sample.TOLD if item.room is LOFT and item.kind == "now"] == [
        "10:00",
        "10:25",
        "10:55",
        "11:50",
    ]
