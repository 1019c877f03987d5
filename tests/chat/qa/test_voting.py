"""Votes: one person, one vote, however it is given and taken back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event as sql_event

from tests.stage import CLOUD, KERNEL, MODERATOR, MakeStage, Stage, in_room

from .audience import ADA, BOB, EVE, IRC, asked, kept, reply_to, requests, votes
from .floor import HOST, HOSTS, POST, SETTINGS, answer, made, one, redact, state, tap

CARD = "$sentcard/1/!hosts:example.org"
SHADES = [
    "👍",
    "👍\ufe0f",
    "👍🏻",
    "👍🏼",
    "👍🏽",
    "👍🏾",
    "👍🏿",
    "👍🏿\ufe0f",
    "Q1",
    "Q1 ⏳",
    " q 1",
]


# Giving.


async def test_ten_shades_by_one_person_are_one_vote(floor: Stage, question: str) -> None:
    for shade in SHADES:
        await tap(floor, BOB, question, shade)
    assert await votes(floor) == 1
    assert await kept(floor) == (1, len(SHADES))
    await tap(floor, EVE, question, "👍")
    assert await votes(floor) == 2


@pytest.mark.parametrize(
    "key", ["Q2", "Q", "👎", "❤", "+1", "", "👍👍", "👍" * 5000, "Q1" * 9, "1"]
)
async def test_nothing_else_is_a_vote(floor: Stage, question: str, key: str) -> None:
    await asked(floor, "How big?")
    await tap(floor, BOB, question, key)
    assert await kept(floor) == (0, 0)


async def test_more_emoji_by_setting(make_stage: MakeStage, opened: Any) -> None:
    stage = await make_stage(opened, **(SETTINGS | {"questions": {"vote_emoji": ["❤️"]}}))
    stage.clock.set(65)
    event, _ = await asked(stage, "How small?")
    for person, key in ((BOB, "❤"), (EVE, "❤️"), (MODERATOR, "💚")):
        await tap(stage, person, event, key)
    assert await votes(stage) == 2


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"m.relates_to": None},
        {"m.relates_to": ["m.annotation"]},
        {"m.relates_to": {"rel_type": "m.annotation", "event_id": 5, "key": "👍"}},
        {"m.relates_to": {"rel_type": "m.annotation", "key": "👍"}},
        {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$event1", "key": {"a": 1}}},
        {"m.relates_to": {"rel_type": "m.thread", "event_id": "$event1", "key": "👍"}},
    ],
)
async def test_a_reaction_of_any_shape_hurts_nobody(
    floor: Stage, question: str, content: Any
) -> None:
    await floor.receive(KERNEL, made(floor, BOB, "m.reaction", content))
    assert await kept(floor) == (0, 0)


async def test_on_the_card_in_the_hosts_room_too(floor: Stage, question: str) -> None:
    await tap(floor, BOB, CARD, "👍", alias=HOSTS)
    await tap(floor, BOB, question, "👍")
    await floor.say(HOSTS, EVE, "+1", **reply_to(CARD))
    assert await votes(floor) == 2


async def test_by_command_in_silence(floor: Stage, question: str) -> None:
    before = await requests(floor)
    for person, body in (
        (BOB, "!vote 1"),
        (EVE, "！vote #1."),
        (IRC, "!VOTE q1"),
        (EVE, "!vote 1"),
    ):
        assert await floor.say(KERNEL, person, body) == []
    assert await votes(floor) == 3
    assert await requests(floor) == before, "not even a reaction"


@pytest.mark.parametrize("body", ["+1", "+ 1", "＋1", "+1!", "👍", "👍🏽", "Q1", " +1 "])
async def test_plus_one_as_a_reply(floor: Stage, question: str, body: str) -> None:
    assert await floor.say(KERNEL, BOB, body, **reply_to(question)) == []
    assert await votes(floor) == 1


async def test_plus_one_in_a_thread_of_the_question(floor: Stage, question: str) -> None:
    relation: Any = {
        "rel_type": "m.thread",
        "event_id": question,
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": "$other"},
    }
    await floor.say(KERNEL, BOB, "+1", **{"m.relates_to": relation})
    assert await votes(floor) == 1


async def test_elsewhere_plus_one_is_talk(floor: Stage, question: str) -> None:
    other, _ = await floor.write(KERNEL, EVE, "nice talk")
    assert await floor.say(KERNEL, BOB, "+1", **reply_to(other)) == []
    assert await floor.say(KERNEL, BOB, "+1") == []
    assert await floor.say(KERNEL, BOB, "+1, and how big?", **reply_to(question)) == []
    assert await floor.say(KERNEL, BOB, "Q2", **reply_to(question)) == []
    assert await kept(floor) == (0, 0)


# What does not count.


async def test_not_for_the_own_question(floor: Stage, question: str) -> None:
    await tap(floor, ADA, question, "👍")
    assert "your own question" in await answer(floor, KERNEL, ADA, "!vote 1")
    assert "your own question" in await answer(floor, KERNEL, ADA, "+1", **reply_to(question))
    assert await votes(floor) == 0


async def test_nor_for_one_that_the_own_was_merged_into(floor: Stage, question: str) -> None:
    await asked(floor, "How big?", BOB)
    await floor.say(KERNEL, MODERATOR, "!merge 2 1")
    assert "your own question" in await answer(floor, KERNEL, BOB, "!vote 1")
    assert await answer(floor, KERNEL, EVE, "!vote 2") == ""
    assert await votes(floor) == 1


async def test_unless_a_setting_counts_it(make_stage: MakeStage, opened: Any) -> None:
    stage = await make_stage(opened, questions={"count_own_votes": True})
    stage.clock.set(65)
    await asked(stage, "How small?")
    assert await stage.say(KERNEL, ADA, "!vote 1") == []
    assert await votes(stage) == 1


@pytest.mark.parametrize("command", ["!vote 1", "!unvote 1"])
async def test_relays_cannot_vote(make_stage: MakeStage, opened: Any, command: str) -> None:
    listed = "@listed-relay:example.org"
    bridge = "@discord_bridge:example.org"
    stage = await make_stage(opened, questions={"relays": ["@listed-*"]})
    stage.clock.set(65)
    event, _ = await asked(stage, "How small?")
    await stage.say(KERNEL, bridge, "<carl> !ask How big?")
    for sender, body in ((EVE, f"<carl> {command}"), (bridge, command), (listed, command)):
        [said] = await stage.say(KERNEL, sender, body)
        assert "share one account over this bridge" in said.body
    await stage.say(KERNEL, EVE, "<carl> +1", **reply_to(event))
    for sender in (bridge, listed):
        await tap(stage, sender, event, "👍")
    assert await votes(stage) == 0


async def test_those_on_a_bridge_are_people(floor: Stage, question: str) -> None:
    await tap(floor, IRC, question, "👍")
    assert await votes(floor) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("!vote 9", "There is no question 9 here. All of them: !questions"),
        ("!vote", "Which question? Add its number, like !vote 12"),
        ("!vote nine", "Which question? Add its number, like !vote 12"),
        ("!vote 99999999999", "Which question? Add its number, like !vote 12"),
        ("!unvote 1", "You have not voted for question 1."),
    ],
)
async def test_errors_are_said(floor: Stage, question: str, typed: str, said: str) -> None:
    assert await answer(floor, KERNEL, BOB, typed) == said


@pytest.mark.parametrize(
    ("command", "state"), [("!dismiss 1", "dismissed"), ("!withdraw 1", "withdrawn")]
)
async def test_what_is_gone_takes_no_votes(
    floor: Stage, question: str, command: str, state: str
) -> None:
    await floor.say(KERNEL, MODERATOR if state == "dismissed" else ADA, command)
    assert await answer(floor, KERNEL, BOB, "!vote 1") == (
        f"Question 1 is {state}: it takes no votes."
    )
    assert await votes(floor) == 0


@pytest.mark.parametrize("typed", ["!vote 1", "!unvote 1"])
async def test_once_voters_are_forgotten_counts_are_final(
    floor: Stage, question: str, typed: str
) -> None:
    await tap(floor, BOB, question, "👍")
    async with floor.database.write() as session:
        (await one(session, 1)).asker = None
    assert await answer(floor, KERNEL, EVE, typed) == (
        "The conference is over: the votes for question 1 are final."
    )
    assert await votes(floor) == 1


async def test_what_is_restored_has_the_votes_of_its_reactions(floor: Stage, question: str) -> None:
    await floor.say(KERNEL, MODERATOR, "!dismiss 1")
    await tap(floor, BOB, question, "👍")
    await floor.say(KERNEL, MODERATOR, "!restore 1")
    assert await votes(floor) == 1


async def test_twelve_means_twelve_in_another_talk_too(floor: Stage, question: str) -> None:
    floor.clock.set(95)
    await asked(floor, "How big?", BOB)
    await floor.say(KERNEL, EVE, "!vote 1")
    assert (await votes(floor, 1), await votes(floor, 2)) == (1, 0)
    assert "There is no question 1" in await answer(floor, CLOUD, EVE, "!vote 1")


# Taking back.


async def test_the_vote_stays_until_the_last_of_it_is_gone(floor: Stage, question: str) -> None:
    first, second = [await tap(floor, BOB, question, key) for key in ("👍", "👍🏽")]
    command, _ = await floor.write(KERNEL, BOB, "!vote 1")
    for event, left in ((first, 1), (command, 1), (second, 0)):
        await redact(floor, BOB, event)
        assert await votes(floor) == left
    await redact(floor, BOB, second)
    assert await kept(floor) == (0, 0)


async def test_unvote_takes_all_of_it(floor: Stage, question: str) -> None:
    await tap(floor, BOB, question, "👍")
    await tap(floor, EVE, question, "👍")
    await floor.say(KERNEL, BOB, "!vote 1")
    assert await floor.say(KERNEL, BOB, "!unvote 1") == []
    assert await votes(floor) == 1
    assert "have not voted" in await answer(floor, KERNEL, BOB, "!unvote 1")
    assert await floor.say(KERNEL, BOB, "!vote 1") == []
    assert await votes(floor) == 2


async def test_unvote_for_one_that_was_merged(floor: Stage, question: str) -> None:
    await asked(floor, "How big?")
    await floor.say(KERNEL, BOB, "!vote 2")
    await floor.say(KERNEL, MODERATOR, "!merge 2 1")
    assert await votes(floor) == 1
    assert await floor.say(KERNEL, BOB, "!unvote 1") == []
    assert await votes(floor) == 0


async def test_an_edited_command_votes_for_another(floor: Stage, question: str) -> None:
    await asked(floor, "How big?")
    event, _ = await floor.write(KERNEL, BOB, "!vote 1")
    await floor.edit(KERNEL, BOB, event, "!vote 2")
    assert (await votes(floor, 1), await votes(floor, 2)) == (0, 1)
    assert await floor.edit(KERNEL, EVE, event, "!vote 1") == []
    assert (await votes(floor, 1), await votes(floor, 2)) == (0, 1)


async def test_only_the_voter_or_a_moderator_takes_it_back(floor: Stage, question: str) -> None:
    event = await tap(floor, BOB, question, "👍")
    await redact(floor, EVE, event)
    await redact(floor, BOB, event, alias=CLOUD)
    assert await votes(floor) == 1
    await redact(floor, MODERATOR, event)
    assert await votes(floor) == 0


# What it costs.


async def test_a_reaction_to_anything_else_is_three_look_ups(floor: Stage, question: str) -> None:
    other, _ = await floor.write(KERNEL, EVE, "nice talk")
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(args[2])

    engine = floor.database.engine.sync_engine
    sql_event.listen(engine, "before_cursor_execute", note)
    event = made(
        floor,
        BOB,
        "m.reaction",
        {"m.relates_to": {"rel_type": "m.annotation", "event_id": other, "key": "❤"}},
    )
    async with floor.database.write() as session:
        await floor.router.handle(session, "!kernel:example.org", event)
    sql_event.remove(engine, "before_cursor_execute", note)
    selects = [s for s in statements if s.startswith("SELECT")]
    assert len(selects) <= 3, selects


async def test_the_bot_s_own_messages_take_votes_for_their_question(floor: Stage) -> None:
    chat = await floor.open_direct(BOB)
    await floor.say(chat, BOB, "!ask kernel: How small?")
    await floor.deliver()
    [post] = [s for s in await floor.outbox(KERNEL) if s.key == POST]
    assert in_room([post], KERNEL)
    await tap(floor, EVE, f"$sent{POST}", "👍")
    await tap(floor, BOB, f"$sent{POST}", "👍")
    assert await votes(floor) == 1
    assert await state(floor, 1) == "open"


async def test_that_another_asker_is_muted_makes_no_own_vote_count(
    floor: Stage, question: str
) -> None:
    event, _ = await asked(floor, "How big?", BOB)
    await floor.say(HOSTS, HOST, "!qa mute 1")
    for person in (ADA, BOB):
        await tap(floor, person, event, "👍")
        assert await votes(floor, 2) == 0
    await tap(floor, EVE, event, "👍")
    assert await votes(floor, 2) == 1
