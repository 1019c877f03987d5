"""PostgreSQL: one writer at a time by an advisory lock, and commits that need not wait."""

from __future__ import annotations

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from .postgresql_writer import KeptWriter

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


def postgresql_engines(url: str, schema: str | None) -> tuple[AsyncEngine, KeptWriter]:
    """For units of work, and for transactions that are one function."""
    server_settings = {"search_path": f'"{schema}"'} if schema else {}

    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(
            url, server_settings=server_settings, timeout=10, command_timeout=ANSWER_WITHIN
        )

    # In a log they would be what people wrote.
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=connect, pool_pre_ping=True, hide_parameters=True
    )
    return engine, KeptWriter(connect, _begins_with)


def _begins_with(durable: bool) -> str:
    return BEGIN[durable].text
