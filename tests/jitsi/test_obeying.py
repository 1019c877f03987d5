"""What people in a meeting make the bot do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fosdembot.jitsi.meeting import Said
from fosdembot.questions.states import Action
from fosdembot.texts import meetings as texts
from simulation.conference import Planned
from tests.stage import CLOUD, KERNEL, talks

from .hall import QA, Hall
from .stand_in import LEO, MIRA

NEXT = "Next: 2 (0 votes): How big? – Bob"


# The next one.


async def test_the_speaker_works_through_the_questions(qa: Hall) -> None:
    assert await qa.hears("!next") == ["Now: 1 (0 votes): How small? – Bob"]
    qa.later(0.2)
    assert await qa.hears("!next") == ["Now: 2 (0 votes): How big? – Bob"]
    qa.later(0.2)
    assert await qa.hears("!next") == ["Now: 3 (0 votes): Why? – Bob"]
    qa.later(0.2)
    assert await qa.hears("!next") == ["3 is answered. No more questions wait."]
    qa.later(0.2)
    assert await qa.hears("!next") == ["No more questions wait."]
    assert await qa.states(1, 2, 3) == ["answered"] * 3


async def test_twice_within_a_moment_is_once(qa: Hall) -> None:
    assert await qa.hears("!next") == ["Now: 1 (0 votes): How small? – Bob"]
    qa.later(4 / 60)
    assert await qa.hears("!next") == []
    assert await qa.states(1, 2) == ["answering", "open"]


async def test_a_clock_that_is_set_back_makes_nobody_wait_for_the_next(qa: Hall) -> None:
    assert await qa.hears("!next") == ["Now: 1 (0 votes): How small? – Bob"]
    qa.later(-0.4)
    assert await qa.hears("!next") == ["Now: 2 (0 votes): How big? – Bob"]
    await qa.command("!take")
    assert await qa.states(1, 2, 3) == ["answered", "answering", "open"], "at once with the meeting"
    qa.later(1)
    await qa.command("!take")
    assert await qa.states(1, 2, 3) == ["answered", "answered", "answering"]


async def test_of_two_who_take_the_next_at_once_both_take_one(hall: Hall) -> None:
    hall.at(QA)
    await hall.ask("How small?", "How big?")
    await hall.look()
    other = replace(LEO, is_owner=True)
    await hall.hear(Said("a", MIRA, "!next"))
    await hall.hear(Said("a", other, "!next"))
    assert await hall.look() == ["Now: 1 (0 votes): How small? – Bob"]
    assert await hall.states(1, 2) == ["answering", "open"]


async def test_of_one_in_the_room_and_one_in_the_meeting_as_well(qa: Hall) -> None:
    await qa.command("!take")
    assert await qa.hears("!next") == ["Being answered: 1 (0 votes): How small? – Bob"]
    assert await qa.states(1, 2) == ["answering", "open"]
    qa.later(1)
    await qa.hears("!next")
    await qa.command("!take")
    assert await qa.look() == []
    assert await qa.states(1, 2, 3) == ["answered", "answering", "open"]


async def test_a_message_takes_effect_once_however_often_it_comes(qa: Hall) -> None:
    said = Said("one", MIRA, "!next")
    await qa.hear(said)
    await qa.restart()
    qa.later(1)
    await qa.hear(said)
    assert await qa.look() == ["Now: 1 (0 votes): How small? – Bob"]
    assert await qa.states(1, 2) == ["answering", "open"]


async def test_a_number_is_taken_closed_and_skipped(qa: Hall) -> None:
    assert await qa.hears("!next 3") == ["Now: 3 (0 votes): Why? – Bob"]
    assert await qa.hears("!done 2") == ["2 is answered. Now: 3 (0 votes): Why? – Bob"]
    assert await qa.hears("!skip #1") == ["1 is skipped. Now: 3 (0 votes): Why? – Bob"]
    assert await qa.states(1, 2, 3) == ["skipped", "answered", "answering"]


async def test_done_closes_what_is_taken_else_what_is_on_show(qa: Hall) -> None:
    assert await qa.hears("!done") == [f"1 is answered. {NEXT}"]
    qa.later(0.2)
    await qa.act(3, Action.TAKE)
    await qa.look()
    assert await qa.hears("!done") == [f"3 is answered. {NEXT}"]
    qa.later(0.2)
    assert await qa.hears("!done") == ["2 is answered. No more questions wait."]
    qa.later(0.2)
    assert await qa.hears("!done") == ["No question is being answered. To take the top one: !next"]


@pytest.mark.parametrize("word", ["next", "done", "skip"])
async def test_where_a_number_is_unclear_no_other_question_is_meant(qa: Hall, word: str) -> None:
    asked = f"Which question? Type !{word} 12, with its number."
    await qa.act(1, Action.TAKE)
    await qa.look()
    assert await qa.hears(f"!{word} 2, thanks") == [asked]
    assert await qa.states(1, 2, 3) == ["answering", "open", "open"]


@pytest.mark.parametrize(("word", "state"), [("done", "answered"), ("skip", "skipped")])
async def test_in_reply_to_a_question_that_one_is_meant(qa: Hall, word: str, state: str) -> None:
    first = qa.meeting.id_of("First: 1")
    await qa.act(2, Action.TAKE)
    await qa.look()
    await qa.hears(f"!{word}", reply_to=first)
    assert await qa.states(1, 2, 3) == [state, "answering", "open"]


async def test_a_star_needs_no_number_in_reply_to_a_question(qa: Hall) -> None:
    first = qa.meeting.id_of("First: 1")
    await qa.act(2, Action.TAKE)
    await qa.look()
    assert await qa.hears("!star", reply_to=first) == ["1 comes next."]


async def test_the_next_one_is_the_next_one_in_reply_to_a_question_as_well(qa: Hall) -> None:
    await qa.hears("!next")
    qa.later(1)
    await qa.hears("!next", reply_to=qa.meeting.id_of("Now: 1"))
    assert await qa.states(1, 2, 3) == ["answered", "answering", "open"]


async def test_what_is_skipped_comes_last(qa: Hall) -> None:
    assert await qa.hears("!skip") == [f"1 is skipped. {NEXT}"]
    for number in (2, 3):
        await qa.act(number, Action.DONE)
    assert await qa.look() == ["Next: 1 (0 votes): How small? – Bob"]
    qa.later(1)
    assert await qa.hears("!skip") == ["1 is skipped. No other question waits."]
    assert await qa.look() == []


@pytest.mark.parametrize("number", ["3", "#3", "Q3", "q 3", "3."])
async def test_a_star_puts_one_on_top(qa: Hall, number: str) -> None:
    assert await qa.hears(f"!star {number}") == ["Next: 3 (0 votes): Why? – Bob"]
    assert await qa.state(3) == "starred"


async def test_one_that_is_starred_while_another_is_answered_comes_next(qa: Hall) -> None:
    await qa.hears("!next")
    assert await qa.hears("!star 3") == ["3 comes next."]
    assert await qa.hears("!star") == ["Which question? Type !star 12, with its number."]
    assert await qa.hears("!star 99999999") == [
        "There is no question 99999999 for this talk. To see the top one: !top"
    ]
    qa.later(1)
    assert await qa.hears("!next") == ["Now: 3 (0 votes): Why? – Bob"]


@pytest.mark.parametrize("action", [Action.DISMISS, Action.WITHDRAW])
async def test_what_the_speaker_may_not_see_is_not_there(qa: Hall, action: Action) -> None:
    await qa.act(3, action)
    for word in ("star", "next", "done"):
        assert await qa.hears(f"!{word} 3") == [
            "There is no question 3 for this talk. To see the top one: !top"
        ]


async def test_a_question_to_another_talk_is_not_there(qa: Hall) -> None:
    await qa.ask("Bigger?", talk=2)
    assert await qa.hears("!star 4") == [
        "There is no question 4 for this talk. To see the top one: !top"
    ]


async def test_the_top_one_with_how_many_wait(qa: Hall) -> None:
    assert await qa.hears("!top") == ["1 (0 votes): How small? – Bob. 2 more questions wait."]
    for number in (1, 2, 3):
        await qa.act(number, Action.DONE)
    assert await qa.hears("!top") == ["No question waits."]


async def test_help_names_the_commands(qa: Hall) -> None:
    [said] = await qa.hears("!help")
    assert "!next: done with this one" in said


# The talk before.


async def still_answering(qa: Hall) -> None:
    """Half a minute ago "Big kernels" has begun."""
    await qa.hears("!next")
    qa.at(85.5)
    await qa.look()


@pytest.mark.parametrize("typed", ["!done", "!done 1"])
async def test_what_is_still_answered_as_the_next_talk_begins_is_closed(
    qa: Hall, typed: str
) -> None:
    await still_answering(qa)
    await qa.ask("Bigger?", talk=2)
    assert await qa.hears(typed) == ["1 is answered."]
    assert await qa.states(1, 2, 4) == ["answered", "open", "open for talk-2"]


async def test_who_has_none_after_it_is_done_with_it_by_next_as_well(qa: Hall) -> None:
    await still_answering(qa)
    assert await qa.hears("!next") == ["1 is answered. No more questions wait."]
    assert await qa.states(1, 2) == ["answered", "open"]


async def test_once_the_next_speaker_has_taken_one_theirs_is_meant(qa: Hall) -> None:
    await still_answering(qa)
    await qa.ask("Bigger?", talk=2)
    await qa.hears("!next")
    qa.later(1)
    assert await qa.hears("!done") == ["4 is answered. No more questions wait."]
    assert await qa.hears("!done 1") == [
        "There is no question 1 for this talk. To see the top one: !top"
    ]
    assert await qa.states(1, 4) == ["answering", "answered for talk-2"]


# The talk.


async def test_the_talk_is_late(qa: Hall) -> None:
    qa.at(61)
    await qa.look()
    qa.at(70)
    assert await qa.hears("!late 5") == ["5 minutes late: until 10:30 now."]
    assert await qa.look() == []
    assert await qa.hears("!late 5 min") == ["The talk stays as it is."]
    assert await qa.hears("!late 0") == ["On time again: until 10:25."]


async def test_the_talk_that_comes_is_late(hall: Hall) -> None:
    hall.at(58)
    await hall.look()
    [answer] = await hall.hears("!late 5")
    assert answer == "5 minutes late: until 10:30 now."


async def test_who_wants_more_time_after_the_end_makes_no_later_talk_late(hall: Hall) -> None:
    """The next one, "Old kernels", begins half an hour later."""
    hall.at(111)
    await hall.look()
    assert await hall.hears("!late 5") == [texts.NO_TALK]
    hall.at(125)
    await hall.look()
    assert await hall.hears("!late 5") == ["5 minutes late: until 11:50 now."]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("!late", texts.NO_MINUTES.format(p="!")),
        ("!late soon", texts.NO_MINUTES.format(p="!")),
        ("!late -5", texts.NO_MINUTES.format(p="!")),
        ("!late 5.5", texts.NO_MINUTES.format(p="!")),
        ("!late ٥", texts.NO_MINUTES.format(p="!")),
        ("!late 99999", "The talk can begin 0 to 720 minutes late."),
        ("!late 999999999", "The talk can begin 0 to 720 minutes late."),
        ("!late 9999999999", texts.NO_MINUTES.format(p="!")),
    ],
)
async def test_a_silly_number_of_minutes_changes_nothing(qa: Hall, typed: str, answer: str) -> None:
    assert await qa.hears(typed) == [answer]
    async with qa.stage.database.read() as session:
        programme = await qa.stage.bot.programme.room(session, KERNEL)
    assert programme.overrides == {}


async def test_before_and_long_after_the_talk_there_is_nothing_to_take(hall: Hall) -> None:
    await hall.ask("How small?")
    for minute in (50, 165 + 11):
        hall.at(minute)
        await hall.look()
        assert await hall.hears("!next") == [texts.NO_TALK]


async def test_a_moment_after_the_talk_its_questions_can_still_be_taken(hall: Hall) -> None:
    await hall.ask("How old?", talk=3)
    hall.at(165 + 5)
    await hall.look()
    assert await hall.hears("!next") == ["Now: 1 (0 votes): How old? – Bob"]


async def test_where_two_talks_are_on_nobody_knows_which_is_meant(hall: Hall) -> None:
    await hall.stage.publish(
        *talks(
            Planned(1, "Tiny kernels", 60, 25, place="Hall"),
            Planned(9, "Tiny clouds", 60, 25, place="Hall", chat_room=CLOUD),
            room=KERNEL,
        )
    )
    await hall.ask("How small?")
    hall.at(QA)
    await hall.look()
    assert await hall.hears("!next") == [texts.WHICH_TALK]
    assert await hall.state(1) == "open"
