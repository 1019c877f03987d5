"""A small conference whose rooms the bot is in."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from simulation.conference import Planned
from tests.chat.audience import asked
from tests.chat.crowd import populate
from tests.chat.floor import HOST, HOSTS, SETTINGS, join_hosts
from tests.chat.floor import three as three_asked
from tests.stage import (
    BOT,
    CLOUD,
    CONTROL,
    KERNEL,
    LOBBY,
    MODERATOR,
    ORGANISER,
    MakeStage,
    Stage,
    empty_database,
    in_room,
    make_stage,
    stage_on,
    talks,
)

__all__ = ["empty_database", "make_stage"]

PROGRAMME = (
    # From 10:00 on, by the clock of the conference; it is 9:00.
    *talks(
        Planned(1, "Tiny kernels", 60, 25),
        Planned(2, "Big kernels", 85, 25, speaker="Grace H."),
        Planned(3, "Old kernels", 120, 25),
        room=KERNEL,
    ),
    *talks(
        Planned(11, "Small clouds", 60, 50, place="Attic", track="Cloud"),
        Planned(12, "Dark clouds", 110, 50, place="Attic", track="Cloud"),
        room=CLOUD,
    ),
)


@pytest.fixture(scope="session")
def opened(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a bot that is in its rooms, and has read its schedule."""
    file = Path(shutil.copy(empty_database, tmp_path_factory.mktemp("opened") / "bot.db"))

    async def make() -> None:
        async with stage_on(file) as stage:
            await stage.publish(*PROGRAMME)
            await stage.open(KERNEL, {MODERATOR: 50, BOT: 50})
            for alias in (CLOUD, CONTROL, LOBBY):
                await stage.open(alias)

    asyncio.run(make())
    return file


@pytest.fixture
async def conference(make_stage: MakeStage, opened: Path) -> Stage:
    return await make_stage(opened)


@pytest.fixture(scope="session")
def peopled(opened: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a question in each state, and all these people."""
    file = Path(shutil.copy(opened, tmp_path_factory.mktemp("peopled") / "bot.db"))
    asyncio.run(populate(file))
    return file


async def command(stage: Stage, body: str) -> str:
    """What an organiser is answered in the control room."""
    [answer] = in_room(await stage.say(CONTROL, ORGANISER, body), CONTROL)
    return answer


@pytest.fixture
async def floor(make_stage: MakeStage, opened: Path, request: pytest.FixtureRequest) -> Stage:
    """It is 10:05: the first of `PROGRAMME` is on. What a test has of `ASKED` was asked before."""
    asking = [name for name in ASKED if name in request.fixturenames]
    prepared = ASKED[asking[0]] if asking else hosts_meet
    return await make_stage(opened, prepared=prepared, **SETTINGS)


async def hosts_meet(stage: Stage) -> None:
    stage.clock.set(65)
    await stage.open(HOSTS)
    await join_hosts(stage, HOST)


async def _ada_asks(stage: Stage, *texts: str) -> None:
    await hosts_meet(stage)
    for number, text in enumerate(texts, 1):
        assert (await asked(stage, text))[0] == f"$event{number}"
    await stage.deliver()


async def _ada_asks_once(stage: Stage) -> None:
    await _ada_asks(stage, "How small?")


async def _ada_asks_thrice(stage: Stage) -> None:
    await _ada_asks(stage, "Question 1?", "Question 2?", "Question 3?")


async def _three_are_asked(stage: Stage) -> None:
    await hosts_meet(stage)
    await three_asked(stage)


ASKED = {
    "question": _ada_asks_once,
    "three": _ada_asks_thrice,
    "asked_three": _three_are_asked,
}
"""What is asked on the `floor` for a test that has the fixture of this name."""


@pytest.fixture
def question(floor: Stage) -> str:
    """Ada's question 1, with its card; returns its event."""
    return "$event1"


@pytest.fixture
def three(floor: Stage) -> list[str]:
    """Questions 1, 2 and 3 of Ada; returns their events."""
    return ["$event1", "$event2", "$event3"]


@pytest.fixture
def asked_three(floor: Stage) -> None:
    """Questions 1, 2 and 3, of which 2 has a vote (see `three` in floor.py)."""
