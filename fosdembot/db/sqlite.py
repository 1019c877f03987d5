"""SQLite without thread changes: statements run in the event loop's own thread.

A statement takes microseconds there, and handing it to aiosqlite's thread ten times as long.
What may take long is not done in the loop: commits that wait for the disk and checkpoints run
in that thread, and another process's lock is waited for asynchronously.

In WAL mode with `synchronous=NORMAL` a crash of the process loses nothing. A power cut may lose
the last commits, the newest first and each of them whole. `durable` commits wait for the disk
(`synchronous=FULL`), and so for every commit before them, by any connection: they share the log
(https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous).

A transaction that is one synchronous function goes by a plain engine (`LoopWriter`): under
asyncio SQLAlchemy runs each statement in a coroutine of its own, which takes as long again.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Any, TypeVar

from sqlalchemy import Connection, RootTransaction, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, StaticPool
from sqlalchemy.util import await_only

from .errors import as_sqlalchemy
from .inline import (
    CHECKPOINT_AFTER,
    LONG,
    SYNCHRONOUS,
    InlineConnection,
    inline_driver,
    logged,
    write_log_to_file,
)

READ_ONLY = "fosdembot_read_only"
"""Execution option: the transaction only reads, and waits for no writer."""
DURABLE = "fosdembot_durable"
"""Execution option: what the transaction commits survives a power cut."""

_T = TypeVar("_T")

LOCKED_AT_MOST = 30.0
"""Seconds to wait for another process that writes. They pass as they do in that process, so they
are not those of the injected clock."""
_LOOK_AGAIN = 0.02
"""Seconds between two tries to begin a transaction while another process writes."""


def _connect(path: str) -> sqlite3.Connection:
    # Without transactions of its own: those begin DEFERRED and lose updates under load.
    connection = sqlite3.connect(
        path,
        # Statements run in the loop: whoever asks waits for locks.
        timeout=0.005,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
    )
    try:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "wal_autocheckpoint=0",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def sqlite_engine(path: str) -> AsyncEngine:
    """An engine for the SQLite database in the file at `path`."""

    async def create() -> InlineConnection:
        until = time.monotonic() + LOCKED_AT_MOST
        while True:
            try:
                return InlineConnection(_connect(path))
            except sqlite3.OperationalError as err:
                if not _is_locked(err) or time.monotonic() > until:
                    raise
            await asyncio.sleep(_LOOK_AGAIN)

    engine = create_async_engine(
        "sqlite+aiosqlite://",
        module=inline_driver(),
        async_creator=create,
        poolclass=AsyncAdaptedQueuePool,
        # In a log they would be what people wrote.
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    """A writer takes the lock at once, so what it reads is still true when it writes."""
    options = connection.get_execution_options()
    driver = connection.connection.driver_connection
    assert isinstance(driver, InlineConnection)
    is_read_only = options.get(READ_ONLY)
    while driver.is_busy:
        await_only(driver.idle())
    driver.set_durable(bool(options.get(DURABLE)))
    if not is_read_only and driver.commits >= CHECKPOINT_AFTER:
        # Before the transaction, not after it: whoever is cut off here has not committed anything.
        await_only(driver.checkpoint())
    statement = "BEGIN" if is_read_only else "BEGIN IMMEDIATE"
    until = time.monotonic() + LOCKED_AT_MOST
    while True:
        try:
            with as_sqlalchemy(connection, statement):
                driver.execute_here(driver.begin, statement)
            return
        except OperationalError as err:
            if not _is_locked(err.orig) or time.monotonic() > until:
                raise
        await_only(asyncio.sleep(_LOOK_AGAIN))


class LoopWriter:
    """Write transactions that are synchronous functions, on a connection of their own.

    Whoever calls sees to it that nobody else in this process writes. Durable commits wait for the
    disk in a thread, others do not wait.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self.engine = create_engine(
            "sqlite://", creator=lambda: _connect(path), poolclass=StaticPool, hide_parameters=True
        )
        event.listen(self.engine, "begin", _begin_immediate)
        self._connection: Connection | None = None
        self._durable = False
        self._commits = 0
        # Not the loop's: there a slow name server would hold up commits.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commits")

    async def run(self, work: Callable[[Connection], _T], *, durable: bool = False) -> _T:
        """What `work` returns, once that is committed. It is rolled back on any exception."""
        if self._commits >= CHECKPOINT_AFTER:
            # Before the transaction: a fault after it would make it look as if it had failed.
            self._commits = 0
            await self._in_thread(self._checkpoint)
        transaction = await self._begin(durable)
        connection = transaction.connection
        try:
            with transaction:
                result = self._work(work, connection)
                if durable:
                    await self._in_thread(transaction.commit)
        except BaseException:
            # Where the commit failed, the transaction is still open: only closing the file ends it.
            connection.invalidate()
            connection.close()
            self._connection = None
            raise
        self._commits += 1
        return result

    def _connected(self, durable: bool) -> Connection:
        if self._connection is None:
            self._connection = self.engine.connect()
            self._durable = False
        if durable != self._durable:
            # SQLite ignores the pragma within a transaction.
            driver = self._connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            driver.execute(SYNCHRONOUS[durable])
            self._durable = durable
        return self._connection

    def _work(self, work: Callable[[Connection], _T], connection: Connection) -> _T:
        began = time.perf_counter()
        try:
            return work(connection)
        finally:
            LONG.note("A transaction", began)

    async def _in_thread(self, work: Callable[[], None]) -> None:
        """Whoever is cut off here goes on when `work` has ended: until then the connection is in
        use."""
        working = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            await asyncio.shield(working)
        except asyncio.CancelledError:
            while not working.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([working])
            # It failed or did not: whoever is cut off learns nothing of it.
            working.exception()
            raise

    async def _begin(self, durable: bool) -> RootTransaction:
        until = time.monotonic() + LOCKED_AT_MOST
        while True:
            try:
                return self._connected(durable).begin()
            except OperationalError as err:
                if not _is_locked(err.orig) or time.monotonic() > until:
                    raise
            await asyncio.sleep(_LOOK_AGAIN)

    def _checkpoint(self) -> None:
        with logged(), closing(sqlite3.connect(self._path)) as connection:
            write_log_to_file(connection)

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self.engine.dispose()
        self._thread.shutdown(wait=False)


def _begin_immediate(connection: Connection) -> None:
    """By the driver: SQLAlchemy takes as long for it as for a statement with an answer."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    statement = "BEGIN IMMEDIATE"
    with as_sqlalchemy(connection, statement):
        driver.execute(statement)


def _is_locked(err: Any) -> bool:
    return getattr(err, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
