"""What people mean by a number: the question that has it, and one at a time."""

from __future__ import annotations

import pytest

from fosdembot.chat.meant.question import other_numbers, split_number
from fosdembot.db.question_tables import Question
from tests.chat.audience import ADA, BOB, direct, last, questions, taken_out, votes
from tests.chat.floor import HOST, HOSTS, answer, ask, redact, state
from tests.stage import KERNEL, MODERATOR, Stage

MANY = ["1 2", "1, 2", "1 and 2", "1 + 2", "#1 #2", "Q1 Q2", "1; 2!", "1/2", "1&2"]


async def test_an_upvote_is_a_vote(floor: Stage, asked_three: None) -> None:
    for number, typed in enumerate(("!upvote 2", "!Upvote #2", "!upvote2"), 1):
        assert await floor.say(KERNEL, f"@p{number}:x", typed) == []
        assert await votes(floor, 2) == 1 + number, typed


async def test_nobody_is_told_the_opposite(floor: Stage, asked_three: None) -> None:
    for typed in ("!invote 2", "!upvot 2", "!mnvote 1"):
        assert "!un" not in await answer(floor, KERNEL, BOB, typed), typed


async def test_a_slip_in_it_is_still_helped(floor: Stage) -> None:
    assert await answer(floor, KERNEL, BOB, "!unvot 2") == "Did you mean !unvote?"
    assert await answer(floor, KERNEL, BOB, "!nuvote 2") == "Did you mean !unvote?"


async def test_a_question_is_shown_by_its_number(floor: Stage, asked_three: None) -> None:
    for typed in ("!question 2", "!q 2", "!q #2", "!question Q2.", "!q 2?", "! q\n2", "Q: 2"):
        said = await answer(floor, KERNEL, BOB, typed)
        assert said == "2 (1 vote) Question 2? – Asker. It is open.", typed
    assert len(await questions(floor)) == 3


async def test_by_none_that_there_is(floor: Stage) -> None:
    assert (await answer(floor, KERNEL, BOB, "!q 7")).startswith("There is no question 7 here.")
    assert await questions(floor) == []


async def test_who_asks_a_number_is_asked_back(floor: Stage, asked_three: None) -> None:
    for typed in ("!ask 2?", "!ask 2", "!ask #2", "!ask Q2!"):
        said = await answer(floor, KERNEL, BOB, typed)
        assert "!question 2" in said
        assert "!vote 2" in said
    assert len(await questions(floor)) == 3
    await floor.say(KERNEL, BOB, "!ask 2 + 2?")
    assert (await last(floor)).text == "2 + 2?"


@pytest.mark.parametrize("hidden", ["pending", "dismissed", "withdrawn"])
async def test_what_the_audience_may_not_read_is_not_shown(floor: Stage, hidden: str) -> None:
    await ask(floor, "How rude?", asker=ADA, pending=hidden == "pending")
    if hidden == "dismissed":
        await floor.say(KERNEL, MODERATOR, "!dismiss 1")
    elif hidden == "withdrawn":
        await floor.say(KERNEL, ADA, "!withdraw 1")
    for sender in (BOB, MODERATOR):
        assert "rude" not in await answer(floor, KERNEL, sender, "!q 1")
    assert "rude" in await answer(floor, HOSTS, HOST, "!question kernel 1")
    for person, reads in ((ADA, True), (BOB, False)):
        event, _ = await direct(floor, "!question kernel 1", person)
        [said] = [s for s in await floor.outbox() if s.key == f"answer/{event}"]
        assert ("rude" in said.body) == reads


async def test_what_is_redacted_leaves_it(floor: Stage) -> None:
    event, _ = await floor.write(KERNEL, ADA, "!ask How rude?")
    shown, _ = await floor.write(KERNEL, BOB, "!q 1")
    await floor.deliver()
    await redact(floor, ADA, event)
    assert f"answer/{shown}" in await taken_out(floor)
    assert "rude" not in await answer(floor, KERNEL, ADA, "!q 1")


async def test_a_vote_is_for_one_and_says_so(floor: Stage, asked_three: None) -> None:
    said = await answer(floor, KERNEL, BOB, "!vote 1 2")
    assert said == "Only question 1: one at a time, please. For the other, type !vote 2"
    assert (await votes(floor, 1), await votes(floor, 2)) == (1, 1)
    assert "!unvote 2" in await answer(floor, KERNEL, BOB, "!unvote 1 2")


@pytest.mark.parametrize("numbers", MANY)
def test_however_several_are_named_the_first_is_meant(numbers: str) -> None:
    number, rest = split_number(numbers)
    assert number == 1
    assert other_numbers(Question(number=1), rest) == ["2"]


@pytest.mark.parametrize("rest", ["", " please", " +1", " 👍", " 1", " at 10:30", " it is 3.5 kB"])
def test_other_words_are_no_numbers(rest: str) -> None:
    number, rest = split_number(f"1{rest}")
    assert number == 1
    assert other_numbers(Question(number=1), rest) == []


async def test_decisions_are_about_one_too(floor: Stage, asked_three: None) -> None:
    for word in ("star", "skip", "take", "done"):
        said = await answer(floor, KERNEL, MODERATOR, f"!{word} 1 3")
        assert f"Only question 1: one at a time, please. For the other, type !{word} 3" in said
        assert await state(floor, 3) == "open"


async def test_and_so_is_taking_back(floor: Stage) -> None:
    for text in ("One?", "Two?"):
        await floor.say(KERNEL, ADA, f"!ask {text}")
    assert "!withdraw 2" in await answer(floor, KERNEL, ADA, "!withdraw 1 2")
    assert [q.state for q in await questions(floor)] == ["withdrawn", "open"]
