"""What one function writes to PostgreSQL goes there in few messages, and is what SQLite holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from fosdembot.db.base import Base
from fosdembot.db.engine import Database, postgresql
from fosdembot.db.insert import new_rows, table_of
from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import QuestionRoom
from fosdembot.db.tables import Room, RoomAddress
from simulation.postgres import Postgres

from .conftest import OpenDatabase
from .messages import note_messages

T = TypeVar("T")
ROOMS = table_of(Room)
ADD_ROOM = Prepared(insert(ROOMS))
COUNT_ROOMS = Prepared(select(func.count()).select_from(Room))
COUNT_ADDRESSES = Prepared(select(func.count()).select_from(RoomAddress))
LEAVE = Prepared(
    update(ROOMS).where(ROOMS.c.room_id == bindparam("which")).values(membership="leave")
)
LEAVE_ALL_WITH_ADDRESS = Prepared(
    update(ROOMS)
    .where(ROOMS.c.room_id.in_(select(RoomAddress.room_id)), ROOMS.c.room_id != bindparam("but"))
    .values(membership="leave")
)


def room(name: str) -> dict[str, Any]:
    return {"room_id": name, "membership": "join", "entered": "", "bridged": False} | {
        "deserted": False
    }


def add_address(connection: Connection, address: str, room_id: str) -> None:
    row = {"address": address, "room_id": room_id, "bridged": False}
    new_rows(connection, RoomAddress).run_all(connection, [row])


def add_number(connection: Connection, room_id: str) -> None:
    row = {"room_id": room_id, "scope": room_id, "last_number": 0}
    new_rows(connection, QuestionRoom).run_all(connection, [row])


def count(prepared: Prepared, connection: Connection) -> int:
    [[number]] = prepared.all(connection, {})
    return int(number)


@pytest.fixture
async def tables(database: Database) -> Database:
    await database.run_sync(Base.metadata.create_all)
    return database


async def at_once(database: Database, work: Callable[[Connection], T]) -> T:
    return await database.at_once(work, durable=False)


Messages = Callable[[Callable[[Connection], object]], Awaitable[list[str]]]
"""What goes to the server for some work, each of these a way there and back."""


@pytest.fixture
async def messages(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Messages]:
    database = postgresql(await postgres.create_database(uuid4().hex))
    await database.run_sync(Base.metadata.create_all)
    sent = note_messages(monkeypatch)

    async def work_is_done(work: Callable[[Connection], object]) -> list[str]:
        # What a new connection is set up with does not count.
        await at_once(database, lambda connection: count(COUNT_ROOMS, connection))
        sent.clear()
        await at_once(database, work)
        return list(sent)

    yield work_is_done
    await database.close()


async def test_writes_of_which_nobody_asks_go_together(messages: Messages) -> None:
    def work(connection: Connection) -> None:
        ADD_ROOM.run_all(connection, [room("!a")])
        add_address(connection, "#a", "!a")
        add_number(connection, "!a")

    begin, write, commit = await messages(work)
    assert begin.startswith("BEGIN; SELECT pg_advisory_xact_lock(")
    assert write.startswith("WITH ")
    assert write.count("INSERT INTO") == 3
    assert commit == "COMMIT"


async def test_what_is_asked_for_takes_along_what_waits(messages: Messages) -> None:
    def work(connection: Connection) -> None:
        add_address(connection, "#a", "!a")
        add_number(connection, "!a")
        assert LEAVE.run(connection, {"which": "!x"}) == 0

    _, write, _ = await messages(work)
    assert write.count("INSERT INTO") == 2
    assert write.endswith("WHERE rooms.room_id = $8::VARCHAR")


async def test_a_read_waits_only_for_what_it_reads(messages: Messages) -> None:
    def work(connection: Connection) -> None:
        add_address(connection, "#a", "!a")
        assert count(COUNT_ROOMS, connection) == 0
        ADD_ROOM.run_all(connection, [room("!a")])
        assert count(COUNT_ROOMS, connection) == 1

    _, first, write, second, _ = await messages(work)
    assert first == second
    assert "rooms" in first
    assert write.count("INSERT INTO") == 2


async def test_each_sees_what_was_written_before_it(tables: Database) -> None:
    def work(connection: Connection) -> list[Any]:
        ADD_ROOM.run_all(connection, [room("!a")])
        ADD_ROOM.run_all(connection, [room("!b")])
        found: list[Any] = [count(COUNT_ROOMS, connection)]
        add_address(connection, "#a", "!a")
        # Twice, of which nobody learns; and one that reads it.
        add_address(connection, "#a", "!b")
        found.append(LEAVE_ALL_WITH_ADDRESS.run(connection, {"but": "!x"}))
        add_address(connection, "#b", "!b")
        found.append(connection.execute(select(func.count()).select_from(RoomAddress)).scalar_one())
        ADD_ROOM.run_all(connection, [room("!c"), room("!d")])
        found.append(LEAVE.run(connection, {"which": "!c"}))
        return found

    assert await at_once(tables, work) == [2, 1, 2, 1]
    async with tables.read() as session:
        left = select(Room.room_id).where(Room.membership == "leave").order_by(Room.room_id)
        assert (await session.scalars(left)).all() == ["!a", "!c"]
        assert await session.scalar(select(func.count()).select_from(Room)) == 4


async def test_what_fails_at_last_takes_all_with_it(tables: Database) -> None:
    await at_once(tables, lambda connection: ADD_ROOM.run_all(connection, [room("!a")]))

    def twice(connection: Connection) -> None:
        add_address(connection, "#a", "!a")
        ADD_ROOM.run_all(connection, [room("!a")])
        add_number(connection, "!a")

    with pytest.raises(IntegrityError):
        await at_once(tables, twice)
    assert await at_once(tables, lambda connection: count(COUNT_ADDRESSES, connection)) == 0
    assert await at_once(tables, lambda connection: count(COUNT_ROOMS, connection)) == 1


async def test_what_waits_is_forgotten_with_its_transaction(tables: Database) -> None:
    def fails(connection: Connection) -> None:
        add_address(connection, "#a", "!a")
        raise RuntimeError("a fault of ours")

    with pytest.raises(RuntimeError, match="of ours"):
        await at_once(tables, fails)
    assert await at_once(tables, lambda connection: count(COUNT_ADDRESSES, connection)) == 0


async def test_it_reads_what_was_written_by_whom_it_waited_for(
    open_database: OpenDatabase,
) -> None:
    database, other = open_database(), open_database()
    await database.run_sync(Base.metadata.create_all)
    async with other.write() as session:
        session.add(Room(room_id="!a", membership="join"))
        await session.flush()
        reading = asyncio.create_task(
            at_once(database, lambda connection: count(COUNT_ROOMS, connection))
        )
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert not reading.done()
    assert await reading == 1
