"""A talk that is on, with a hosts' room that sees to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stage import MakeStage, Stage

from .audience import asked
from .floor import HOST, HOSTS, SETTINGS, join_hosts


@pytest.fixture
async def floor(make_stage: MakeStage, opened: Path) -> Stage:
    """It is 10:05: the first of `PROGRAMME` is on."""
    stage = await make_stage(opened, **SETTINGS)
    stage.clock.set(65)
    await stage.open(HOSTS)
    await join_hosts(stage, HOST)
    return stage


@pytest.fixture
async def question(floor: Stage) -> str:
    """Ada's question 1, with its card; returns its event."""
    event, _ = await asked(floor, "How small?")
    await floor.deliver()
    return event
