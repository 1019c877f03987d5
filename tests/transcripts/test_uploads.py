"""Transcripts are posted in their rooms as files, where the settings say so, and follow changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fosdembot.transcripts.rewriting import forget
from simulation.running import BOT
from simulation.stepped_clock import sqlite_at_once

from .day import ADA, BOB, HALL, SECRET, Day, Evening


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    with sqlite_at_once():
        yield


async def test_it_is_posted_as_a_file_and_taken_back(evening: Evening) -> None:
    async with evening(transcripts={"upload": True}) as world:
        await world.jump(hours=2.2)
        await world.later(minutes=1)
        (file,) = files(world)
        assert file["content"]["url"].startswith("mxc://")
        assert SECRET.encode() in world.bot.server.media[file["content"]["url"]]
        world.bot.room(HALL).redact(ADA, world.regretted)
        await world.later(minutes=2)
        assert files(world) == []
        await world.jump(hours=2)
        await world.later(minutes=1)
        (again,) = files(world)
        assert SECRET.encode() not in world.bot.server.media[again["content"]["url"]]
        # The command line takes somebody out of all files, this one too.
        forget(world.folder, [BOB])
        await world.later(minutes=1)
        assert files(world) == []


async def test_a_file_leaves_its_room_when_the_transcript_is_deleted(evening: Evening) -> None:
    kept = {"upload": True, "keep_days": 1}
    async with evening(transcripts=kept) as world:
        await world.jump(hours=2.2)
        await world.later(minutes=1)
        assert len(files(world)) == 1
        await world.jump(days=1.1)
        await world.later(minutes=1)
        assert world.names == []
        assert files(world) == []


async def test_one_that_the_homeserver_refuses_keeps_no_other_from_its_room(
    evening: Evening,
) -> None:
    async with evening(transcripts={"upload": True}) as world:
        page = world.folder.talk("talk-1") / "index.html"
        world.bot.server.largest_file = page.stat().st_size - 1
        await world.jump(hours=4)
        await world.later(minutes=1)
        assert files(world) == []
        assert len(files(world, "talk-2")) == 1


def files(world: Day, talk: str = "talk-1") -> list[dict[str, Any]]:
    said = world.bot.room(HALL).by(BOT)
    return [
        sent
        for sent in said
        if sent["content"].get("msgtype") == "m.file" and talk in sent["content"]["filename"]
    ]
