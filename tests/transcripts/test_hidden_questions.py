"""A question that nobody may read is in no transcript: also not in the chat of another talk than
the one it was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fosdembot.db.engine import Database
from simulation.conference import Planned
from simulation.running import BOT, ORGANISER
from simulation.stepped_clock import sqlite_at_once

from .day import ADA, BOB, EVE, HALL, TALKS, day

RUDE = "Why is Bob such an idiot?"
WITH_A_PAUSE = (TALKS[0], Planned(2, "Big kernels", 120, 25, chat_room=HALL))
HOURS_LATER = (*TALKS, Planned(3, "Late kernels", 240, 25, chat_room=HALL))


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    with sqlite_at_once():
        yield


def answering(event: str) -> dict[str, Any]:
    return {"m.relates_to": {"m.in_reply_to": {"event_id": event}}}


@pytest.mark.parametrize("decision", ["!dismiss 1", "!withdraw 1", "pending"])
async def test_one_that_was_asked_in_the_talk_before(
    database: Database, tmp_path: Path, decision: str
) -> None:
    """As its chat goes on after its end."""
    moderated: dict[str, Any] = {"questions": {"moderated": decision == "pending"}}
    async with day(database, tmp_path, talks=WITH_A_PAUSE, **moderated) as world:
        await world.jump(minutes=11)
        world.say(EVE, f"!ask {RUDE}")
        world.say(BOB, "Hello")
        await world.later(seconds=30)
        if decision != "pending":
            world.say(EVE if "withdraw" in decision else ORGANISER, decision)
        await world.later(seconds=30)
        await world.jump(hours=3)
        assert "Hello" in world.chat("talk-1")
        assert world.files_with("such an idiot") == []


async def test_one_that_was_moved_to_the_next_talk_and_dismissed(
    database: Database, tmp_path: Path
) -> None:
    async with day(database, tmp_path) as world:
        await world.later(seconds=5)
        world.say(EVE, f"!ask {RUDE}")
        await world.jump(minutes=8)
        world.say(ORGANISER, "!move 1 2")
        await world.later(minutes=2)
        assert world.files_with("such an idiot") != []
        world.say(ORGANISER, "!dismiss 1")
        await world.later(minutes=1)
        assert world.names == ["talk-1"]
        assert world.files_with("such an idiot") == []


async def test_one_that_is_quoted_and_repeated_hours_later(
    database: Database, tmp_path: Path
) -> None:
    async with day(database, tmp_path, talks=HOURS_LATER) as world:
        await world.later(seconds=5)
        asked = world.say(ADA, f"!ask {RUDE}")
        await world.jump(minutes=15)
        # By the bot; nothing names what asked it.
        world.bot.room(HALL).say(BOT, f"1 (0 votes) {RUDE}")
        await world.jump(minutes=140)
        world.say(EVE, "I am appalled", **answering(asked))
        await world.jump(minutes=40)
        assert {"models/talk-2.json", "models/talk-3.json"} <= set(world.files_with("such an"))
        world.say(ORGANISER, "!dismiss 1")
        await world.later(minutes=2)
        assert "I am appalled" in world.chat("talk-3")
        assert world.files_with("such an idiot") == []


async def test_one_that_became_part_of_a_dismissed_one(database: Database, tmp_path: Path) -> None:
    async with day(database, tmp_path) as world:
        await world.later(seconds=5)
        world.say(ADA, "!ask How small can it get?")
        await world.later(seconds=2)
        world.say(EVE, f"!ask {RUDE}")
        await world.later(seconds=2)
        world.say(ORGANISER, "!merge 2 1")
        await world.jump(minutes=8)
        assert "public/talk-1/index.html" in world.files_with("such an idiot")
        world.say(ORGANISER, "!dismiss 1")
        await world.later(minutes=2)
        assert world.files_with("How small") == world.files_with("such an idiot") == []


async def test_one_that_would_ping_all_of_the_room(database: Database, tmp_path: Path) -> None:
    async with day(database, tmp_path, talks=HOURS_LATER) as world:
        await world.later(seconds=5)
        world.say(ADA, "!ask @room why is Bob such an idiot?")
        await world.later(seconds=5)
        world.say(BOB, "!questions")
        await world.jump(minutes=160)
        # In the chat of a later talk; nothing names what asked it.
        world.bot.room(HALL).say(BOT, "1 (0 votes) @\u200broom why is Bob such an idiot? – ada")
        await world.jump(minutes=40)
        assert {"models/talk-1.json", "models/talk-3.json"} <= set(world.files_with("such an"))
        world.say(ORGANISER, "!dismiss 1")
        await world.later(minutes=2)
        assert world.files_with("such an idiot") == []
