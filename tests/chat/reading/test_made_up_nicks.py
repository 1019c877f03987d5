"""One account behind many names, `<n1> …`, `<n2> …`, has the limits of one account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fosdembot.chat.commands.mod import MOST_OF_RELAY
from fosdembot.notifications.late_cards import LOOK_AGAIN
from fosdembot.questions.states import Action
from tests.chat.audience import ADA, IRC, asks, questions, rows
from tests.chat.floor import HOSTS, act, answer
from tests.stage import KERNEL, MakeStage, Stage, in_room

MALLORY = "@mallory:example.org"
RELAY = "@relay:example.org"
"""Listed in the settings."""
MANY = 30
"""More than anybody may do here."""


@pytest.fixture
async def stage(make_stage: MakeStage, opened: Path) -> Stage:
    """With the limits as they are by default."""
    return await on(make_stage, opened)


async def on(make_stage: MakeStage, opened: Path, open_per_relay: int = 50, **limits: int) -> Stage:
    questions = {"relays": [RELAY], "open_per_relay": open_per_relay}
    stage = await make_stage(opened, hosts={"*": HOSTS}, questions=questions, limits=limits)
    stage.clock.set(65)
    await stage.open(HOSTS)
    return stage


async def by_many(stage: Stage, person: str, body: str) -> None:
    for number in range(1, MANY + 1):
        await stage.say(KERNEL, person, f"<n{number}> {body.format(number)}")


async def events_in_hosts_room(stage: Stage) -> int:
    found: list[Any] = [*await rows(stage, "m.room.message"), *await rows(stage, "m.reaction")]
    return sum(row.room_id == "!hosts:example.org" for row in found)


@pytest.mark.parametrize("body", ["!ask What is {0} times 7919?", "Q: What is {0} times 7919?"])
async def test_questions(stage: Stage, body: str) -> None:
    await by_many(stage, MALLORY, body)
    assert len(await questions(stage)) == 5
    stage.clock.forward(1)
    assert "5 questions waiting" in await answer(stage, KERNEL, MALLORY, "!ask And in my name?")
    assert len(await questions(stage)) == 5
    assert await events_in_hosts_room(stage) == 5 * 5
    await asks(stage, "!ask How small?", ADA)
    assert len(await questions(stage)) == 6, "nobody else is kept from asking"


async def test_commands(stage: Stage) -> None:
    await by_many(stage, MALLORY, "!help")
    assert len(in_room(await stage.outbox(KERNEL), KERNEL)) == 20 + 1


async def test_calls(stage: Stage) -> None:
    await by_many(stage, MALLORY, "!mod please")
    assert len(in_room(await stage.outbox(HOSTS), HOSTS)) == 1


@pytest.mark.parametrize("relay", [RELAY, "@discord_bridge:example.org"])
async def test_a_relay_has_a_higher_limit_of_its_own(
    make_stage: MakeStage, opened: Path, relay: str
) -> None:
    stage = await on(make_stage, opened, open_per_relay=20)
    await by_many(stage, relay, "!ask What is {0} times 7919?")
    assert len(await questions(stage)) == 20
    said = await answer(stage, KERNEL, relay, "<zoe> !ask And now?")
    assert said.startswith("zoe: Many questions from your side of the bridge wait")
    for number in (1, 2):
        await act(stage, number, Action.DISMISS)
    stage.clock.forward(1)
    for _ in range(3):
        await stage.say(KERNEL, relay, "<zoe> !ask And now?")
    assert len(await questions(stage)) == 21, "for one name as for one person"


async def test_calls_by_a_relay(stage: Stage) -> None:
    await by_many(stage, RELAY, "!mod please")
    assert len(in_room(await stage.outbox(HOSTS), HOSTS)) == MOST_OF_RELAY
    assert "have been called" in await answer(stage, KERNEL, RELAY, "<zoe> !mod please")
    stage.clock.forward(2)
    assert "moderators know" in await answer(stage, KERNEL, RELAY, "<zoe> !mod please")


async def test_commands_by_a_relay(make_stage: MakeStage, opened: Path) -> None:
    stage = await on(make_stage, opened, relay_commands_per_minute=30, commands_per_minute=3)
    for _ in range(2):
        await by_many(stage, RELAY, "!help")
    assert len(await stage.outbox(KERNEL)) == 30 + 1
    stage.clock.forward(1)
    for _ in range(10):
        await stage.say(KERNEL, RELAY, "<zoe> !help")
    assert len(await stage.outbox(KERNEL)) == 31 + 3 + 1, "one name as one person"


async def test_cards_come_at_a_bounded_pace_whoever_asks(stage: Stage) -> None:
    for number in range(1, MANY + 1):
        await stage.say(KERNEL, f"@p{number}:example.org", f"!ask What is {number * 7919}?")
        await stage.bot.late_cards.step()
    assert len(await questions(stage)) == MANY
    cards = [s for s in await stage.outbox(HOSTS) if s.key.startswith("card/")]
    assert len(cards) == 20
    assert await events_in_hosts_room(stage) < 20 * 5 + MANY


async def test_the_rest_is_counted_and_follows(make_stage: MakeStage, opened: Path) -> None:
    stage = await on(make_stage, opened, cards_per_minute=5)
    for number in range(1, 13):
        await stage.say(KERNEL, f"@p{number}:example.org", f"!ask What is {number * 7919}?")
    assert await stage.bot.late_cards.step() < LOOK_AGAIN, "some wait"
    [count] = [s.body for s in await stage.outbox(HOSTS) if s.key.startswith("cards/")]
    assert count == "And 7 more questions without a card yet. To see them: !questions"
    for expected in (10, 12):
        stage.clock.forward(1.1)
        await stage.bot.late_cards.step()
        cards = [s.key for s in await stage.outbox(HOSTS) if s.key.startswith("card/")]
        assert len(cards) == expected
    assert await stage.bot.late_cards.step() == LOOK_AGAIN


async def test_a_person_on_a_bridge_is_one_person(stage: Stage) -> None:
    for number in range(10):
        await stage.say(KERNEL, IRC, f"!ask What is {number * 7919}?")
    assert len(await questions(stage)) == 5
