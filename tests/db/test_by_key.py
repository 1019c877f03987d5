"""A row that is read by its key is a row of the session, however it was read."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from fosdembot.db.engine import Database
from fosdembot.db.migrate import migrate
from fosdembot.db.tables import RoomState, SeenEvent
from simulation.parts import Repository

EVENT = "$event"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
STATE: dict[str, Any] = {"room_id": "!room", "type": "m.room.topic", "state_key": ""}
KEY = tuple(STATE.values())


@pytest.fixture
async def database(database: Database) -> Database:
    await migrate(database, Repository())
    async with database.write() as session:
        session.add(SeenEvent(event_id=EVENT, room_id="!room", sender="@ada:fake.test", at=NOON))
        session.add(RoomState(**STATE, sender="@ada:fake.test", content={"topic": ["a", 1]}))
    return database


async def test_it_has_the_values_that_were_written(database: Database) -> None:
    async with database.read() as session:
        seen = await session.get_one(SeenEvent, EVENT)
        state = await session.get_one(RoomState, KEY)
        assert (seen.sender, seen.at) == ("@ada:fake.test", NOON)
        assert state.content == {"topic": ["a", 1]}
        assert await session.get(SeenEvent, "$another") is None


async def test_it_is_the_same_whoever_reads_it(database: Database) -> None:
    async with database.write() as session:
        first = await session.get(RoomState, KEY)
        assert first is await session.get(RoomState, KEY)
        assert first is await session.scalar(select(RoomState))
        # Nothing of it is to be written.
        assert not session.dirty


async def test_what_is_changed_in_it_is_written(database: Database) -> None:
    async with database.write() as session:
        state = await session.get_one(RoomState, KEY)
        state.content = {"topic": "b"}
    async with database.read() as session:
        read = await session.get_one(RoomState, KEY)
        assert read.content == {"topic": "b"}


async def test_the_session_s_own_changes_are_seen(database: Database) -> None:
    async with database.write() as session:
        new = SeenEvent(event_id="$new", room_id="!room", sender="@bob:fake.test", at=NOON)
        session.add(new)
        assert await session.get(SeenEvent, "$new") is new
        await session.delete(await session.get_one(SeenEvent, EVENT))
        await session.flush()
        assert await session.get(SeenEvent, EVENT) is None
    async with database.read() as session:
        assert list(await session.scalars(select(SeenEvent.event_id))) == ["$new"]


async def test_what_is_rolled_back_is_read_anew(database: Database) -> None:
    async with database.write() as session:
        with suppress(ZeroDivisionError):
            async with session.part():
                state = await session.get_one(RoomState, KEY)
                state.content = {"topic": "b"}
                await session.flush()
                raise ZeroDivisionError
        again = await session.get_one(RoomState, KEY)
        assert again.content == {"topic": ["a", 1]}
