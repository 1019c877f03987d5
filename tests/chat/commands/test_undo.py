"""`!undo`: the last decision for a room, whether about a talk or about a question."""

from __future__ import annotations

import pytest

from tests.chat.audience import reply_to
from tests.chat.floor import ASKER, answer, host, moderated, state, states
from tests.stage import CONTROL, KERNEL, MODERATOR, ORGANISER, Stage

HOW_TO_UNDO = (
    "!undo alone takes the last decision back; with the number of a question, like !undo 12, the "
    "last about that one."
)


async def test_undo_takes_the_newer_of_both_kinds(floor: Stage, asked_three: None) -> None:
    for minutes, body in ((66, "!star 1"), (67, "!talk delay 5"), (68, "!dismiss 2")):
        floor.clock.set(minutes)
        await answer(floor, KERNEL, MODERATOR, body)
    floor.clock.set(69)
    said = [await answer(floor, KERNEL, MODERATOR, "!undo") for _ in range(4)]
    assert said[0] == "Taken back. Question 2 is open again."
    assert said[1].startswith('Taken back. "Tiny kernels" is on as planned: 10:00 to 10:25.')
    assert said[2] == "Taken back. Question 1 is open again."
    assert said[3] == "Nothing to take back here."


async def test_undo_of_a_take_brings_the_one_before_back(floor: Stage, asked_three: None) -> None:
    await host(floor, "!take 2")
    await host(floor, "!take 1")
    assert await host(floor, "!undo kernel") == (
        "Taken back. Question 1 is open again. Question 2 is being answered again."
    )
    assert await states(floor) == ["open", "answering", "open"]


async def test_undo_of_what_is_no_more(floor: Stage, asked_three: None) -> None:
    await host(floor, "!star 1")
    await floor.say(KERNEL, ASKER, "!withdraw 1")
    said = "Question 1 is withdrawn since then: there is nothing to take back."
    assert await host(floor, "!undo kernel") == said
    assert await host(floor, "!undo kernel") == "Nothing to take back here."
    assert await state(floor, 1) == "withdrawn"


async def test_undo_puts_no_talk_on_beside_the_one_that_another_put_on(floor: Stage) -> None:
    for minutes, sender, body in (
        (70, MODERATOR, "!talk end"),
        (71, ORGANISER, "!talk now 2"),
    ):
        floor.clock.set(minutes)
        await answer(floor, KERNEL, sender, body)
    floor.clock.set(72)
    said = await answer(floor, KERNEL, MODERATOR, "!undo")
    assert said.startswith('Taken back. "Big kernels" is on as planned: 10:25 to 10:50.')
    said = await answer(floor, KERNEL, MODERATOR, "!undo")
    assert said.startswith('Taken back. "Tiny kernels" is on as planned: 10:00 to 10:25.')


async def test_undo_of_an_own_decision_that_is_in_nobody_s_way_goes_first(floor: Stage) -> None:
    for minutes, sender, body in (
        (70, MODERATOR, "!talk delay 5 3"),
        (71, ORGANISER, "!talk end"),
    ):
        floor.clock.set(minutes)
        await answer(floor, KERNEL, sender, body)
    floor.clock.set(72)
    said = await answer(floor, KERNEL, MODERATOR, "!undo")
    assert said.startswith('Taken back. "Old kernels" is on as planned: 11:00 to 11:25.')


async def test_undo_leaves_another_room_alone(floor: Stage, asked_three: None) -> None:
    await host(floor, "!star 1")
    assert await answer(floor, CONTROL, ORGANISER, "!undo cloud") == "Nothing to take back here."
    assert await state(floor, 1) == "starred"


async def test_undo_with_a_number_is_about_that_question(floor: Stage, asked_three: None) -> None:
    for body in ("!dismiss 1", "!dismiss 2", "!talk delay 5"):
        await answer(floor, KERNEL, MODERATOR, body)
    assert await answer(floor, KERNEL, MODERATOR, "!undo 1") == (
        "Taken back. Question 1 is open again."
    )
    assert await host(floor, "!undo kernel 2") == "Taken back. Question 2 is open again."
    assert await states(floor) == ["open", "open", "open"]


async def test_undo_as_a_reply_to_a_question_is_about_that_one(
    floor: Stage, three: list[str]
) -> None:
    for body in ("!star 1", "!star 2"):
        await host(floor, body)
    said = await answer(floor, KERNEL, MODERATOR, "!undo", **reply_to(three[0]))
    assert said == "Taken back. Question 1 is open again."
    assert await states(floor) == ["open", "starred", "open"]


async def test_undo_of_one_of_those_that_were_approved_at_once(floor: Stage) -> None:
    await moderated(floor)
    await floor.say(KERNEL, ASKER, "!ask One?")
    await floor.say(KERNEL, ASKER, "!ask Two?")
    await answer(floor, KERNEL, MODERATOR, "!approve all")
    await host(floor, "!undo 1")
    assert [await state(floor, number) for number in (1, 2)] == ["pending", "open"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("!undo 3", "Question 3 is open: there is no decision to take back."),
        ("!undo 9", "There is no question 9 here. All of them: !questions"),
        (
            "!undo star",
            HOW_TO_UNDO,
        ),
    ],
)
async def test_what_undo_cannot_take_back_leaves_the_last_decision(
    floor: Stage, asked_three: None, typed: str, said: str
) -> None:
    await host(floor, "!star 1")
    assert await answer(floor, KERNEL, MODERATOR, typed) == said
    assert await state(floor, 1) == "starred"
