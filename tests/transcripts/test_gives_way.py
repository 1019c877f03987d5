"""While a transcript is made, its threads have short turns: votes are counted beside them."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from fosdembot.db.engine import Database
from fosdembot.giving_way import SHORT
from simulation.fake_requests import Fault

from .day import ADA, HALL, day


async def test_as_long_as_it_is_made(database: Database, tmp_path: Path) -> None:
    async with day(database, tmp_path) as world:
        await world.later(seconds=5)
        world.say(ADA, "!ask How small can it get?")
        room = world.bot.server.aliases[HALL]
        history = world.bot.server.fail(Fault("messages", room=room, hold=asyncio.Event()))
        assert history.hold is not None
        for _ in range(200):
            if not history.met.is_set():
                assert sys.getswitchinterval() > SHORT
                await world.later(seconds=5)
        assert sys.getswitchinterval() == pytest.approx(SHORT)
        history.hold.set()
        await world.later(minutes=1)
        assert world.names == ["talk-1"]
        assert sys.getswitchinterval() > SHORT
