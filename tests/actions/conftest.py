"""A house on SQLite."""

from __future__ import annotations

import pytest

from fosdembot.db.engine import Database
from tests.questions.conftest import database
from tests.stage import empty_database

from .audience import Audience, opened
from .house import House

# pytest finds its fixtures here.
__all__ = ["database", "empty_database"]


@pytest.fixture
async def house(database: Database) -> House:
    """With the usual settings, and a room in which two talks take place."""
    house = House(database)
    await house.open()
    return house


@pytest.fixture
async def audience(database: Database) -> Audience:
    """With the usual settings, in two rooms in which talks take place."""
    return await opened(database)
