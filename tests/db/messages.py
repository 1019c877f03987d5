"""What goes to a PostgreSQL server."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest
from asyncpg.prepared_stmt import PreparedStatement


def note_messages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that grows by each statement that is executed, each of these a way to the server and
    back."""
    sent: list[str] = []
    execute, fetch = asyncpg.Connection.execute, PreparedStatement.fetch

    async def noted_execute(self: Any, query: str, *args: Any, **options: Any) -> Any:
        sent.append(query)
        return await execute(self, query, *args, **options)

    async def noted_fetch(self: Any, *args: Any, **options: Any) -> Any:
        sent.append(self.get_query())
        return await fetch(self, *args, **options)

    monkeypatch.setattr(asyncpg.Connection, "execute", noted_execute)
    monkeypatch.setattr(PreparedStatement, "fetch", noted_fetch)
    return sent
