"""Votes: one person, one vote, however it is given and taken back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event as sql_event

from tests.chat.audience import ADA, BOB, EVE, IRC, asked, kept, reply_to, requests, votes
from tests.chat.floor import HOSTS, POST, SETTINGS, answer, made, redact, state, tap
from tests.stage import CLOUD, KERNEL, MODERATOR, MakeStage, Stage, in_room

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


async def test_nothing_else_is_a_vote(floor: Stage, question: str) -> None:
    await asked(floor, "How big?")
    for key in ("Q2", "Q", "👎", "❤", "+1", "", "👍👍", "👍" * 5000, "Q1" * 9, "1"):
        await tap(floor, BOB, question, key)
        assert await kept(floor) == (0, 0), key


async def test_the_own_vote_counts_by_setting(make_stage: MakeStage, opened: Any) -> None:
    stage = await make_stage(opened, **(SETTINGS | {"questions": {"count_own_votes": True}}))
    stage.clock.set(65)
    await asked(stage, "How small?")
    assert await answer(stage, KERNEL, ADA, "!vote 1") == ""
    assert await votes(stage) == 1


async def test_more_emoji_by_setting(make_stage: MakeStage, opened: Any) -> None:
    stage = await make_stage(opened, **(SETTINGS | {"questions": {"vote_emoji": ["❤️"]}}))
    stage.clock.set(65)
    event, _ = await asked(stage, "How small?")
    for person, key in ((BOB, "❤"), (EVE, "❤️"), (MODERATOR, "💚")):
        await tap(stage, person, event, key)
    assert await votes(stage) == 2


async def test_a_reaction_of_any_shape_hurts_nobody(floor: Stage, question: str) -> None:
    shapes: list[dict[str, Any]] = [
        {},
        {"m.relates_to": None},
        {"m.relates_to": ["m.annotation"]},
        {"m.relates_to": {"rel_type": "m.annotation", "event_id": 5, "key": "👍"}},
        {"m.relates_to": {"rel_type": "m.annotation", "key": "👍"}},
        {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$event1", "key": {"a": 1}}},
        {"m.relates_to": {"rel_type": "m.thread", "event_id": "$event1", "key": "👍"}},
    ]
    for content in shapes:
        await floor.receive(KERNEL, made(floor, BOB, "m.reaction", content))
        assert await kept(floor) == (0, 0), content


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


async def test_plus_one_as_a_reply(floor: Stage, question: str) -> None:
    for number, body in enumerate(("+1", "+ 1", "＋1", "+1!", "👍", "👍🏽", "Q1", " +1 "), 1):
        assert await floor.say(KERNEL, f"@p{number}:x", body, **reply_to(question)) == []
        assert await votes(floor) == number, body


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


async def test_relays_cannot_vote(make_stage: MakeStage, opened: Any) -> None:
    listed = "@listed-relay:example.org"
    bridge = "@discord_bridge:example.org"
    stage = await make_stage(opened, questions={"relays": ["@listed-*"]})
    stage.clock.set(65)
    event, _ = await asked(stage, "How small?")
    await stage.say(KERNEL, bridge, "<carl> !ask How big?")
    for sender, nick in ((EVE, "<carl> "), (bridge, ""), (listed, "")):
        for command in ("!vote 1", "!unvote 1"):
            [said] = await stage.say(KERNEL, sender, f"{nick}{command}")
            assert "share one account over this bridge" in said.body
    await stage.say(KERNEL, EVE, "<carl> +1", **reply_to(event))
    for sender in (bridge, listed):
        await tap(stage, sender, event, "👍")
    assert await votes(stage) == 0


async def test_those_on_a_bridge_are_people(floor: Stage, question: str) -> None:
    await tap(floor, IRC, question, "👍")
    assert await votes(floor) == 1


async def test_errors_are_said(floor: Stage, question: str) -> None:
    which = "Which question? Add its number, like !vote 12"
    for typed, said in (
        ("!vote 9", "There is no question 9 here. All of them: !questions"),
        ("!vote", which),
        ("!vote nine", which),
        ("!vote 99999999999", which),
        ("!unvote 1", "You have not voted for question 1."),
    ):
        assert await answer(floor, KERNEL, BOB, typed) == said


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
