"""The fake homeserver, without a network and on a stepped clock, and a machine that the bot runs
on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from simulation.fake_homeserver import FakeHomeserver
from simulation.stepped_clock import SteppedClock, sqlite_at_once

from .parts import Machine


@pytest.fixture
async def server() -> AsyncIterator[FakeHomeserver]:
    with sqlite_at_once():
        yield FakeHomeserver(SteppedClock())


@pytest.fixture
async def machine(server: FakeHomeserver, tmp_path: Path) -> AsyncIterator[Machine]:
    async with AsyncExitStack() as stack:
        yield Machine(server, tmp_path, stack)
