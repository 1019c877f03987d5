"""The bot names in its own lines who opted out: from then on, these lines of transcripts do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from fosdembot.actions.actor import Actor
from fosdembot.conference.roles import Role
from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Question
from fosdembot.db.tables import RoomState
from simulation.conference import Planned
from simulation.running import BOT, CONTROL, ORGANISER
from simulation.stepped_clock import sqlite_at_once

from .day import ADA, BOB, EVE, HALL, TALKS, Day, day

LATE = (*TALKS, Planned(3, "Late kernels", 240, 25, chat_room=HALL))


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    with sqlite_at_once():
        yield


async def answered_late(world: Day, database: Database) -> None:
    """By a speaker, where the room sees it only in what the bot posts."""
    async with database.write() as session:
        question, now = await session.scalar(select(Question)), world.clock.now()
        assert question is not None
        lena = Actor("@lena:x", vouched=Role.SPEAKER, face="test", act="one", at=now, now=now)
        answers = world.bot.bot._talk_tools().answers
        await answers.answer_afterwards(session, lena, question, "Four bytes.", "Lena")


@pytest.mark.parametrize("rule", ["nameless", "removed"])
async def test_in_the_chat_of_a_later_talk(database: Database, tmp_path: Path, rule: str) -> None:
    settings: dict[str, Any] = {"transcripts": {"opted_out": rule}}
    async with day(database, tmp_path, talks=LATE, **settings) as world:
        await world.later(seconds=5)
        world.say(ADA, "!ask How small can it get?")
        await world.jump(minutes=156)
        await answered_late(world, database)
        await world.later(minutes=1)
        world.bot.room(HALL).say(BOT, "Before the answer, ada asked something.")
        await world.jump(minutes=41)
        assert "public/talk-3/transcript.txt" in world.files_with("ada: ")
        world.say(ADA, "!privacy optout")
        await world.later(minutes=2)
        assert world.files_with("ada: ") == world.files_with("ada asked") == []
        assert bool(world.files_with("How small")) is (rule != "removed")


async def test_a_speaker_who_was_never_in_the_room(database: Database, tmp_path: Path) -> None:
    async with day(database, tmp_path) as world:
        await world.later(seconds=5)
        world.bot.room(CONTROL).say(ORGANISER, f"!talk speaker talk-1 {BOB}")
        await world.later(seconds=20)
        world.say(ADA, "!ask How small?")
        await world.jump(minutes=9)
        assert world.files_with("bob: you are a speaker") != []
        async with database.write() as session:
            await session.execute(delete(RoomState).where(RoomState.state_key == BOB))
        world.bot.room(CONTROL).say(BOB, "!privacy optout")
        await world.later(minutes=2)
        assert world.files_with("bob: you") == []


@pytest.mark.parametrize("writes", [False, True], ids=["never", "later"])
async def test_who_writes_nothing_before(database: Database, tmp_path: Path, writes: bool) -> None:
    async with day(database, tmp_path) as world:
        await world.later(seconds=5)
        named = {"membership": "join", "displayname": "Evelyn Sharp"}
        world.bot.room(HALL).add(EVE, "m.room.member", named, EVE)
        await world.later(seconds=5)
        world.say(ORGANISER, f"!talk speaker {BOB}")
        world.say(ORGANISER, f"!talk speaker {EVE}")
        await world.later(seconds=20)
        if writes:
            world.say(BOB, "Thanks")
        world.say(ADA, "!ask How small?")
        await world.jump(minutes=9)
        assert world.files_with("bob: you are a speaker") != []
        assert world.files_with("Evelyn Sharp: you are a speaker") != []
        world.say(BOB, "!privacy optout")
        world.say(EVE, "!privacy optout")
        await world.later(minutes=2)
        assert world.files_with("bob: you") == world.files_with("Evelyn Sharp") == []
