"""A talk that is on, with a hosts' room that sees to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stage import MakeStage, Stage

from .floor import HOST, HOSTS, SETTINGS, join_hosts


@pytest.fixture
async def floor(make_stage: MakeStage, opened: Path) -> Stage:
    """It is 10:05: the first of `PROGRAMME` is on."""
    stage = await make_stage(opened, **SETTINGS)
    stage.clock.set(65)
    await stage.open(HOSTS)
    await join_hosts(stage, HOST)
    return stage
