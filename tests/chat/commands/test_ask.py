"""Asking in a talk room, and what an attendee does with the own questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chat.audience import (
    ADA,
    BOB,
    IRC,
    RELAY,
    asked,
    chips,
    last,
    questions,
    reply_to,
    requests,
    votes,
)
from tests.chat.floor import HOSTS, SETTINGS, answer, state
from tests.chat.test_hostile import NASTY, check
from tests.stage import CONTROL, KERNEL, LOBBY, MODERATOR, MakeStage, Stage, in_room

ASKS = [
    "!ask How small{}?",
    "!q How small{}?",
    "!QUESTION  How small{}?",
    "！ask: How small{}?",
    "!ask\nHow small{}?",
    "Q: How small{}?",
    "q：How small{}?",
    "Q : How small{}?",
    "bot: ask How small{}?",
    "> <@bob:example.org> hello\n\nQ: How small{}?",
]


async def test_however_it_is_typed_it_is_asked_and_gets_its_number(floor: Stage) -> None:
    for number, body in enumerate(ASKS, 1):
        # Nothing is alike.
        event, said = await floor.write(KERNEL, ADA, body.format(f" is {number * 7919:x}"))
        assert in_room(said, KERNEL) == []
        question = await last(floor)
        assert question.text == f"How small is {number * 7919:x}?", body
        assert (question.asker, question.talk) == (ADA, "talk-1")
        assert (question.asker_name, question.state, question.source) == ("ada", "open", event)
        assert (await chips(floor))[event] == f"Q{number}"


async def test_not_everything_with_a_q_is_a_question(floor: Stage) -> None:
    for body in (
        "Q: and A: both",
        "Q: why?\nA: because",
        "Q:",
        "Q&A: starts now",
        "FAQ: here",
        "I have a Q: how small?",
        "Q1: how small?",
        "q how small?",
    ):
        assert await floor.say(KERNEL, ADA, body) == [], body
    assert await questions(floor) == []


async def test_q_and_a_colon_asks_only_where_questions_are_asked(floor: Stage) -> None:
    for place in (HOSTS, CONTROL, LOBBY):
        assert await floor.say(place, ADA, "Q: How small?") == []
    assert await questions(floor) == []


async def test_the_asker_s_name_is_that_of_the_room(floor: Stage) -> None:
    await floor.state(KERNEL, "m.room.member", {"membership": "join", "displayname": "Ada L."}, ADA)
    await asked(floor, "How small?")
    assert (await last(floor)).asker_name == "Ada L."


async def test_hosts_get_a_card(floor: Stage) -> None:
    said = await floor.say(KERNEL, ADA, "!ask How small?")
    assert in_room(said, HOSTS) == ["kernel 1: How small? – ada"]


async def test_a_relay_asks_for_its_nick_and_gets_text(floor: Stage) -> None:
    for body in ("<carl> !ask How small?", "<dora> Q: How big?"):
        [said] = in_room(await floor.say(KERNEL, RELAY, body), KERNEL)
        question = await last(floor)
        assert said == f"{question.asker_name}: your question is number {question.number}."
        assert question.relayed
    assert [q.asker_name for q in await questions(floor)] == ["carl", "dora"]


async def test_a_relay_without_a_nick_asks_under_its_own_name(floor: Stage) -> None:
    await floor.say(KERNEL, RELAY, "<\u202e> !ask How small?")
    assert (await last(floor)).asker_name == "relay"


async def test_behind_a_bridge_one_gets_text(floor: Stage) -> None:
    _, said = await asked(floor, "How small?", IRC)
    assert said == "irc_carl: your question is number 1."


# Confirmation.


async def test_whoever_wants_it_gets_text(floor: Stage) -> None:
    assert "its number" in await answer(floor, KERNEL, ADA, "!confirm on")
    _, said = await asked(floor, "How small?")
    assert said == "ada: your question is number 1."
    assert (await asked(floor, "How big?", BOB))[1] == ""
    await floor.say(KERNEL, ADA, "!confirm off.")
    assert (await asked(floor, "How old?"))[1] == ""
    assert "!confirm on" in await answer(floor, KERNEL, ADA, "!confirm perhaps")
    assert "always" in await answer(floor, KERNEL, IRC, "!confirm off")
    assert (await asked(floor, "How new?", IRC))[1] != ""


# Withdrawing.


async def test_the_asker_takes_a_question_back(floor: Stage) -> None:
    for text in ("How small?", "How big?", "How old?"):
        await asked(floor, text)
    assert await answer(floor, KERNEL, ADA, "!withdraw 1") == "✅"
    assert await answer(floor, KERNEL, ADA, "!withdraw") == "✅"
    assert [await state(floor, n) for n in (1, 2, 3)] == ["withdrawn", "open", "withdrawn"]
    assert "Only its asker" in await answer(floor, KERNEL, BOB, "!withdraw 2")
    assert "Which question?" in await answer(floor, KERNEL, BOB, "!withdraw")
    assert "Only its asker" in await answer(floor, KERNEL, MODERATOR, "!withdraw 2")
    assert "is withdrawn" in await answer(floor, KERNEL, ADA, "!withdraw 1")
    assert await state(floor, 2) == "open"


async def test_by_a_reply_too(floor: Stage) -> None:
    event, _ = await asked(floor, "How small?")
    await asked(floor, "How big?")
    reply = reply_to(event)
    assert await answer(floor, KERNEL, ADA, "!withdraw", **reply) == "✅"
    assert await state(floor, 1) == "withdrawn"


async def test_behind_a_bridge_it_is_said(floor: Stage) -> None:
    await asked(floor, "How small?", IRC)
    assert await answer(floor, KERNEL, IRC, "!withdraw") == "Question 1 is taken back."


async def test_a_relay_s_nick_can_be_anybody_s(floor: Stage) -> None:
    await floor.say(KERNEL, RELAY, "<carl> !ask How small?")
    said = await answer(floor, KERNEL, RELAY, "<carl> !withdraw 1")
    assert said.endswith("Ask a moderator to take it back: !mod question 1")
    for nick in ("<carl> ", ""):
        assert "✅" not in await answer(floor, KERNEL, RELAY, f"{nick}!withdraw")
        floor.clock.set(84)
        assert "✅" not in await answer(floor, KERNEL, RELAY, f"{nick}!move 1 next")
    assert await state(floor, 1) == "open"


# Hostile texts.


@pytest.mark.parametrize(("number", "text"), enumerate(NASTY.values()), ids=NASTY)
async def test_hostile_questions(
    make_stage: MakeStage, opened: Path, number: int, text: str
) -> None:
    """Each text in each way to ask, each way half of the time by somebody behind a bridge."""
    settings = SETTINGS | {"questions": {"longest": 2000}}
    floor = await make_stage(opened, **settings)
    floor.clock.set(65)
    await floor.open(HOSTS)
    for person in (ADA, IRC):
        name = {"membership": "join", "displayname": text}
        await floor.state(KERNEL, "m.room.member", name, person)
    await floor.say(KERNEL, ADA, "!confirm on")
    ways = ("!ask {}", "Q: {}", "!ask 2: {}", "!ask x {} {}", "<{}> !ask {}")
    for other, body in enumerate(ways):
        person = (ADA, IRC)[(number + other) % 2]
        floor.clock.forward(0.1)
        event, _ = await floor.write(KERNEL, person, body.replace("{}", text))
        await floor.edit(KERNEL, person, event, f"!ask {text} again")
    for body in ("!withdraw {}", "!confirm {}", "!move {}", "!move 1 {}", "!vote {}", "!unvote {}"):
        await floor.say(KERNEL, ADA, body.replace("{}", text))
    check(await floor.outbox())


async def test_nothing_of_it_asks_the_homeserver_for_more_than_a_chip(conference: Stage) -> None:
    conference.clock.set(65)
    before = await requests(conference)
    await asked(conference, "How small?")
    assert await requests(conference) == before + 1
    assert await votes(conference) == 0
