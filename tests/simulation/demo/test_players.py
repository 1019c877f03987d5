"""What people do in the demo, on a real homeserver; a person speaks in the bot's place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from fosdembot.clock import ScaledClock
from simulation.client import Client
from simulation.demo.acts import (
    Act,
    Ask,
    Decide,
    Delete,
    Edit,
    Join,
    Room,
    Say,
    Unvote,
    Vote,
    Write,
)
from simulation.demo.eyes import Eyes
from simulation.demo.narrator import Narrator
from simulation.demo.players import Players
from simulation.demo.sample import OPENING, moment
from simulation.events import Json
from tests.conftest import MakePerson

KERNEL = Room("Kernel", "kernel", public=True)
HOSTS = Room("Hosts")
CHAT = Room("with ada", person="ada")


class Stage:
    def __init__(self, people: dict[str, Client], rooms: dict[Room, str]) -> None:
        self.people = people
        self.told: list[str] = []
        clock = ScaledClock(moment(OPENING), 60, datetime.now(UTC))
        self.eyes = Eyes(rooms, clock, Narrator(self.told.append, None), 5.0)
        self.players = Players(people, self.eyes, people["bot"].user_id, HOSTS)

    async def perform(self, *acts: Act) -> None:
        for act in acts:
            await self.players.perform(act)

    async def said(self, room: Room) -> list[Json]:
        events = await self.people["ada"].events(self.eyes.rooms[room])
        kinds = ("m.room.message", "m.reaction", "m.room.redaction")
        return [event for event in events if event["type"] in kinds]


@pytest.fixture
async def stage(person: MakePerson) -> AsyncIterator[Stage]:
    people = {name: await person(name) for name in ("ada", "bot")}
    ada, bot = people["ada"], people["bot"]
    rooms = {}
    for room in (KERNEL, HOSTS):
        rooms[room] = await ada.create_room(
            room.name, power={"users": {bot.user_id: 50}}, invite=[bot.user_id]
        )
        await bot.join(rooms[room])
    stage = Stage(people, rooms)
    async with _looking_on(stage):
        yield stage


@asynccontextmanager
async def _looking_on(stage: Stage) -> AsyncIterator[None]:
    ada = stage.people["ada"]
    since = str((await ada.sync(None, 0))["next_batch"])
    looking = [asyncio.create_task(stage.eyes.look_on(ada, since, c)) for c in (None, CHAT)]
    yield
    for task in looking:
        task.cancel()
    await asyncio.gather(*looking, return_exceptions=True)


async def test_ask_vote_edit_and_take_back(stage: Stage) -> None:
    stage.eyes.patience = 0.1  # No bot numbers the question.
    await stage.perform(
        Ask("10:00", "ada", KERNEL, 1, "Why?", "Q:"),
        Vote("10:01", "bot", KERNEL, 1, "👍🏽"),
        Vote("10:02", "bot", KERNEL, 1, "+1"),
        Vote("10:03", "bot", KERNEL, 1, "!vote 1"),
        Edit("10:04", "ada", KERNEL, 1, "How?"),
        Unvote("10:05", "bot", KERNEL, 1, "👍🏽"),
        Unvote("10:06", "bot", KERNEL, 1, "!unvote 1"),
    )
    asked, reaction, reply, vote, edit, redaction, unvote = await stage.said(KERNEL)
    assert asked["content"]["body"] == "Q: Why?"
    assert reaction["content"] == {}  # Redacted.
    assert reply["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == asked["event_id"]
    assert edit["content"]["m.new_content"]["body"] == "Q: How?"
    assert edit["content"]["m.relates_to"]["event_id"] == asked["event_id"]
    assert redaction["redacts"] == reaction["event_id"]
    assert (vote["content"]["body"], unvote["content"]["body"]) == ("!vote 1", "!unvote 1")
    assert stage.players.faults == []
    assert [deed.event_id for deed in stage.players.deeds] == [
        event["event_id"] for event in (asked, reaction, reply, vote, edit, redaction, unvote)
    ]


async def test_what_was_said_is_deleted(stage: Stage) -> None:
    await stage.perform(
        Say("10:00", "ada", KERNEL, "I owe a colleague an apology."),
        Say("10:01", "ada", KERNEL, "And a coffee."),
        Delete("10:02", "ada", KERNEL, "I owe a colleague an apology."),
    )
    deleted, stays, redaction = await stage.said(KERNEL)
    assert (deleted["content"], stays["content"]["body"]) == ({}, "And a coffee.")
    assert stage.players.deeds[-1].event_id == redaction["event_id"]
    assert stage.players.faults == []


async def test_cards_are_found_when_they_come(stage: Stage) -> None:
    hosts = stage.eyes.rooms[HOSTS]
    tap = Decide("10:00", "ada", KERNEL, 1, "starred", "⭐")
    reply = Decide("10:01", "ada", KERNEL, 1, "answered", "done", to_card=True)
    await stage.people["bot"].send(hosts, "kernel 12: Another one?")
    tapping = asyncio.create_task(stage.perform(tap, reply))
    await stage.people["bot"].send(hosts, "kernel 1: Why?")
    await tapping
    _, card, reaction, done = await stage.said(HOSTS)
    assert card["content"]["body"] == "kernel 1: Why?"
    assert reaction["content"]["m.relates_to"] == {
        "rel_type": "m.annotation",
        "event_id": card["event_id"],
        "key": "⭐",
    }
    assert done["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == card["event_id"]
    assert any("kernel 1: Why?" in line for line in stage.told)
    assert stage.players.faults == []


async def test_a_direct_chat_that_the_bot_begins(stage: Stage) -> None:
    await stage.people["bot"].begin_chat(stage.people["ada"].user_id)
    await stage.perform(
        Join("10:00", "ada", CHAT, invited=True),
        Write("10:01", "ada", KERNEL, 12, "So.", CHAT),
    )
    (said,) = await stage.said(CHAT)
    assert said["content"]["body"] == "12: So."
    assert stage.players.faults == []


async def test_what_is_not_there_is_a_fault(stage: Stage) -> None:
    stage.eyes.patience = 0.1
    await stage.perform(
        Vote("10:00", "ada", KERNEL, 1),
        Decide("10:01", "ada", KERNEL, 1, "starred", "⭐"),
        Unvote("10:02", "ada", KERNEL, 1),
        Edit("10:03", "ada", KERNEL, 1, "How?"),
        Join("10:04", "ada", CHAT, invited=True),
        Write("10:05", "ada", KERNEL, 1, "So.", CHAT),
        Delete("10:06", "ada", KERNEL, "Hello"),
    )
    assert [fault.partition(": ")[0] for fault in stage.players.faults] == [
        "there is no 1",
        "there is no kernel 1",
        "ada has not reacted so",
        "nobody has asked that",
        "ada was not invited",
        "ada has no such chat",
        "ada has not said that",
    ]
    assert stage.players.deeds == []
