"""One writer at a time, and readers who do not wait for it, on both databases."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from fosdembot.db.engine import Database, postgresql
from simulation.postgres import Postgres

from .conftest import OpenDatabase


async def make_counter(database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("CREATE TABLE counter (value integer NOT NULL)"))
        await session.execute(text("INSERT INTO counter VALUES (0)"))


async def read(database: Database) -> int:
    async with database.read() as session:
        return int((await session.execute(text("SELECT value FROM counter"))).scalar_one())


async def increment(database: Database) -> None:
    """Read, then write what was read, plus one."""
    async with database.write() as session:
        value = (await session.execute(text("SELECT value FROM counter"))).scalar_one()
        await asyncio.sleep(0)
        await session.execute(text("UPDATE counter SET value = :value"), {"value": value + 1})


async def test_of_200_parallel_writers_none_loses_an_update(open_database: OpenDatabase) -> None:
    processes = [open_database(), open_database()]
    await make_counter(processes[0])
    await asyncio.gather(*(increment(process) for process in processes * 100))
    assert await read(processes[0]) == 200


async def test_a_reader_does_not_wait_for_a_writer(open_database: OpenDatabase) -> None:
    database = open_database()
    await make_counter(database)
    async with database.write() as session:
        await session.execute(text("UPDATE counter SET value = 7"))
        async with asyncio.timeout(10):
            assert await read(database) == 0
            assert await read(open_database()) == 0
    assert await read(database) == 7


async def test_what_follows_a_commit_sees_it(database: Database) -> None:
    await make_counter(database)
    done: list[str] = []
    async with database.write() as session:
        session.after_commit(lambda: done.append("first"))
        session.after_commit(lambda: done.append("second"))
        await session.execute(text("UPDATE counter SET value = 1"))
        assert done == []
    assert done == ["first", "second"]
    assert await read(database) == 1


async def test_a_failure_leaves_nothing_behind(database: Database) -> None:
    await make_counter(database)
    done: list[str] = []

    async def fails() -> None:
        async with database.write() as session:
            session.after_commit(lambda: done.append("never"))
            await session.execute(text("UPDATE counter SET value = 1"))
            raise RuntimeError("a fault of ours")

    with pytest.raises(RuntimeError, match="of ours"):
        await fails()
    assert done == []
    await increment(database)
    assert await read(database) == 1


async def test_what_a_part_was_to_do_falls_with_it(database: Database) -> None:
    await make_counter(database)
    done: list[str] = []
    async with database.write() as session:
        session.after_commit(lambda: done.append("before"))
        with suppress(KeyError):
            async with session.part():
                await session.execute(text("UPDATE counter SET value = 1"))
                session.after_commit(lambda: done.append("failed"))
                raise KeyError
        async with session.part():
            session.after_commit(lambda: done.append("after"))
    assert done == ["before", "after"]
    assert await read(database) == 0


async def test_an_error_does_not_say_what_people_wrote(database: Database) -> None:
    async with database.write() as session:
        with pytest.raises(DBAPIError) as failure:
            await session.execute(text("INSERT INTO nowhere VALUES (:x)"), {"x": "How small?"})
    assert "small" not in str(failure.value)


async def test_a_cancelled_writer_leaves_nothing_behind_and_blocks_nobody(
    open_database: OpenDatabase,
) -> None:
    database = open_database()
    await make_counter(database)
    written = asyncio.Event()

    async def never_ends() -> None:
        async with database.write() as session:
            await session.execute(text("UPDATE counter SET value = 1"))
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(never_ends())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(10):
        await increment(open_database())
        assert await read(database) == 1


async def test_instances_in_one_database_are_apart(postgres: Postgres) -> None:
    url = await postgres.create_database("instances")
    whole, one, two = postgresql(url), postgresql(url, "mbp_one"), postgresql(url, "mbp_2. Day")
    try:
        async with whole.write() as session:
            for schema in ("mbp_one", "mbp_2. Day"):
                await session.execute(text(f'CREATE SCHEMA "{schema}"'))
        await make_counter(one)
        await make_counter(two)
        async with one.write() as session, asyncio.timeout(10):
            await session.execute(text("UPDATE counter SET value = 5"))
            await increment(two)
        assert (await read(one), await read(two)) == (5, 1)
    finally:
        for database in (whole, one, two):
            await database.close()


async def test_whoever_is_stopped_while_nobody_writes_leaves_no_lock_behind(
    open_database: OpenDatabase,
) -> None:
    database, next_run = open_database(), open_database()
    await make_counter(database)
    async with database.write() as session:
        await session.execute(text("INSERT INTO counter VALUES (1), (2), (3), (4), (5)"))

    async def work() -> None:
        while True:
            async with database.write() as session:
                await session.execute(text("UPDATE counter SET value = value + 1"))
                await session.execute(text("SELECT value FROM counter"))

    for moment in range(60):
        tasks = [asyncio.create_task(work()) for _ in range(2)]
        await asyncio.sleep(moment / 4000)
        async with database.no_writing():
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        async with asyncio.timeout(5):
            await increment_all(next_run)


async def increment_all(database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("UPDATE counter SET value = value + 1"))
