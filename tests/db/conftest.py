"""An empty database of each kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from fosdembot.db.engine import Database, postgresql, sqlite
from simulation.postgres import Postgres

OpenDatabase = Callable[[], Database]
"""Opens the same database once more, as another process would."""


@pytest.fixture(params=["sqlite", "postgresql"])
async def open_database(
    request: pytest.FixtureRequest, postgres: Postgres, new_folder: Path
) -> AsyncIterator[OpenDatabase]:
    """Empty at first, closed at the end; the test runs once on SQLite, once on PostgreSQL."""
    on_sqlite = request.param == "sqlite"
    url = "" if on_sqlite else await postgres.create_database(uuid4().hex)
    async with AsyncExitStack() as stack:

        def open_it() -> Database:
            database = sqlite(str(new_folder / "test.db")) if on_sqlite else postgresql(url)
            stack.push_async_callback(database.close)
            return database

        yield open_it


@pytest.fixture
def database(open_database: OpenDatabase) -> Database:
    return open_database()
