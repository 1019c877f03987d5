"""Write transactions on PostgreSQL that are one synchronous function, in few ways to the server.

Each way there costs more than what the server does: a packet out and one in, the event loop, a
change of greenlets. So a transaction begins with its lock in one. And writes of which nobody asks
what they did wait, and go together with a later one, as parts of its WITH ("Data-Modifying
Statements in WITH"). There no part sees what another one wrote, nor in which order; so only those
go together that write given values, each to another table. What reads a table that is still to
be written comes after that, and so does whatever SQLAlchemy executes, and the commit.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.asyncpg import (
    AsyncAdapt_asyncpg_connection,
    AsyncAdapt_asyncpg_cursor,
    AsyncAdapt_asyncpg_dbapi,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.util import await_only

_T = TypeVar("_T")
_NUMBER = re.compile(r"\$(\d+)")


@dataclass(frozen=True, slots=True)
class Write:
    """A statement that writes given values to one table, and reads no other one."""

    table: str
    text: str
    values: Sequence[Any]


class _Transaction:
    """What asyncpg calls so, but begun by somebody else."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def commit(self) -> None:
        await self._connection.execute("COMMIT")

    async def rollback(self) -> None:
        await self._connection.execute("ROLLBACK")


class _Cursor(AsyncAdapt_asyncpg_cursor):
    """What SQLAlchemy executes comes after all that waits."""

    __slots__ = ()

    _adapt_connection: WriterConnection

    def execute(self, operation: Any, parameters: Any = None) -> None:
        self._adapt_connection.send_waiting()
        super().execute(operation, parameters)  # type: ignore[no-untyped-call]

    def executemany(self, operation: Any, seq_of_parameters: Any) -> Any:
        self._adapt_connection.send_waiting()
        return super().executemany(operation, seq_of_parameters)  # type: ignore[no-untyped-call]


class WriterConnection(AsyncAdapt_asyncpg_connection):
    """Takes statements from SQLAlchemy, and as the driver takes them from whoever has them
    compiled (`prepared.py`), within a greenlet. Errors are those of the driver as SQLAlchemy's
    dialect names them."""

    __slots__ = ("_waiting", "begins_with")

    _cursor_cls = _Cursor
    _connection: Any
    _transaction: Any

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)  # type: ignore[no-untyped-call]
        self.begins_with = ""
        """The statement with which a transaction begins."""
        self._waiting: dict[str, Write] = {}
        """What is still to be sent, by table."""

    def fetch(self, text: str, values: Sequence[Any], tables: Collection[str]) -> Sequence[Any]:
        """The rows that a statement returns, which has to do with these tables."""
        if not self._waiting.keys().isdisjoint(tables):
            self.send_waiting()
        rows, _ = await_only(self._sent(text, values))
        return rows

    def write(self, write: Write) -> int:
        """How many rows it has changed."""
        self._make_way(write.table)
        _, changed = await_only(self._sent(*_together([*self._waiting.values(), write])))
        self._waiting.clear()
        return changed

    def changed(self, text: str, values: Sequence[Any]) -> int:
        """The same of a statement that also reads."""
        self.send_waiting()
        return await_only(self._sent(text, values))[1]

    def write_later(self, write: Write) -> None:
        """Before anybody could see that it has not been done."""
        self._make_way(write.table)
        self._waiting[write.table] = write

    def write_all(self, text: str, rows: Iterable[Sequence[Any]]) -> None:
        """The same statement for all of them."""
        self.cursor().executemany(text, list(rows))

    def _make_way(self, table: str) -> None:
        if table in self._waiting:
            self.send_waiting()

    def send_waiting(self) -> None:
        if self._waiting:
            writes = list(self._waiting.values())
            self._waiting.clear()
            await_only(self._sent(*_together(writes)))

    async def _sent(self, text: str, values: Sequence[Any]) -> tuple[Sequence[Any], int]:
        # One greenlet uses this connection, so nothing has to be locked.
        if self._transaction is None:
            await self._start_transaction()
        try:
            statement, _ = await self._prepare(text, 0.0)  # type: ignore[no-untyped-call]
            rows = await statement.fetch(*values)
        except Exception as error:
            self._handle_exception(error)
        changed = (statement.get_statusmsg() or "").rpartition(" ")[2]
        return rows, int(changed) if changed.isdigit() else -1

    async def _start_transaction(self) -> None:
        try:
            # Each statement sees what is committed when it begins: those that follow, all that
            # was written by whom this one waited for.
            await self._connection.execute(f"BEGIN; {self.begins_with}")
        except Exception as error:
            self._handle_exception(error)
        self._transaction = _Transaction(self._connection)

    def commit(self) -> None:
        self.send_waiting()
        super().commit()  # type: ignore[no-untyped-call]

    def rollback(self) -> None:
        self._waiting.clear()
        super().rollback()  # type: ignore[no-untyped-call]


class _Driver(AsyncAdapt_asyncpg_dbapi):
    def connect(self, *args: Any, **options: Any) -> Any:
        made = options.pop("async_creator_fn")(*args)
        return await_only(WriterConnection.create(self, made))


class KeptWriter:
    """Write transactions on a connection that is kept, each in one greenlet. Whoever calls sees
    to it that nobody else in this process writes."""

    def __init__(
        self, connect: Callable[[], Awaitable[asyncpg.Connection]], lock: Callable[[bool], str]
    ) -> None:
        self._lock = lock
        """The statement with which a transaction begins, by whether it is durable."""
        self.engine: AsyncEngine = create_async_engine(
            "postgresql+asyncpg://",
            module=_Driver(asyncpg),  # type: ignore[no-untyped-call]
            async_creator=connect,
            poolclass=NullPool,
            # In a log they would be what people wrote.
            hide_parameters=True,
        )
        self._connection: AsyncConnection | None = None
        self._adapted: Any = None

    async def run(self, work: Callable[[Connection], _T], *, durable: bool) -> _T:
        """What `work` returns, once that is committed. It is rolled back on any exception."""
        connection = await self._usable()
        self._adapted.begins_with = self._lock(durable)
        try:
            return await connection.run_sync(_in_transaction, work)
        except BaseException:
            # Whoever is cut off leaves it in an unknown state.
            await asyncio.shield(asyncio.ensure_future(self._forget()))
            raise

    async def _usable(self) -> AsyncConnection:
        if self._connection is not None and self._adapted.driver_connection.is_closed():
            # The server was restarted, for example.
            await self._forget()
        if self._connection is None:
            self._connection = await self.engine.connect()
            self._adapted = (await self._connection.get_raw_connection()).dbapi_connection
        return self._connection

    async def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def close(self) -> None:
        await self._forget()
        await self.engine.dispose()


def _in_transaction(connection: Connection, work: Callable[[Connection], _T]) -> _T:
    with connection.begin():
        return work(connection)


def _together(writes: Sequence[Write]) -> tuple[str, Sequence[Any]]:
    """One statement that does all of them, each to another table; its result is that of the
    last."""
    if len(writes) == 1:
        return writes[0].text, writes[0].values
    values = [value for write in writes for value in write.values]
    return _with(tuple((write.text, len(write.values)) for write in writes)), values


@lru_cache(128)
def _with(statements: tuple[tuple[str, int], ...]) -> str:
    """Of statements, and how many values each has."""
    numbered, before = [], 0
    for text, values in statements:
        numbered.append(_moved(text, before))
        before += values
    *first, last = numbered
    named = ", ".join(f"part{number} AS ({each})" for number, each in enumerate(first))
    return f"WITH {named} {last}"


def _moved(text: str, by: int) -> str:
    return _NUMBER.sub(lambda number: f"${int(number[1]) + by}", text)
