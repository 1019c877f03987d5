"""What the tests of transcripts need: a desk with questions, on SQLite."""

from __future__ import annotations

import asyncio
import shutil
from functools import partial
from pathlib import Path

import pytest

from fosdembot.db.engine import Database
from tests.questions.conftest import database, empty_database, hall, make_hall

from .day import AfterTheTalk, Evening

# pytest finds its fixtures here.
__all__ = ["database", "empty_database", "hall", "make_hall"]


@pytest.fixture(scope="session")
def after_the_talk(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> AfterTheTalk:
    folder = tmp_path_factory.mktemp("after_the_talk")
    shutil.copy(empty_database, folder / "bot.db")
    return asyncio.run(AfterTheTalk.happens(folder))


@pytest.fixture
def evening(after_the_talk: AfterTheTalk, database: Database, tmp_path: Path) -> Evening:
    """Begins where `after_the_talk` has happened, with a bot of these settings that comes back;
    in `tmp_path`, on `database`."""
    return partial(after_the_talk.evening, database, tmp_path)
