"""The demo's conference agrees with itself."""

from __future__ import annotations

import re
import wave
from datetime import timedelta
from pathlib import Path

import pytest
import webvtt

from fosdembot.schedule.diff import ScheduleDiff, diff
from fosdembot.schedule.model import Schedule
from fosdembot.schedule.read import read
from fosdembot.settings import ScheduleSettings, load
from fosdembot.talks.meeting_of import meeting_of
from simulation.demo import sample, sample_meeting, sample_recording
from simulation.demo.acts import (
    Ask,
    Decide,
    Delete,
    Edit,
    Join,
    Leave,
    Publish,
    Room,
    Say,
    Unvote,
    Vote,
    Write,
)
from simulation.demo.sample import BOATHOUSE, LOFT, moment
from simulation.demo.sample_meeting import MEETING
from simulation.demo.sample_recording import subtitles
from simulation.demo.tally import tally

ASKED = [act for act in sample.SCRIPT if isinstance(act, Ask)]


def published(folder: Path, version: int = 1) -> Schedule:
    path = folder / "schedule.xml"
    sample.write_schedule(path, version, sample_recording.links("http://127.0.0.1:8000"))
    assert [child.name for child in folder.iterdir()] == ["schedule.xml"]
    return read(path.read_bytes(), ScheduleSettings())


def test_eight_talks_in_two_rooms_in_three_hours(tmp_path: Path) -> None:
    schedule = published(tmp_path)
    assert len(schedule.entries) == 8
    assert schedule.warnings == ()
    aliases = {f"#{room.alias}:{sample.SERVER_NAME}" for room in (LOFT, BOATHOUSE)}
    assert {talk.chat_room for talk in schedule.entries} == aliases
    length = moment(sample.CLOSE) - moment(sample.OPENING)
    assert timedelta(hours=2.75) < length < timedelta(hours=3.25)


def test_the_newer_version_retimes_one_talk_and_gives_one_another_speaker(tmp_path: Path) -> None:
    changes = diff(published(tmp_path), published(tmp_path, 2))
    assert [change.new.id for change in changes.retimed] == ["8"]
    assert [change.new.id for change in changes.speakers] == ["4"]
    assert changes == ScheduleDiff(retimed=changes.retimed, speakers=changes.speakers)


def test_the_last_version_links_a_recording_of_one_talk(tmp_path: Path) -> None:
    changes = diff(published(tmp_path, 2), published(tmp_path, 3))
    [change] = changes.media
    assert changes == ScheduleDiff(media=changes.media)
    assert change.new.id == str(sample_recording.TALK)
    assert [len(change.new.recordings), len(change.new.subtitles)] == [1, 1]


def test_the_script_runs_in_order_and_everybody_is_there_before_they_speak() -> None:
    times = [moment(act.at) for act in sample.SCRIPT]
    assert times == sorted(times)
    assert moment(sample.OPENING) <= times[0]
    assert times[-1] < moment(sample.CLOSE)
    assert [act.version for act in sample.SCRIPT if isinstance(act, Publish)] == [2, 3]
    there: set[tuple[str, Room]] = set()
    hosts = (sample.MODERATOR, sample.ORGANISER)
    for act in sample.SCRIPT:
        if isinstance(act, Join):
            there.add((act.who, act.room))
        elif isinstance(act, Say | Delete | Ask | Vote | Unvote | Edit | Decide | Write):
            rooms = {act.room, getattr(act, "by", None)} - {None}
            assert act.who in hosts or {(act.who, room) for room in rooms} <= there


def test_with_a_meeting_the_speaker_decides_there_what_a_moderator_does_else() -> None:
    script = sample_meeting.script()
    others = [act for act in script if act not in sample.SCRIPT]
    moderator = [act for act in sample.SCRIPT if act not in script]
    *decided, leaves = others
    assert leaves == Leave("10:28", sample_meeting.SPEAKER, MEETING)
    assert [act.how for act in decided if isinstance(act, Decide)] == ["!next", "!done"]
    pairs = zip(decided, moderator, strict=True)
    for one, other in pairs:
        assert isinstance(one, Decide)
        assert isinstance(other, Decide)
        assert one.by is MEETING
        assert one.who in sample.SPEAKERS
        same = (one.at, one.room, one.number, one.state)
        assert same == (other.at, other.room, other.number, other.state)
    times = [moment(act.at) for act in script]
    assert times == sorted(times)


def test_a_play_that_ends_early_ends_in_the_meeting_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sample, "CLOSE", "10:16")
    assert max(act.at for act in sample_meeting.script()) < "10:16"
    here = [item.at for item in sample_meeting.told() if item.room is MEETING]
    assert here == [None, "10:15"]


def test_the_meeting_is_that_of_its_speakers_talk(tmp_path: Path) -> None:
    settings, problems = load({"jitsi": sample_meeting.settings("ws://127.0.0.1:1/x", "a", "b.a")})
    assert problems == []
    met = {
        talk.id: str(meeting_of(talk, settings))
        for talk in published(tmp_path, 2).entries
        if meeting_of(talk, settings)
    }
    assert met == {
        sample.SPEAKERS[sample_meeting.SPEAKER]: "https://meet.conference.localhost/teacup"
    }


def test_every_command_has_an_answer_but_the_one_that_is_none() -> None:
    said = [act for act in sample.SCRIPT if isinstance(act, Say)]
    hosts_words = r"(loft|boat) (questions all|qa )"
    commands = [act for act in said if re.match(rf"!|{sample.BOT}:|{hosts_words}", act.text)]
    assert [act.text for act in commands if act.answer is None] == ["!coffee"]
    assert [act for act in said if act.answer is not None and act not in commands] == []
    words = {act.text.split()[0] for act in commands}
    expected = {"!talk", "!next", "!schedule", "!help", "!undo", "!transcript", "!conf"}
    assert expected | {"!announce"} <= words


def test_questions_are_numbered_as_they_are_asked() -> None:
    for room, questions in ((LOFT, 11), (BOATHOUSE, 7)):
        numbers = [act.number for act in ASKED if act.room is room]
        assert numbers == [*range(1, questions + 1)]


def test_people_ask_and_vote_in_every_way() -> None:
    assert {act.how for act in ASKED} == {"!ask", "Q:", "!q", "❓", "!anon loft:"}
    assert any(act.to for act in ASKED)
    votes = {act.how for act in sample.SCRIPT if isinstance(act, Vote)}
    assert {"👍", "👍🏻", "👍🏼", "👍🏽", "👍🏾", "👍🏿", "+1", "Q1", "!vote 1"} <= votes
    assert {act.how for act in sample.SCRIPT if isinstance(act, Unvote)} == {"👍", "!unvote 8"}
    taps = {act.how for act in sample.SCRIPT if isinstance(act, Decide) and act.is_tap}
    assert taps == {"⭐", "▶️", "✅"}


def test_commands_name_the_question_that_they_are_about() -> None:
    for act in sample.SCRIPT:
        if isinstance(act, Vote | Unvote | Decide) and (
            number := re.search(r"(?<!\+)\d+", act.how)
        ):
            assert int(number[0]) == act.number


def test_every_question_is_listed_after_its_last_vote_while_its_talk_is_the_last() -> None:
    listed = [(act.at, act.lists) for act in sample.SCRIPT if isinstance(act, Say) and act.lists]
    letters = [item for item in sample.TOLD if item.kind == "letter"]
    standing = tally(sample.SCRIPT)
    for question in standing.values():
        if question.state not in ("open", "answered"):
            continue
        room, number = question.ask.room, question.ask.number
        parts = {part.ask.number for part in question.parts}
        voted = [
            act.at
            for act in sample.SCRIPT
            if isinstance(act, Vote | Unvote) and act.room is room and act.number in parts
        ]
        last = max([*voted, question.ask.at])
        until = min([at for at in begins(room) if at > question.ask.at], default=sample.CLOSE)
        in_list = any(where is room and last < at < until for at, where in listed)
        in_letter = any((i.at or "") > last and i.lists is room for i in letters)
        assert in_list or in_letter, (room.name, number)


def test_what_waits_at_the_end_of_a_talk_has_a_speaker_to_go_to() -> None:
    for question in tally(sample.SCRIPT).values():
        waits = question.state in ("pending", "open", "starred", "answering")
        assert not waits or (question.ask.room is LOFT and question.ask.to == 4)


def begins(room: Room) -> list[str]:
    """When its talks begin."""
    return [i.at for i in sample.TOLD if i.kind == "now" and i.room is room and i.at is not None]


def test_what_must_be_told_cannot_be_mistaken_for_one_another() -> None:
    for room in (*sample.ROOMS, MEETING):
        words = [item.words for item in sample_meeting.told() if item.room is room]
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


def test_the_host_reads_questions_aloud_soon_after_they_are_taken() -> None:
    taken = {
        act.number: act.at
        for act in sample.SCRIPT
        if isinstance(act, Decide) and act.room is LOFT and act.state == "answering"
    }
    for number, aloud in sample_recording.READ_ALOUD.items():
        assert timedelta(0) < moment(aloud) - moment(taken[number]) < timedelta(seconds=15)
    cues = [(cue.start_in_seconds, cue.text) for cue in webvtt.from_string(subtitles()).captions]
    seconds = [second for second, _ in cues]
    assert seconds == sorted(seconds)
    for number, words in sample_recording.ANSWERS.items():
        read = sample_recording.second(sample_recording.READ_ALOUD[number])
        assert read in seconds
        [answer] = [second for second, text in cues if words in text]
        assert read < answer < read + 30


def test_the_recording_is_as_long_as_the_talk(tmp_path: Path) -> None:
    sample_recording.write(tmp_path)
    with wave.open(str(tmp_path / "teacup.wav")) as sound:
        seconds = sound.getnframes() / sound.getframerate()
        assert sound.readframes(1000) == bytes(2000)
    assert seconds == sample_recording.second("10:25")
    # Most of it is nothing.
    assert (tmp_path / "teacup.wav").stat().st_blocks * 512 < 100_000


def test_the_last_transcript_is_due_when_all_is_over() -> None:
    ends = [moment("00:00") + timedelta(minutes=talk.at + talk.minutes) for talk in sample.talks(3)]
    due = max(ends) + timedelta(minutes=sample.TRANSCRIPTS_MINUTES)
    assert due == moment(sample.LAST_TRANSCRIPT) > moment(sample.CLOSE)
