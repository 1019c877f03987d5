"""Transcripts go in time, and what crashes left goes soon; organisers learn what stays."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from fosdembot.conference.transcripts import published_among
from fosdembot.db.engine import Database
from fosdembot.db.tables import TalkRow
from fosdembot.db.transcript_tables import TranscriptRow
from fosdembot.transcripts.verify import verify
from simulation.conference import write_schedule
from simulation.running import CONTROL, ORGANISER
from simulation.stepped_clock import sqlite_at_once

from .day import TALKS, Evening, day
from .folders import kept_files


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    with sqlite_at_once():
        yield


async def test_it_is_deleted_in_time(evening: Evening) -> None:
    async with evening(transcripts={"keep_days": 1}) as world:
        await world.jump(days=1.1)
        assert world.names == []
        assert world.files_with("Tiny kernels") == []


async def test_organisers_learn_that_it_cannot_be_deleted(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again, and keeps no other from being made."""
    async with evening(transcripts={"keep_days": 1}) as world:
        with kept_files(monkeypatch):
            await world.jump(days=1)
            world.bot.room(CONTROL).say(ORGANISER, "!conf status")
            await world.later(minutes=2)
            told = "\n".join(world.bot.said(CONTROL))
            assert f"transcripts cannot be written: {world.folder.talk('talk-1')}: " in told
            assert world.names == ["talk-1", "talk-2"]
        await world.later(minutes=1)
        assert (world.names, list(world.folder.published())) == (["talk-2"], ["talk-2"])
        assert world.bot.bot.transcripts.trouble is None


async def test_of_a_talk_that_nobody_knows_nothing_is_public(
    evening: Evening, database: Database, tmp_path: Path
) -> None:
    async with evening() as world:
        await world.later(minutes=2)
        server, clock, chat = world.bot.server, world.clock, world.chat()
        assert list(world.folder.published()) == ["talk-1"]
    async with database.write() as session:
        await session.execute(delete(TalkRow).where(TalkRow.guid == "talk-1"))
        await session.execute(update(TranscriptRow).values(due=clock.now()))
    write_schedule(tmp_path / "schedule.xml", TALKS[1:])
    async with day(database, tmp_path, server, clock) as world:
        await world.later(minutes=2)
        assert [path for path in world.files_with("Tiny kernels") if "public" in path] == []
        assert (world.chat(), world.transcript().privacy.chat) == (chat, "kept")
        async with database.read() as session:
            assert await published_among(session, ["talk-1"]) == set()
        assert verify(world.folder) == []


async def test_what_a_killed_command_left_goes_while_the_bot_runs(evening: Evening) -> None:
    """`enrich` writes beside what everybody may read."""
    async with evening() as world:
        await world.later(minutes=2)
        now, old = world.folder.public / ".tmp-now", world.folder.public / ".tmp-old"
        for left in (now, old):
            shutil.copytree(world.folder.talk("talk-1"), left)
        os.utime(old, (old.stat().st_mtime - 120,) * 2)
        await world.later(minutes=1)
        assert (now.exists(), old.exists()) == (True, False)
