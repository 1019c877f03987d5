"""SQLite's driver without thread changes: statements run where they are awaited.

SQLAlchemy's dialect for aiosqlite awaits each step of a statement (a cursor, its execution, its
rows, its end), and each way from its greenlet to the event loop and back takes longer than SQLite
does for all of them. Here they are calls. Only what may take long is awaited: what runs in
aiosqlite's thread.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util import await_only

_P = ParamSpec("_P")
_T = TypeVar("_T")
_LOG = logging.getLogger(__name__)

_HELD_LONG = 0.05
"""Seconds in the loop's thread after which what takes so long is logged: all else waits."""
_NOTED_EVERY = 60.0
"""Seconds between two such lines: on a busy machine every statement may take long."""
SYNCHRONOUS = {True: "PRAGMA synchronous=FULL", False: "PRAGMA synchronous=NORMAL"}
"""By whether commits wait for the disk."""
CHECKPOINT_AFTER = 50
"""Commits after which the log is written to the database file. SQLite itself would do so in
the commit that fills 1,000 pages, in the loop's thread."""


class _LongHolds:
    """What held the loop for long, once a minute."""

    _noted = -_NOTED_EVERY

    def note(self, what: str, began: float) -> None:
        """`began`: `time.perf_counter()` then; it is over now."""
        now = time.perf_counter()
        if now - began > _HELD_LONG and now - self._noted > _NOTED_EVERY:
            self._noted = now
            _LOG.warning("%s held the loop for %.0f ms", what, (now - began) * 1000)


LONG = _LongHolds()


class InlineConnection(aiosqlite.Connection):
    """A connection whose statements run where they are awaited.

    `_execute` is aiosqlite's one way into its thread, which starts when something is to run in it.
    A test sees that no statement changes threads, in case a later version goes another way.
    """

    durable = False
    """Whether commits wait for the disk; changed only between transactions."""
    commits = 0
    _begun = 0
    _ended = 0
    """Calls in the thread, counted by the loop and by the thread. As long as some have not ended,
    the next one must not overtake them."""
    _has_thread = False

    def __init__(self, opened: sqlite3.Connection) -> None:
        super().__init__(lambda: opened, iter_chunk_size=64)
        self._connection = opened
        # As SQLAlchemy does: a connection that is lost must not keep the process alive.
        self._thread.daemon = True

    def stop(self) -> asyncio.Future[Any] | None:
        if self._has_thread:
            return super().stop()
        self._running = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        return None

    async def _execute(self, fn: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        if self.is_busy:
            return await self._execute_in_thread(fn, *args, **kwargs)
        return self.execute_here(fn, *args, **kwargs)

    @property
    def is_busy(self) -> bool:
        """Whether the thread has it: somebody was cut off while that waited for the disk."""
        return self._begun != self._ended

    @property
    def here(self) -> sqlite3.Connection | None:
        """What statements may be given to right now, by `execute_here`; None while the thread has
        it, and once it is closed."""
        return None if self.is_busy else self._connection

    def execute_here(self, fn: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        if self._connection is None:
            raise ValueError("no active connection")
        began = time.perf_counter()
        try:
            return fn(*args, **kwargs)
        finally:
            LONG.note("A statement", began)

    async def _execute_in_thread(
        self, fn: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        if self._connection is None:
            raise ValueError("no active connection")
        if not self._has_thread:
            self._thread.start()
            self._has_thread = True
        self._begun += 1

        def finished() -> _T:
            try:
                return fn(*args, **kwargs)
            finally:
                self._ended += 1

        result: _T = await super()._execute(finished)  # type: ignore[no-untyped-call]
        return result

    async def idle(self) -> None:
        """Wait until the thread has ended what it was given."""
        await self._execute_in_thread(lambda: None)

    def begin(self, statement: str) -> None:
        self._conn.execute(statement)

    def commit_here(self) -> None:
        """Without waiting for the disk."""
        self.execute_here(self._conn.commit)
        self.commits += 1

    async def commit(self) -> None:
        if self.durable:
            await self._execute_in_thread(self._conn.commit)
        else:
            await self._execute(self._conn.commit)
        self.commits += 1

    async def checkpoint(self) -> None:
        """Write the log to the database file."""
        self.commits = 0
        await self._execute_in_thread(self._checkpoint)

    def _checkpoint(self) -> None:
        with logged():
            write_log_to_file(self._conn)

    def set_durable(self, durable: bool) -> None:
        """For the next transaction. SQLite ignores the pragma within one."""
        if durable != self.durable:
            self._conn.execute(SYNCHRONOUS[durable])
            self.durable = durable


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """SQLite's own, where the dialect has aiosqlite's."""

    __slots__ = ()

    _awaitable_cursor_close = False
    _connection: Any
    _cursor: Any

    def _make_new_cursor(self, connection: Any) -> Any:
        try:
            while connection.is_busy:
                await_only(connection.idle())
            return connection._conn.cursor()
        except Exception as error:
            self._adapt_connection._handle_exception(error)

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    def execute(self, operation: Any, parameters: Any = None) -> None:
        try:
            self._connection.execute_here(self._execute, operation, parameters or ())
        except Exception as error:
            self._adapt_connection._handle_exception(error)

    def _execute(self, operation: Any, parameters: Any) -> None:
        self._cursor.execute(operation, parameters)
        if self._cursor.description:
            self._rows = deque(self._cursor.fetchall())

    def executemany(self, operation: Any, seq_of_parameters: Any) -> None:
        try:
            self._connection.execute_here(self._cursor.executemany, operation, seq_of_parameters)
        except Exception as error:
            self._adapt_connection._handle_exception(error)


class _Adapted(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()

    _cursor_cls = _Cursor
    _connection: Any

    def commit(self) -> None:
        inline: InlineConnection = self._connection
        if inline.durable or inline.is_busy:
            super().commit()
        else:
            inline.commit_here()

    def rollback(self) -> None:
        inline: InlineConnection = self._connection
        if (here := inline.here) is None:
            super().rollback()
        else:
            inline.execute_here(here.rollback)


class InlineDriver(AsyncAdapt_aiosqlite_dbapi):
    """For the dialect, in place of its own. `async_creator_fn` makes an `InlineConnection`."""

    def connect(self, *args: Any, **options: Any) -> AsyncAdapt_aiosqlite_connection:
        return _Adapted(self, await_only(options.pop("async_creator_fn")(*args)))


def inline_driver() -> InlineDriver:
    return InlineDriver(aiosqlite, sqlite3)


def write_log_to_file(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


@contextmanager
def logged() -> Iterator[None]:
    """A checkpoint that fails hinders nobody: what is committed stands in the log as well, and
    the next one takes it along."""
    try:
        yield
    except sqlite3.Error as err:
        _LOG.warning("The log of the database could not be written to its file: %s", err)
