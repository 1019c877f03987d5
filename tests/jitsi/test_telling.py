"""What a meeting is told by itself: the time."""

from __future__ import annotations

import pytest

from fosdembot.db.tables import RoomAddress
from fosdembot.jitsi.meeting import Kind, Participant
from fosdembot.texts import meetings as texts
from simulation.conference import Planned
from tests.stage import KERNEL, MakeStage, room_id, talks

from .hall import PROGRAMME, QA, Hall, open_talks
from .settings import SETTINGS, jitsi
from .stand_in import MIRA

TYPE = "I will show the top question here: type !next."
READY = f'You are on at 10:00 with "Tiny kernels". Questions from 10:20, cut at 10:25. {TYPE}'
BEGUN = f'You are on now with "Tiny kernels". Questions from 10:20, cut at 10:25. {TYPE}'
BIG = f'with "Big kernels". Questions from 10:45, cut at 10:50. {TYPE}'
VISITOR = Participant("visitor", "Vera", Kind.VISITOR)


async def test_who_comes_next_is_told_once_when_they_are_on(hall: Hall) -> None:
    hall.at(44)
    assert await hall.look() == []
    hall.at(45)
    assert await hall.look() == [READY]
    hall.at(50)
    await hall.restart()
    assert await hall.look() == []


async def test_nobody_is_told_when_they_are_on_before_somebody_is_there(hall: Hall) -> None:
    hall.meeting.people = {VISITOR.id: VISITOR}
    hall.at(50)
    assert await hall.look() == []
    hall.meeting.people[MIRA.id] = MIRA
    assert await hall.look() == [READY]


async def test_who_is_first_seen_after_the_start_is_told_as_long_as_it_helps(hall: Hall) -> None:
    hall.at(64)
    assert await hall.look() == [BEGUN]


async def test_six_minutes_into_the_talk_the_speaker_is_left_in_peace(hall: Hall) -> None:
    hall.at(66)
    assert await hall.look() == []


async def test_the_next_speaker_is_told_as_the_talk_before_ends(hall: Hall) -> None:
    """In a devroom the meeting is never free between two talks."""
    hall.at(84)
    await hall.look()
    hall.at(85)
    assert await hall.look() == [
        "Time is over.",
        f"You are on now {BIG}",
    ]


async def test_after_a_gap_the_next_speaker_is_told_before(hall: Hall) -> None:
    hall.at(112)
    assert await hall.look() == []
    hall.at(125)
    assert await hall.look() == [
        f'You are on at 11:20 with "Old kernels". Questions from 11:40, cut at 11:45. {TYPE}'
    ]


async def test_an_hour_of_a_talk(hall: Hall) -> None:
    told = {}
    for minute in range(40, 90):
        hall.at(minute)
        if said := await hall.look():
            told[minute] = said
    assert told == {
        45: [READY],
        75: ["5 minutes to questions."],
        80: [f"Questions now, until 10:25. {texts.QA_NONE}"],
        83: ["2 minutes left."],
        85: ["Time is over.", f"You are on now {BIG}"],
    }


async def test_what_was_missed_is_not_told_late(hall: Hall) -> None:
    hall.at(79.5)
    assert await hall.look() == []
    hall.at(82)
    [said] = await hall.look()
    assert said.startswith("Questions now")
    hall.at(84.5)
    assert await hall.look() == []
    hall.at(87)
    [said] = await hall.look()
    assert said.startswith("You are on now")


async def test_what_is_told_late_says_how_long_it_really_is(hall: Hall) -> None:
    hall.at(76.9)
    assert await hall.look() == ["3 minutes to questions."]
    hall.at(81)
    await hall.look()
    await hall.command("!talk delay 5")
    assert (await hall.look())[0] == "4 minutes to questions."
    hall.at(88.6)
    assert [said for said in await hall.look() if "left" in said] == ["1 minute left."]


async def test_the_stream_is_later_by_what_is_set_for_any_address_of_the_room(
    make_stage: MakeStage,
) -> None:
    other = "#other:example.org"
    settings = SETTINGS | {"notices": {"stream_delay_by_room": {other: 30}}}
    hall = Hall(await make_stage(**settings))
    await open_talks(hall.stage)
    async with hall.stage.database.write() as session:
        await session.merge(RoomAddress(address=other, room_id=room_id(KERNEL)))
    hall.at(50)
    assert await hall.look() == [f"{READY} The stream runs 30 s behind, do not wait for it."]


async def test_the_stream_of_a_place_counts_before_that_of_its_matrix_room(
    make_stage: MakeStage,
) -> None:
    delays = {"Hall": 12, KERNEL: 30}
    settings = SETTINGS | {"notices": {"stream_delay_by_room": delays, "stream_delay_seconds": 5}}
    hall = Hall(await make_stage(**settings))
    await open_talks(hall.stage)
    hall.at(50)
    assert await hall.look() == [f"{READY} The stream runs 12 s behind, do not wait for it."]


async def test_the_speaker_is_told_of_no_command_that_is_not_obeyed(make_stage: MakeStage) -> None:
    hall = Hall(await make_stage(**SETTINGS | {"jitsi": jitsi(commands="off")}))
    await open_talks(hall.stage)
    hall.at(50)
    [said] = await hall.look()
    assert said.endswith("cut at 10:25. I will show the questions here.")


async def test_commands_are_named_with_the_prefix_that_is_set(make_stage: MakeStage) -> None:
    hall = Hall(await make_stage(**SETTINGS | {"command_prefix": "%"}))
    await open_talks(hall.stage)
    hall.at(50)
    [said] = await hall.look()
    assert said.endswith("type %next.")


# Talks that take place at other times than was told.


async def test_a_talk_that_is_delayed_before_it_begins_is_told_with_its_new_times(
    hall: Hall,
) -> None:
    hall.at(50)
    await hall.look()
    await hall.command("!talk delay 5")
    late = f'You are on at 10:05 with "Tiny kernels". Questions from 10:25, cut at 10:30. {TYPE}'
    assert await hall.look() == [late]
    assert await hall.look() == []
    await hall.command("!talk delay 0")
    assert await hall.look() == [READY]
    await hall.command("!talk delay 5")
    assert await hall.look() == [late]


async def test_a_talk_that_is_delayed_while_it_is_on_is_told_its_new_times_once(hall: Hall) -> None:
    hall.at(61)
    await hall.look()
    hall.at(75)
    assert await hall.look() == ["5 minutes to questions."]
    await hall.command("!talk delay 5")
    hall.at(76)
    assert await hall.look() == ["New times: questions from 10:25, cut at 10:30."]
    await hall.restart()
    assert await hall.look() == []
    hall.at(80)
    assert await hall.look() == ["5 minutes to questions."]


async def test_a_talk_that_begins_late_and_ends_as_told_has_no_new_times(hall: Hall) -> None:
    hall.at(50)
    await hall.look()
    hall.at(62)
    await hall.command("!talk start")
    assert await hall.look() == []


async def test_what_is_no_longer_true_is_not_said_even_if_it_waited_to_be_said(hall: Hall) -> None:
    hall.at(61)
    await hall.look()
    hall.at(83)
    await hall.put()
    await hall.command("!talk delay 10")
    assert await hall.look() == ["New times: questions from 10:30, cut at 10:35."]


@pytest.mark.parametrize("decision", ["cancel", "noshow"])
async def test_nothing_is_said_of_a_talk_that_does_not_take_place(
    hall: Hall, decision: str
) -> None:
    await hall.ask("How small?")
    hall.at(61)
    await hall.look()
    await hall.command(f"!talk {decision}")
    for minute in (62, 75, 80, 83, 85):
        hall.at(minute)
        # The next speaker may be told when they are on.
        assert [said for said in await hall.look() if '"Big kernels"' not in said] == []


async def test_a_talk_that_is_ended_early_shows_no_question(hall: Hall) -> None:
    await hall.ask("How small?")
    hall.at(70)
    await hall.command("!talk end")
    assert await hall.look() == ["Time is over.", f"You are on at 10:25 {BIG}"]
    hall.at(71)
    assert await hall.look() == []


async def test_in_the_meeting_of_a_single_talk_it_is_not_named(hall: Hall) -> None:
    await hall.stage.publish(PROGRAMME[0])
    hall.at(50)
    [said] = await hall.look()
    assert said.startswith("You are on at 10:00. Questions from 10:20")


async def test_of_two_talks_at_once_in_one_meeting_none_is_told(hall: Hall) -> None:
    """Which speaker should believe it?"""
    both = talks(
        Planned(1, "Tiny kernels", 60, 25, place="Hall"),
        Planned(9, "Tiny clouds", 60, 25, place="Hall", chat_room="#cloud:example.org"),
        Planned(3, "Old kernels", 140, 25, place="Hall"),
        room=KERNEL,
    )
    await hall.stage.publish(*both)
    await hall.ask("How small?")
    for minute in (62, 75, 80, 83):
        hall.at(minute)
        assert await hall.look() == []


# What is said.


async def test_a_line_that_the_meeting_refuses_is_not_said_again(hall: Hall) -> None:
    hall.meeting.refuses = lambda text: "You are on" in text
    hall.at(50)
    assert await hall.look() == []
    hall.meeting.refuses = lambda _: False
    assert await hall.look() == []


async def test_a_line_that_waited_too_long_is_not_said(hall: Hall) -> None:
    hall.at(59)
    await hall.put()
    hall.at(72)
    assert await hall.look() == []


async def test_in_a_meeting_of_no_talk_nothing_is_said(hall: Hall) -> None:
    other = Hall(hall.stage, "https://meet.example.org/attic")
    other.at(QA)
    assert await other.look() == []
    assert await other.hears("!next") == [texts.NO_TALK]
