"""What speakers and moderators type about questions, and what is said of it.

Who may do what in which state: `test_role_table.py`.
"""

from __future__ import annotations

import pytest

from fosdembot.questions.states import Action
from simulation.conference import Planned
from tests.chat.audience import upgrade
from tests.chat.conftest import PROGRAMME
from tests.chat.floor import (
    ASKER,
    HOST,
    HOSTS,
    SPEAKER,
    act,
    answer,
    ask,
    decisions,
    host,
    state,
    states,
    tap,
)
from tests.stage import CLOUD, KERNEL, MODERATOR, ORGANISER, STRANGER, Stage, bodies, talks

UNDO = " Wrong? !undo kernel"


async def test_the_top_question_is_taken_one_after_the_other(
    floor: Stage, asked_three: None
) -> None:
    assert await host(floor, "!take kernel") == f"Question 2 is being answered now.{UNDO}"
    assert await states(floor) == ["open", "answering", "open"]
    floor.clock.forward(1)
    assert await host(floor, "!take kernel") == (
        f"Question 1 is being answered now. Question 2 is answered now.{UNDO}"
    )
    floor.clock.forward(1)
    assert await host(floor, "!done kernel") == f"Question 1 is answered now.{UNDO}"
    floor.clock.forward(1)
    await host(floor, "!take kernel")
    floor.clock.forward(1)
    assert await host(floor, "!take kernel") == "No question waits for an answer."
    assert await states(floor) == ["answered", "answered", "answering"]


async def test_who_takes_the_next_twice_is_told_why_it_is_one(
    floor: Stage, asked_three: None
) -> None:
    """In a talk room as well, where a mere ✅ would say that it was taken."""
    await host(floor, "!take kernel")
    why = (
        "Question 2 was taken a moment ago. For the one after it, type that again in a few seconds."
    )
    assert await host(floor, "!take kernel") == why
    assert await answer(floor, KERNEL, HOST, "!take") == why
    assert await answer(floor, KERNEL, MODERATOR, "!take") == "✅", "they mean the same one"
    assert "Only" in await answer(floor, KERNEL, STRANGER, "!take")
    assert await host(floor, "!take 2") == "Question 2 is being answered already."
    assert await states(floor) == ["open", "answering", "open"]


async def test_a_starred_question_is_taken_before_one_with_votes(
    floor: Stage, asked_three: None
) -> None:
    assert await host(floor, "!star 3") == f"Question 3 is starred now.{UNDO}"
    await host(floor, "!take kernel")
    assert await states(floor) == ["open", "open", "answering"]


async def test_nothing_to_take(floor: Stage) -> None:
    assert await host(floor, "!take kernel") == "No question waits for an answer."
    assert await host(floor, "!skip kernel") == "No question waits for an answer."
    assert await host(floor, "!done kernel") == (
        "No question is being answered. With its number: !done 12"
    )


async def test_a_question_that_waits_for_a_moderator_is_not_the_top_one(floor: Stage) -> None:
    await ask(floor, "May I?", pending=True)
    assert await host(floor, "!take kernel") == "No question waits for an answer."


async def test_skipping_puts_it_behind_the_others(floor: Stage, asked_three: None) -> None:
    await host(floor, "!take kernel")
    floor.clock.forward(1)
    assert await host(floor, "!skip kernel") == f"Question 2 is open, behind the others now.{UNDO}"
    floor.clock.forward(1)
    await host(floor, "!skip kernel")
    assert await states(floor) == ["skipped", "skipped", "open"]
    floor.clock.forward(1)
    for _ in range(2):
        await host(floor, "!take kernel")
        floor.clock.forward(1)
    assert await states(floor) == ["skipped", "answering", "answered"], "the skipped come last"


@pytest.mark.parametrize(
    ("word", "first", "second"),
    [("take", "answering", "answering"), ("skip", "skipped", "skipped"), ("done", "open", "open")],
)
async def test_two_who_say_the_same_at_once_mean_one_question(
    floor: Stage, asked_three: None, word: str, first: str, second: str
) -> None:
    if word == "done":
        await act(floor, 2, Action.TAKE)
    await answer(floor, KERNEL, MODERATOR, f"!{word}")
    before = await states(floor)
    assert await answer(floor, KERNEL, SPEAKER, f"!{word}") == "✅"
    assert await states(floor) == before
    floor.clock.forward(0.1)
    await answer(floor, KERNEL, SPEAKER, f"!{word}")
    assert (await states(floor) == before) is (word == "done"), "six seconds later it is another"


async def test_after_downtime_it_counts_when_they_were_typed(
    floor: Stage, asked_three: None
) -> None:
    floor.clock.set(80)
    await answer(floor, KERNEL, MODERATOR, "!take", at=66)
    await answer(floor, KERNEL, MODERATOR, "!take", at=67)
    await answer(floor, KERNEL, SPEAKER, "!take", at=67.05)
    assert await states(floor) == ["answering", "answered", "open"]


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (55, "No talk is on. With the question's number: !take 12"),
        (84, "Question 1 is being answered now."),
        (86, "No question waits for an answer."),
    ],
)
async def test_the_obvious_question_is_of_the_talk_that_is_on(
    floor: Stage, minutes: float, said: str
) -> None:
    await ask(floor, "How small?")
    floor.clock.set(minutes)
    assert (await host(floor, "!take kernel")).startswith(said)


async def test_the_talk_just_over_until_the_next_one_starts(floor: Stage) -> None:
    """Between the second talk and the third there are ten minutes."""
    await ask(floor, "For the second?", talk=2)
    await ask(floor, "For the third?", talk=3)
    floor.clock.set(112)
    assert (await host(floor, "!take kernel")).startswith("Question 1 is being answered now.")
    floor.clock.set(121)
    assert (await host(floor, "!take kernel")).startswith("Question 2 is being answered now.")
    assert await state(floor, 1) == "answering for talk-2", "the other talk's stays as it is"


async def test_in_the_talk_room_a_tick_says_it(floor: Stage, asked_three: None) -> None:
    for body in ("!star 3", "!star 3", "!unstar Q3", "!dismiss #1", "!restore 1"):
        assert await answer(floor, KERNEL, MODERATOR, body) == "✅"
    assert await decisions(floor) == [
        (action, MODERATOR) for action in ("star", "unstar", "dismiss", "restore")
    ]


async def test_behind_a_bridge_words_say_it(floor: Stage, asked_three: None) -> None:
    bridged = "@irc_ada:example.org"
    await floor.open(KERNEL, {MODERATOR: 50, bridged: 50})
    said = await answer(floor, KERNEL, bridged, "!star 3")
    assert said == "Question 3 is starred now. Wrong? !undo"


async def test_speakers_are_not_told_of_an_undo_that_is_not_theirs(
    floor: Stage, asked_three: None
) -> None:
    direct = await floor.open_direct(SPEAKER)
    assert await answer(floor, direct, SPEAKER, "!take 2") == "Question 2 is being answered now."


async def test_only_whom_it_concerns_is_mentioned(floor: Stage, asked_three: None) -> None:
    said = await floor.say(HOSTS, HOST, "!take 2")
    mentions = {s.body: s.content["m.mentions"] for s in said}
    assert mentions["Asker: your question 2 is being answered now."] == {"user_ids": [ASKER]}
    assert [m for m in mentions.values() if m] == [{"user_ids": [ASKER]}]


@pytest.mark.parametrize("body", ["!skip", "!dismiss", "!star", "!done"])
async def test_a_reply_names_its_question(floor: Stage, asked_three: None, body: str) -> None:
    reply = {"m.relates_to": {"m.in_reply_to": {"event_id": "$asked3"}}}
    assert await answer(floor, KERNEL, MODERATOR, body, **reply) == "✅"
    assert [s == "open" for s in await states(floor)] == [True, True, False]


@pytest.mark.parametrize("body", ["!star", "!unstar", "!restore", "!approve", "!dismiss"])
async def test_what_names_no_question_is_asked_back(
    floor: Stage, asked_three: None, body: str
) -> None:
    said = await answer(floor, KERNEL, MODERATOR, body)
    assert said == f"Which question? Add its number, like {body} 12"
    assert await decisions(floor) == []


# Approving.


async def test_all_that_wait_are_approved_at_once(floor: Stage) -> None:
    for number in range(1, 6):
        await ask(floor, f"Question {number}?", pending=True)
    await ask(floor, "For the next talk?", pending=True, talk=2)
    said = await host(floor, "!approve kernel all")
    assert said == f"Approved: 1, 2, 3 and 2 others.{UNDO}"
    assert [await state(floor, number) for number in range(1, 7)] == [
        *["open"] * 5,
        "pending for talk-2",
    ]
    assert await host(floor, "!approve kernel ALL") == (
        "No question of this talk waits for a moderator."
    )
    assert await host(floor, "!undo kernel") == (
        "Taken back. That is for questions 1, 2, 3 and 2 others."
    )
    assert {await state(floor, number) for number in range(1, 6)} == {"pending"}


# Dismissing.


async def test_a_reason_reaches_the_asker_from_where_the_audience_does_not_read(
    floor: Stage,
    asked_three: None,
) -> None:
    chat = await floor.open_direct(ASKER)
    said = await floor.say(HOSTS, HOST, "!dismiss 2 off topic, <b>sorry</b> @room")
    assert [s.body for s in said if s.room == HOSTS] == [
        f"Question 2 is dismissed now. Its asker is told why.{UNDO}"
    ]
    assert "off topic" not in str([s.content for s in said if s.room == KERNEL])
    [told] = [s for s in said if s.room == chat]
    assert told.body.startswith("Your question 2 in kernel was not taken up: off topic, <b>sorry")
    assert "@room" not in told.body
    assert "<b>" not in told.html
    assert told.content["m.mentions"] == {"user_ids": [ASKER]}


@pytest.mark.parametrize("alias", [KERNEL, CLOUD])
async def test_a_reason_typed_in_public_is_kept_back(
    floor: Stage, asked_three: None, alias: str
) -> None:
    _, said = await floor.write(alias, ORGANISER, "!dismiss 2 he is a troll")
    if alias is CLOUD:
        assert bodies(said).startswith("There is no question 2 here.")
        return
    assert bodies(said) == (
        "Question 2 is dismissed now. Wrong? !undo. A reason is told to the asker only from the "
        "hosts' room or a direct chat with me."
    )
    assert "troll" not in str([s.content for s in await floor.outbox()])


async def test_dismissed_twice(floor: Stage, asked_three: None) -> None:
    await host(floor, "!dismiss 2 off topic")
    floor.clock.forward(1)
    _, said = await floor.write(HOSTS, HOST, "!dismiss 2 off topic")
    assert bodies(said) == "Question 2 is dismissed already.", "nobody is told again"


# Merging.


@pytest.mark.parametrize("typed", ["1 2", "1 into 2", "1, 2", "#1 → #2", "Q1 and Q2", "1 + 2"])
async def test_merging_says_which_survives(floor: Stage, asked_three: None, typed: str) -> None:
    await floor.say(KERNEL, "@voter:example.org", "!vote 1")
    assert await host(floor, f"!merge {typed}") == (
        f"Question 1 is part of 2 now, which has 2 votes.{UNDO}"
    )
    assert await states(floor) == ["merged into 2", "open", "open"]


async def test_merging_by_reply(floor: Stage, asked_three: None) -> None:
    reply = {"m.relates_to": {"m.in_reply_to": {"event_id": "$asked1"}}}
    await answer(floor, KERNEL, MODERATOR, "!merge 2", **reply)
    assert await state(floor, 1) == "merged into 2"


async def test_merging_into_one_that_was_merged(floor: Stage, asked_three: None) -> None:
    await host(floor, "!merge 2 3")
    assert (await host(floor, "!merge 1 2")).startswith("Question 1 is part of 3 now")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("!merge 1", "Which two? !merge 12 14 makes 12 a part of 14."),
        ("!merge 1 7", "There is no question 7 here. All of them: !questions"),
        ("!merge 1 1", "These two are one question already."),
        ("!merge 1 4", "These are questions for different talks: !move one of them first."),
    ],
)
async def test_what_cannot_be_merged(floor: Stage, asked_three: None, body: str, said: str) -> None:
    await ask(floor, "For the next talk?", talk=2)
    assert await host(floor, body) == said
    assert await decisions(floor) == []


# Moving.


@pytest.mark.parametrize(("to", "talk"), [("2", 2), ("next", 2), ("NEXT", 2), ("#3", 3)])
async def test_moving_to_another_talk(floor: Stage, asked_three: None, to: str, talk: int) -> None:
    await act(floor, 1, Action.STAR)
    title = {2: "Big kernels", 3: "Old kernels"}[talk]
    assert await host(floor, f"!move 1 {to}") == f'Question 1 is for "{title}" now.{UNDO}'
    assert await state(floor, 1) == f"open for talk-{talk}"
    assert (
        await host(floor, "!undo kernel") == 'Taken back. Question 1 is for "Tiny kernels" again.'
    )
    assert await state(floor, 1) == "starred"


async def test_the_next_talk_a_second_time_is_the_same(floor: Stage, asked_three: None) -> None:
    await host(floor, "!move 1 next")
    said = await host(floor, "!move 1 next")
    assert said == 'Question 1 is for "Big kernels" already.'
    floor.clock.forward(1)
    assert 'for "Old kernels" now' in await host(floor, "!move 1 next")


async def test_moving_to_where_it_is(floor: Stage, asked_three: None) -> None:
    await act(floor, 1, Action.STAR)
    assert await host(floor, "!move 1 1") == 'Question 1 is for "Tiny kernels" already.'
    assert await state(floor, 1) == "starred"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("!move 1", "To which talk? Type !move 1 next, or the talk's ID in place of next."),
        ("!move 1 77", 'No talk of this room has that ID. These are here: 2 "Big kernels", 3 '),
        ("!move 1 11", "No talk of this room has that ID."),
        ("!move 4 next", "No talk comes after it today. Type the talk's ID instead."),
    ],
)
async def test_what_cannot_be_moved(floor: Stage, asked_three: None, body: str, said: str) -> None:
    await ask(floor, "For the last talk?", talk=3)
    assert (await host(floor, body)).startswith(said)
    assert await decisions(floor) == []


# Rooms that are not what they were.


async def test_after_an_upgrade_those_decide_who_run_the_new_room(
    floor: Stage, asked_three: None
) -> None:
    new = await upgrade(floor, {STRANGER: 50})
    assert await host(floor, "star 1") == f"Question 1 is starred now.{UNDO}"
    assert await answer(floor, new, STRANGER, "!star 2") == "✅"
    await answer(floor, new, MODERATOR, "!star 3")
    await tap(floor, MODERATOR, "$asked3", "⭐")
    assert await states(floor) == ["starred", "starred", "open"]


async def test_of_a_talk_that_moved_also_those_decide_who_run_its_new_room(
    floor: Stage, asked_three: None
) -> None:
    moved = talks(Planned(1, "Tiny kernels", 60, 25, place="Attic", track="Cloud"), room=CLOUD)
    await floor.publish(*moved, *PROGRAMME[1:3])
    await floor.open(CLOUD, {STRANGER: 50})
    assert await answer(floor, CLOUD, STRANGER, "!take") == "✅"
    assert await states(floor) == ["open", "answering", "open"]
    await tap(floor, MODERATOR, "$asked1", "⭐")
    assert await states(floor) == ["starred", "answering", "open"]
    assert "Only" in await answer(floor, CLOUD, ASKER, "!take")
