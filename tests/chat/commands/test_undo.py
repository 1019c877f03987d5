"""`!undo`: the last decision for a room, whether about a talk or about a question."""

from __future__ import annotations

from tests.chat.floor import ASKER, answer, host, state, states
from tests.stage import CONTROL, KERNEL, MODERATOR, ORGANISER, Stage


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


async def test_undo_leaves_another_room_alone(floor: Stage, asked_three: None) -> None:
    await host(floor, "!star 1")
    assert await answer(floor, CONTROL, ORGANISER, "!undo cloud") == "Nothing to take back here."
    assert await state(floor, 1) == "starred"
