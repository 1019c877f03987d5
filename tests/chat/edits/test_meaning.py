"""What a message means follows its edits: it has one meaning, its last one."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import pytest
from sqlalchemy import select

from fosdembot.db.question_tables import Version
from tests.chat.audience import ADA, BOB, asked, direct, kept, last, questions, reply_to, votes
from tests.chat.floor import state
from tests.stage import KERNEL, MODERATOR, Stage, in_room


async def counted(stage: Stage) -> list[int]:
    return [await votes(stage, number) for number in (1, 2, 3)]


async def test_what_votes_no_more_takes_the_vote_back(floor: Stage, three: list[str]) -> None:
    for after in ("nice", "+2", "!questions", "!talk", "not that", "+1 no"):
        typed, _ = await floor.write(KERNEL, BOB, "!vote 3")
        reply, _ = await floor.write(KERNEL, BOB, "+1", **reply_to(three[1]))
        assert await counted(floor) == [0, 1, 1], after
        floor.clock.forward(3)
        await floor.edit(KERNEL, BOB, typed, after)
        assert await counted(floor) == [0, 1, 0], after
        floor.clock.forward(10)
        await floor.edit(KERNEL, BOB, reply, after)
        assert await counted(floor) == [0, 0, 0], f"{after}, however late"
        assert await kept(floor) == (0, 0)


async def test_what_still_votes_keeps_it(floor: Stage, three: list[str]) -> None:
    for number, after in enumerate(("+1!", "+ 1", "**+1**", "👍", "👍🏽", "!vote", "Q2"), 1):
        person = f"@p{number}:example.org"
        reply, _ = await floor.write(KERNEL, person, "+1", **reply_to(three[1]))
        assert await floor.edit(KERNEL, person, reply, after) == []
        assert await counted(floor) == [0, number, 0], after


async def test_a_vote_for_another_is_one_vote(floor: Stage, three: list[str]) -> None:
    typed, _ = await floor.write(KERNEL, BOB, "!vote 3")
    for number, after in ((1, [1, 0, 0]), (2, [0, 1, 0])):
        floor.clock.forward(10)
        await floor.edit(KERNEL, BOB, typed, f"!vote {number}")
        assert await counted(floor) == after
    [said] = in_room(await floor.edit(KERNEL, BOB, typed, "!vote 9"), KERNEL)
    assert said.startswith("There is no question 9")
    assert await counted(floor) == [0, 0, 0]


async def test_in_a_direct_chat_as_well(floor: Stage, three: list[str]) -> None:
    event, chat = await direct(floor, "!vote kernel 3", BOB)
    [said] = in_room(await floor.edit(chat, BOB, event, "!vote kernel 2"), chat)
    assert said.startswith("Your vote for question 2")
    assert await counted(floor) == [0, 1, 0]
    [said] = in_room(await floor.edit(chat, BOB, event, "!ask kernel: How big?"), chat)
    assert said.startswith("Your question is number 4")
    assert await counted(floor) == [0, 0, 0]


async def test_nobody_else_takes_it_back(floor: Stage, three: list[str]) -> None:
    typed, _ = await floor.write(KERNEL, BOB, "!vote 3")
    await floor.edit(KERNEL, MODERATOR, typed, "nice")
    assert await counted(floor) == [0, 0, 1]


async def test_a_vote_that_becomes_a_question_is_only_that(floor: Stage, three: list[str]) -> None:
    typed, _ = await floor.write(KERNEL, BOB, "!vote 3")
    await floor.edit(KERNEL, BOB, typed, "!ask How big?")
    assert await counted(floor) == [0, 0, 0]
    question = await last(floor)
    assert (question.number, question.text, question.asker) == (4, "How big?", BOB)
    await floor.edit(KERNEL, BOB, typed, "!vote 2")
    assert await counted(floor) == [0, 1, 0]
    assert await state(floor, 4) == "withdrawn"
    await floor.edit(KERNEL, BOB, typed, "!ask How large?")
    assert await counted(floor) == [0, 0, 0]
    assert [q.text for q in await questions(floor)][3:] == ["How large?"]
    assert await state(floor, 4) == "open"


@pytest.mark.parametrize("command", ["!vote 2", "!questions", "bot: !talk", "**!withdraw 9**"])
async def test_a_question_that_becomes_a_command_is_none(
    floor: Stage, three: list[str], command: str
) -> None:
    await floor.edit(KERNEL, ADA, three[0], command)
    assert [q.text for q in await questions(floor)] == ["Question 1?", "Question 2?", "Question 3?"]
    assert await state(floor, 1) == "withdrawn"
    await floor.edit(KERNEL, ADA, three[0], "Q: How small?")
    assert await state(floor, 1) == "open"
    assert (await questions(floor))[0].text == "How small?"


@pytest.mark.parametrize("text", ["!important, why?", "vote 2?", "talk about it"])
async def test_what_is_no_command_is_its_text(floor: Stage, text: str) -> None:
    event, chat = await direct(floor, "!ask kernel: How small?")
    await floor.edit(chat, ADA, event, text)
    assert [q.text for q in await questions(floor)] == [text]
    assert await state(floor, 1) == "open"


async def test_what_is_decided_stays_and_the_command_is_not_obeyed(
    floor: Stage, three: list[str]
) -> None:
    await floor.say(KERNEL, MODERATOR, "!done 1")
    await floor.edit(KERNEL, ADA, three[0], "!vote 2")
    assert (await state(floor, 1), await counted(floor)) == ("answered", [0, 0, 0])


async def test_who_took_it_back_by_command_does_not_ask_it_again_so(
    floor: Stage, three: list[str]
) -> None:
    await floor.say(KERNEL, ADA, "!withdraw 1")
    await floor.edit(KERNEL, ADA, three[0], "!ask How small?")
    assert await state(floor, 1) == "withdrawn"


async def test_taking_back_and_asking_again_is_no_way_around_the_limit(
    make_stage: Any, opened: Any
) -> None:
    stage = await make_stage(opened, questions={"open_per_person": 2})
    stage.clock.set(65)
    events = [(await asked(stage, "One?"))[0], (await asked(stage, "Two?"))[0]]
    for event in events:
        await stage.edit(KERNEL, ADA, event, "!talk")
    for text in ("Three?", "Four?"):
        await asked(stage, text)
    [said] = in_room(await stage.edit(KERNEL, ADA, events[0], "!ask One?"), KERNEL)
    assert said.startswith("You have 2 questions waiting")
    assert [q.state for q in await questions(stage)] == ["withdrawn", "withdrawn", "open", "open"]


async def test_a_draft_that_becomes_a_command_is_dropped(floor: Stage) -> None:
    event, chat = await direct(floor, "!ask How small?")
    said = in_room(await floor.edit(chat, ADA, event, "!mine"), chat)
    await floor.say(chat, ADA, "kernel")
    assert await questions(floor) == []
    assert said == [] or said[0].startswith("You have not asked")


@pytest.mark.parametrize("minutes", [0, 20])
async def test_a_vote_that_comes_back_counts_again(
    floor: Stage, three: list[str], minutes: int
) -> None:
    for first, back in zip(
        cycle(("+1", "👍")), ("+1", "👍", "👍🏽", "!vote", "!vote 2", "+1", "👍")
    ):
        reply, _ = await floor.write(KERNEL, BOB, first, **reply_to(three[1]))
        for _ in range(2):
            await floor.edit(KERNEL, BOB, reply, "nice")
            assert await counted(floor) == [0, 0, 0]
            floor.clock.forward(minutes)
            await floor.edit(KERNEL, BOB, reply, back)
            assert await counted(floor) == [0, 1, 0], back
        await floor.edit(KERNEL, BOB, reply, "not that")
    assert await kept(floor) == (0, 0)


async def test_also_one_by_command(floor: Stage, three: list[str]) -> None:
    typed, _ = await floor.write(KERNEL, BOB, "!vote 3")
    for after, counts in (
        ("hm", [0, 0, 0]),
        ("!vote 3", [0, 0, 1]),
        ("!talk", [0, 0, 0]),
        ("!vote 1", [1, 0, 0]),
    ):
        floor.clock.forward(10)
        await floor.edit(KERNEL, BOB, typed, after)
        assert await counted(floor) == counts


async def test_and_in_a_direct_chat(floor: Stage, three: list[str]) -> None:
    event, chat = await direct(floor, "!vote kernel 3", BOB)
    await floor.edit(chat, BOB, event, "hm")
    assert await counted(floor) == [0, 0, 0]
    [said] = in_room(await floor.edit(chat, BOB, event, "!vote kernel 2"), chat)
    assert said.startswith("Your vote for question 2")
    assert await counted(floor) == [0, 1, 0]


async def test_not_one_that_was_taken_back_by_command(floor: Stage, three: list[str]) -> None:
    reply, _ = await floor.write(KERNEL, BOB, "+1", **reply_to(three[1]))
    await floor.say(KERNEL, BOB, "!unvote 2")
    await floor.edit(KERNEL, BOB, reply, "+1!")
    assert await counted(floor) == [0, 0, 0]


async def test_nor_by_somebody_else(floor: Stage, three: list[str]) -> None:
    reply, _ = await floor.write(KERNEL, BOB, "+1", **reply_to(three[1]))
    await floor.edit(KERNEL, BOB, reply, "nice")
    await floor.edit(KERNEL, MODERATOR, reply, "+1")
    assert await counted(floor) == [0, 0, 0]


async def test_a_reply_is_corrected_into_a_vote(floor: Stage, three: list[str]) -> None:
    for typed in ("+!", "nice", "~1"):
        reply, _ = await floor.write(KERNEL, BOB, typed, **reply_to(three[1]))
        await floor.edit(KERNEL, BOB, reply, "+1")
        assert await counted(floor) == [0, 1, 0], typed
        await floor.edit(KERNEL, BOB, reply, "nice")
        assert await counted(floor) == [0, 0, 0], typed


@pytest.mark.parametrize("typed", ["!str", "hello"])
async def test_a_corrected_command_is_about_what_it_replied_to(
    floor: Stage, three: list[str], typed: str
) -> None:
    reply, _ = await floor.write(KERNEL, MODERATOR, typed, **reply_to(three[1]))
    await floor.edit(KERNEL, MODERATOR, reply, "!take")
    assert [await state(floor, number) for number in (1, 2, 3)] == ["open", "answering", "open"]


async def test_of_chat_no_word_is_kept(floor: Stage, three: list[str]) -> None:
    reply, _ = await floor.write(KERNEL, BOB, "a private word", **reply_to(three[1]))
    await floor.edit(KERNEL, BOB, reply, "another private word")
    async with floor.database.read() as session:
        contents = [version.content for version in await session.scalars(select(Version))]
    assert "private" not in str(contents)
