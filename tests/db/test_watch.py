"""Whoever remembers rows learns that they may be others, however and by whom they are written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from fosdembot.db.base import Base
from fosdembot.db.engine import Database
from fosdembot.db.tables import RoleRoom, Room
from fosdembot.db.watch import UNWATCHED


@pytest.fixture
async def rooms(database: Database) -> Database:
    await database.run_sync(Base.metadata.create_all)
    async with database.write() as session:
        session.add(Room(room_id="!a", membership="join"))
    return database


async def by_an_object(database: Database) -> None:
    async with database.write() as session:
        (await session.get_one(Room, "!a")).membership = "leave"


async def by_a_new_object(database: Database) -> None:
    async with database.write() as session:
        session.add(Room(room_id="!b", membership="join"))


async def by_a_statement(database: Database) -> None:
    async with database.write() as session:
        await session.execute(update(Room).values(membership="leave"))


async def by_a_deletion(database: Database) -> None:
    async with database.write() as session:
        await session.execute(delete(Room))


async def by_the_connection(database: Database) -> None:
    async with database.write() as session:
        await session.execute_apart(insert(Room), {"room_id": "!b", "membership": "join"})


async def at_once(database: Database) -> None:
    def work(connection: Connection) -> None:
        connection.execute(update(Room).values(membership="ban"))

    await database.at_once(work, durable=False)


WAYS = (by_an_object, by_a_new_object, by_a_statement, by_a_deletion, by_the_connection, at_once)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_what_is_remembered_is_of_an_old_version_then(
    way: Callable[[Database], Awaitable[None]], rooms: Database
) -> None:
    watch, other = rooms.watch(Room), rooms.watch(RoleRoom)
    before = watch.version, other.version
    await way(rooms)
    assert watch.version != before[0]
    assert not watch.is_changing
    assert other.version == before[1]


async def test_reading_changes_nothing(rooms: Database) -> None:
    watch = rooms.watch(Room)
    before = watch.version
    async with rooms.write() as session:
        (await session.scalars(select(Room))).all()
    async with rooms.read() as session:
        (await session.scalars(select(Room))).all()
    assert watch.version == before


async def test_until_the_commit_nothing_is_true(rooms: Database) -> None:
    watch = rooms.watch(Room)
    async with rooms.write() as session:
        await session.execute(update(Room).values(membership="leave"))
        assert watch.is_changing
        within = watch.version
    # Who read meanwhile has read what was true before.
    assert watch.version != within


async def test_a_rollback_is_one_whatever_was_written(rooms: Database) -> None:
    watch = rooms.watch(Room)
    for statement in (update(Room).values(membership="leave"), select(Room)):
        before = watch.version
        with suppress(KeyError):
            async with rooms.write() as session:
                await session.execute(statement)
                raise KeyError
        assert watch.version != before
        assert not watch.is_changing


async def test_who_keeps_it_true_may_write_unwatched(rooms: Database) -> None:
    watch = rooms.watch(Room)
    before = watch.version

    def work(connection: Connection) -> None:
        unwatched = {UNWATCHED: True}
        connection.execute(update(Room).values(membership="leave"), execution_options=unwatched)

    await rooms.at_once(work, durable=False)
    assert watch.version == before
