"""PostgreSQL: one writer at a time by an advisory lock, and commits that need not wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

ANSWER_WITHIN = 60.0
"""Seconds for a statement. A server whose machine is gone says nothing, and TCP would wait for
it for a quarter of an hour."""

# Key: the schema, so that instances on one server are apart.
_LOCK = "pg_advisory_xact_lock(hashtext(current_schema()))"
BEGIN = {
    True: text(f"SELECT {_LOCK}"),
    # A later durable one flushes the log up to itself (PostgreSQL, "Asynchronous Commit").
    False: text(f"SELECT {_LOCK}, set_config('synchronous_commit', 'off', true)"),
}
"""What a write transaction begins with, by whether it is durable."""

_T = TypeVar("_T")


def postgresql_engine(url: str, schema: str | None) -> AsyncEngine:
    server_settings = {"search_path": f'"{schema}"'} if schema else {}

    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(
            url, server_settings=server_settings, timeout=10, command_timeout=ANSWER_WITHIN
        )

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_pre_ping=True,
        # In a log they would be what people wrote.
        hide_parameters=True,
    )


class KeptWriter:
    """Write transactions that are synchronous functions, on a connection that is kept, each in
    one greenlet. Whoever calls sees to it that nobody else in this process writes."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None

    async def run(self, work: Callable[[Connection], _T], *, durable: bool) -> _T:
        """What `work` returns, once that is committed. It is rolled back on any exception."""
        connection = await self._usable()
        try:
            return await connection.run_sync(_in_transaction, work, durable)
        except BaseException:
            # Whoever is cut off leaves it in an unknown state.
            await asyncio.shield(asyncio.ensure_future(self.close()))
            raise

    async def _usable(self) -> AsyncConnection:
        if self._connection is not None:
            driver: Any = (await self._connection.get_raw_connection()).driver_connection
            if driver.is_closed():
                # The server was restarted, for example.
                await self.close()
        if self._connection is None:
            self._connection = await self._engine.connect()
        return self._connection

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def _in_transaction(connection: Connection, work: Callable[[Connection], _T], durable: bool) -> _T:
    with connection.begin():
        connection.execute(BEGIN[durable])
        return work(connection)
