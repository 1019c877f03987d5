"""The bot's parts on a real database, and a stand-in for the meeting of its talks."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.stage import MakeStage, Stage, empty_database, make_stage, stage_on

from .hall import QA, Hall, open_talks
from .settings import SETTINGS
from .stand_in import LEO, Line

__all__ = ["empty_database", "make_stage"]


@pytest.fixture(scope="session")
def opened_talks(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a bot that is in its rooms, and has read its schedule."""
    file = Path(shutil.copy(empty_database, tmp_path_factory.mktemp("talks") / "bot.db"))

    async def make() -> None:
        async with stage_on(file, **SETTINGS) as stage:
            await open_talks(stage)

    asyncio.run(make())
    return file


@pytest.fixture
async def hall(make_stage: MakeStage, opened_talks: Path) -> Hall:
    """Nobody has asked anything, and nothing was said yet."""
    return Hall(await make_stage(opened_talks, **SETTINGS))


async def _three_wait(stage: Stage) -> None:
    hall = Hall(stage)
    hall.at(QA)
    await hall.ask("How small?", "How big?", "Why?")
    assert await hall.look() == [
        "Questions now, until 10:25. 3 questions wait. First: 1 (0 votes): How small? – Bob"
    ]
    hall.later(0.5)


@pytest.fixture
async def qa(make_stage: MakeStage, opened_talks: Path) -> Hall:
    """The Q&A has begun half a minute ago; 1, 2 and 3 wait, of which 1 was shown."""
    hall = Hall(await make_stage(opened_talks, prepared=_three_wait, **SETTINGS), asked=3)
    hall.meeting.people[LEO.id] = LEO
    hall.meeting.lines += [Line(row.stanza, row.body) for row in await hall.rows()]
    return hall
