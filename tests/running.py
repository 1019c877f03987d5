"""Fixtures for the whole bot in rooms of a fake homeserver (see simulation/running.py), without a
network and on a stepped clock."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fosdembot.db.engine import Database, sqlite
from simulation.fake_homeserver import FakeHomeserver
from simulation.stepped_clock import SteppedClock, sqlite_at_once


@pytest.fixture
async def server() -> AsyncIterator[FakeHomeserver]:
    with sqlite_at_once():
        yield FakeHomeserver(SteppedClock())


@pytest.fixture
async def database(tmp_path: Path, empty_database: Path) -> AsyncIterator[Database]:
    """A migrated one."""
    database = sqlite(str(shutil.copy(empty_database, tmp_path / "bot.db")))
    yield database
    await database.close()
