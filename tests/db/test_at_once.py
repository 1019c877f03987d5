"""A transaction that is one synchronous function is one as any other."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError

from fosdembot.db.engine import Database, postgresql, sqlite
from fosdembot.db.errors import is_transient
from simulation.postgres import Postgres

from .conftest import OpenDatabase
from .test_engine import increment, make_counter, read


def added(by: int, connection: Connection) -> int:
    connection.execute(text("UPDATE counter SET value = value + :by"), {"by": by})
    return int(connection.execute(text("SELECT value FROM counter")).scalar_one())


@pytest.mark.parametrize("durable", [True, False])
async def test_it_is_committed_and_its_result_comes_back(database: Database, durable: bool) -> None:
    await make_counter(database)
    assert await database.at_once(partial(added, 5), durable=durable) == 5
    assert await database.at_once(partial(added, 2), durable=durable) == 7
    assert await read(database) == 7


async def test_a_failure_leaves_nothing_behind(database: Database) -> None:
    await make_counter(database)

    def fails(connection: Connection) -> None:
        added(1, connection)
        raise RuntimeError("a fault of ours")

    with pytest.raises(RuntimeError, match="of ours"):
        await database.at_once(fails, durable=False)
    assert await database.at_once(partial(added, 1), durable=False) == 1


@pytest.mark.parametrize("durable", [True, False])
async def test_a_failing_commit_leaves_nothing_behind(database: Database, durable: bool) -> None:
    await make_counter(database)
    failures = ["once"]

    def full(_: object) -> None:
        if failures:
            raise RuntimeError(failures.pop())

    for engine in database.engines:
        event.listen(engine, "commit", full)
    with pytest.raises(RuntimeError, match="once"):
        await database.at_once(partial(added, 1), durable=durable)
    await increment(database)
    assert await database.at_once(partial(added, 1), durable=durable) == 2


async def test_it_is_alone_among_those_who_write(database: Database) -> None:
    await make_counter(database)
    works = (
        partial(database.at_once, partial(added, 1), durable=False),
        partial(increment, database),
        partial(database.at_once, partial(added, 1), durable=True),
    )
    await asyncio.gather(*(works[number % 3]() for number in range(60)))
    assert await read(database) == 60


async def test_who_is_cut_off_while_another_process_writes_leaves_no_lock_behind(
    open_database: OpenDatabase,
) -> None:
    database, other = open_database(), open_database()
    await make_counter(database)
    assert await database.at_once(partial(added, 1), durable=False) == 1
    async with other.write() as session:
        await session.execute(text("UPDATE counter SET value = 5"))
        cut_off = asyncio.create_task(database.at_once(partial(added, 1), durable=False))
        for _ in range(10):
            await asyncio.sleep(0.01)
        cut_off.cancel()
        await asyncio.gather(cut_off, return_exceptions=True)
    async with asyncio.timeout(10):
        assert await other.at_once(partial(added, 1), durable=False) == 6
        assert await database.at_once(partial(added, 1), durable=False) == 7


async def test_a_server_that_was_restarted_costs_one_try_at_most(postgres: Postgres) -> None:
    url = await postgres.create_database(uuid4().hex)
    database, other = postgresql(url), postgresql(url)
    await make_counter(database)
    await database.at_once(partial(added, 1), durable=False)
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
    async with other.read() as session:
        name = await session.scalar(text("SELECT current_database()"))
        await session.execute(text(f"{ended} AND pid != pg_backend_pid()"), {"name": name})
    tries = [
        await asyncio.gather(
            database.at_once(partial(added, 1), durable=False), return_exceptions=True
        )
        for _ in range(2)
    ]
    values = [value for [value] in tries if not isinstance(value, Exception)]
    errors = [err for [err] in tries if isinstance(err, Exception)]
    assert values in ([2], [2, 3])
    assert all(map(is_transient, errors))
    await database.close()
    await other.close()


@pytest.fixture
async def on_sqlite(tmp_path: Path) -> Database:
    database = sqlite(str(tmp_path / "bot.db"))
    await make_counter(database)
    return database


async def test_the_loop_runs_while_another_process_writes(
    on_sqlite: Database, tmp_path: Path
) -> None:
    locked, loop_ran = threading.Event(), threading.Event()
    in_time: list[bool] = []

    def write() -> None:
        with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            locked.set()
            in_time.append(loop_ran.wait(10))
            other.execute("ROLLBACK")

    other_process = asyncio.create_task(asyncio.to_thread(write))
    await asyncio.to_thread(locked.wait)
    waiting = asyncio.create_task(on_sqlite.at_once(partial(added, 1), durable=False))
    for _ in range(10):
        await asyncio.sleep(0.01)
    assert not waiting.done()
    loop_ran.set()
    await other_process
    assert await waiting == 1
    assert in_time == [True]
    await on_sqlite.close()


async def test_who_writes_for_too_long_is_a_trouble_that_passes(
    on_sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fosdembot.db.sqlite.LOCKED_AT_MOST", 0.0)
    with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="database is locked") as locked:
            await on_sqlite.at_once(partial(added, 1), durable=False)
    assert is_transient(locked.value)
    assert await on_sqlite.at_once(partial(added, 1), durable=False) == 1
    await on_sqlite.close()


async def test_others_have_their_turn_and_the_log_does_not_grow_for_ever(
    on_sqlite: Database, tmp_path: Path
) -> None:
    turns: list[str] = []

    async def work(name: str) -> None:
        for _ in range(200):
            await on_sqlite.at_once(partial(added, 1), durable=False)
            turns.append(name)

    await asyncio.gather(work("a"), work("b"))
    assert turns[:4] != ["a", "a", "a", "a"]
    # A page or two a commit, 4 KB each; a checkpoint every fifty lets the log begin anew.
    assert (tmp_path / "bot.db-wal").stat().st_size < 200 * 4096
    await on_sqlite.close()


async def test_the_loop_runs_while_a_commit_waits_for_the_disk(on_sqlite: Database) -> None:
    loop_ran = threading.Event()
    in_time: list[bool] = []

    def slow(_: object) -> None:
        in_time.append(loop_ran.wait(10))

    for engine in on_sqlite.engines:
        event.listen(engine, "commit", slow)
    waiting = asyncio.create_task(on_sqlite.at_once(partial(added, 1), durable=True))
    for _ in range(10):
        await asyncio.sleep(0.01)
    assert not waiting.done()
    loop_ran.set()
    assert await waiting == 1
    assert in_time == [True]
    await on_sqlite.close()


async def test_whoever_is_cut_off_in_a_commit_goes_on_when_it_is_over(on_sqlite: Database) -> None:
    """Also if that happens twice: the connection is the next one's."""
    begun, may_go_on = threading.Event(), threading.Event()

    def slow(_: object) -> None:
        begun.set()
        may_go_on.wait(10)

    for engine in on_sqlite.engines:
        event.listen(engine, "commit", slow)
    cut_off = asyncio.create_task(on_sqlite.at_once(partial(added, 1), durable=True))
    await asyncio.to_thread(begun.wait, 10)
    following = asyncio.create_task(on_sqlite.at_once(partial(added, 1), durable=True))
    for _ in range(2):
        cut_off.cancel()
        for _ in range(5):
            await asyncio.sleep(0.01)
    assert not cut_off.done()
    may_go_on.set()
    assert await following == 2
    assert cut_off.cancelled()
    await on_sqlite.close()


async def test_only_what_is_durable_waits_for_the_disk(on_sqlite: Database) -> None:
    levels: list[int] = []

    def level(connection: Connection) -> None:
        levels.append(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())

    for durable in (False, True, False, True):
        await on_sqlite.at_once(level, durable=durable)
    assert levels == [1, 2, 1, 2]
    await on_sqlite.close()
