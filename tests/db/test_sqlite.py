"""SQLite in the loop's thread: no statement changes threads, no wait holds the loop, and what
must survive a power cut waits for the disk."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from fosdembot.db.engine import Database, sqlite
from fosdembot.db.inline import InlineConnection

INSERT = text("INSERT INTO counter VALUES (1)")


class Watched:
    """A database that notes in which thread each statement runs, and what each commit was."""

    def __init__(self, path: Path) -> None:
        self.database = sqlite(str(path))
        self.threads: set[str] = set()
        self.durable: list[bool] = []
        event.listen(self.database.engine.sync_engine, "connect", self._on_connect)
        event.listen(self.database.engine.sync_engine, "commit", self._on_commit)

    def _on_connect(self, connection: Any, _: Any) -> None:
        def note(statement: str) -> None:
            if not statement.startswith(("PRAGMA", "COMMIT")):
                self.threads.add(threading.current_thread().name)

        connection.driver_connection._conn.set_trace_callback(note)

    def _on_commit(self, connection: Any) -> None:
        driver = connection.connection.driver_connection
        assert isinstance(driver, InlineConnection)
        [level] = driver._conn.execute("PRAGMA synchronous").fetchone()
        self.durable.append(level == 2)


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    made = Watched(tmp_path / "bot.db")
    async with made.database.write() as session:
        await session.execute(text("CREATE TABLE counter (value integer NOT NULL)"))
        await session.execute(text("INSERT INTO counter VALUES (0)"))
    made.durable.clear()
    yield made
    await made.database.close()


async def increment(database: Database, durable: bool = False) -> None:
    async with database.write(durable=durable) as session, session.part():
        await session.execute(text("UPDATE counter SET value = value + 1"))


async def test_no_statement_changes_threads(watched: Watched) -> None:
    for number in range(120):
        await increment(watched.database, durable=number % 2 == 0)
    async with watched.database.read() as session:
        assert await session.scalar(text("SELECT value FROM counter")) == 120
    assert watched.threads == {threading.current_thread().name}


async def test_only_what_is_durable_waits_for_the_disk(watched: Watched) -> None:
    for durable in (False, True, False, False, True):
        await increment(watched.database, durable)
    assert watched.durable == [False, True, False, False, True]


async def test_the_loop_runs_while_another_process_writes(watched: Watched, tmp_path: Path) -> None:
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
    waiting = asyncio.create_task(increment(watched.database))
    for _ in range(10):
        await asyncio.sleep(0.01)
    assert not waiting.done()
    loop_ran.set()
    await asyncio.gather(waiting, other_process)
    assert in_time == [True]


async def opened_by_session(database: Database) -> None:
    async with database.write(durable=False) as session:
        await session.execute(INSERT)


async def opened_by_function(database: Database) -> None:
    await database.at_once(lambda connection: connection.execute(INSERT), durable=False)


@pytest.mark.parametrize("use", [opened_by_session, opened_by_function])
async def test_the_loop_runs_while_another_process_lets_nobody_open_it(
    tmp_path: Path, use: Callable[[Database], Awaitable[None]]
) -> None:
    database = sqlite(str(tmp_path / "bot.db"))
    with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
        other.execute("CREATE TABLE counter (value integer NOT NULL)")
        other.execute("BEGIN EXCLUSIVE")
        waiting = asyncio.ensure_future(use(database))
        async with asyncio.timeout(10):
            for _ in range(10):
                await asyncio.sleep(0.01)
        assert not waiting.done()
        other.execute("COMMIT")
        await waiting
    async with database.read() as session:
        assert await session.scalar(text("SELECT value FROM counter")) == 1
    await database.close()


async def test_no_thread_is_started_where_nothing_waits_for_the_disk(tmp_path: Path) -> None:
    """A thread takes longer to start and to end than the file to open and to close."""
    before = set(threading.enumerate())
    database = sqlite(str(tmp_path / "bot.db"))
    async with database.write(durable=False) as session:
        await session.execute(text("CREATE TABLE counter (value integer NOT NULL)"))
    await database.at_once(lambda connection: connection.execute(INSERT), durable=False)
    async with database.read() as session:
        assert await session.scalar(text("SELECT value FROM counter")) == 1
    assert set(threading.enumerate()) == before
    await database.close()


async def test_others_have_their_turn_between_two_transactions(watched: Watched) -> None:
    turns: list[str] = []

    async def work(name: str) -> None:
        for _ in range(5):
            await increment(watched.database)
            turns.append(name)

    await asyncio.gather(work("a"), work("b"))
    assert turns[:4] != ["a", "a", "a", "a"]


async def test_the_log_does_not_grow_for_ever(watched: Watched, tmp_path: Path) -> None:
    for _ in range(400):
        await increment(watched.database)
    # Three pages a commit, 4 KB each; a checkpoint every fifty lets the log begin anew.
    assert (tmp_path / "bot.db-wal").stat().st_size < 200 * 4096


Commit = Callable[[Database, Callable[[], None]], Awaitable[None]]


async def by_session(database: Database, after: Callable[[], None]) -> None:
    async with database.write(durable=False) as session:
        await session.execute(text("UPDATE counter SET value = value + 1"))
        session.after_commit(after)


async def by_function(database: Database, after: Callable[[], None]) -> None:
    def work(connection: Connection) -> None:
        connection.execute(text("UPDATE counter SET value = value + 1"))

    await database.at_once(work, durable=False)
    after()


@pytest.mark.parametrize("commit", [by_session, by_function])
async def test_what_is_committed_is_over_whoever_is_cut_off_then(
    watched: Watched, tmp_path: Path, commit: Commit
) -> None:
    """Also where the log is to be written to the file, every fifty commits."""
    over: list[None] = []
    with closing(sqlite3.connect(tmp_path / "bot.db")) as reader:
        for number in range(1, 121):
            work = commit(watched.database, lambda: over.append(None))
            task = asyncio.ensure_future(work)
            while reader.execute("SELECT value FROM counter").fetchone() != (number,):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert len(over) == number


@pytest.mark.parametrize("commit", [by_session, by_function])
async def test_a_log_that_cannot_be_written_to_the_file_fails_no_commit(
    watched: Watched, tmp_path: Path, commit: Commit, caplog: pytest.LogCaptureFixture
) -> None:
    def no_checkpoint(action: int, name: str | None, *_: str | None) -> int:
        is_checkpoint = action == sqlite3.SQLITE_PRAGMA and name == "wal_checkpoint"
        return sqlite3.SQLITE_DENY if is_checkpoint else sqlite3.SQLITE_OK

    over: list[None] = []
    await commit(watched.database, lambda: over.append(None))
    async with watched.database.write(durable=False) as session:
        pooled = await (await session.connection()).get_raw_connection()
        driver = pooled.driver_connection
        assert isinstance(driver, InlineConnection)
        driver._conn.set_authorizer(no_checkpoint)
    # Nor can the file be opened once more.
    path = tmp_path / "bot.db"
    path.rename(tmp_path / "elsewhere")
    path.mkdir()
    for _ in range(120):
        await commit(watched.database, lambda: over.append(None))
    assert len(over) == 121
    assert "could not be written to its file" in caplog.text


async def durably_by_function(database: Database) -> None:
    def work(connection: Connection) -> None:
        connection.execute(text("UPDATE counter SET value = value + 1"))

    await database.at_once(work, durable=True)


@pytest.mark.parametrize("add", [partial(increment, durable=True), durably_by_function])
async def test_a_commit_that_is_cut_off_finishes_before_the_connection_is_used_again(
    watched: Watched, add: Callable[[Database], Awaitable[None]]
) -> None:
    for moment in range(40):
        task = asyncio.ensure_future(add(watched.database))
        for _ in range(moment % 12):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await add(watched.database)
    async with watched.database.read() as session:
        value = await session.scalar(text("SELECT value FROM counter"))
    assert 1 <= value <= 41
