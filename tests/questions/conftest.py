"""What the tests of questions need: a migrated database, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from fosdembot.db.engine import Database, postgresql, sqlite
from simulation.postgres import Postgres
from simulation.stepped_clock import sqlite_at_once
from tests.stage import empty_database

from .hall import Hall, MakeHall

# pytest finds its fixtures here.
__all__ = ["empty_database"]

pytest.register_assert_rewrite("tests.questions.beside")


@pytest.fixture
async def database(tmp_path: Path, empty_database: Path) -> AsyncIterator[Database]:
    """On SQLite."""
    with sqlite_at_once():
        database = sqlite(str(shutil.copy(empty_database, tmp_path / "bot.db")))
        yield database
        await database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def any_database(
    request: pytest.FixtureRequest,
    postgres: Postgres,
    migrated_postgresql: str,
    empty_database: Path,
    new_folder: Path,
) -> AsyncIterator[Database]:
    """The test runs once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        database = sqlite(str(shutil.copy(empty_database, new_folder / "bot.db")))
    else:
        url = await postgres.create_database(uuid4().hex, like=migrated_postgresql)
        database = postgresql(url)
    yield database
    await database.close()


@pytest.fixture
def make_hall(database: Database) -> MakeHall:
    """A desk with these settings."""
    return partial(Hall, database)


@pytest.fixture
def hall(make_hall: MakeHall) -> Hall:
    """A desk with the usual settings."""
    return make_hall()
