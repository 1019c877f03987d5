"""The fake homeserver, without a network and on a stepped clock, and a machine that the bot runs
on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from fosdembot.db.base import Base
from fosdembot.db.engine import postgresql, sqlite
from fosdembot.db.tables import Room, RoomAddress, SyncPosition
from simulation.fake_homeserver import FakeHomeserver
from simulation.postgres import Postgres
from simulation.stepped_clock import SteppedClock, sqlite_at_once

from .effects_way import ADDRESS, BOT, ROOM, Way
from .parts import Machine


@pytest.fixture
async def server() -> AsyncIterator[FakeHomeserver]:
    with sqlite_at_once():
        yield FakeHomeserver(SteppedClock())


@pytest.fixture
async def machine(server: FakeHomeserver, tmp_path: Path) -> AsyncIterator[Machine]:
    async with AsyncExitStack() as stack:
        yield Machine(server, tmp_path, stack)


@pytest.fixture(params=["sqlite", "postgresql"])
async def way(
    request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres
) -> AsyncIterator[Way]:
    if request.param == "sqlite":
        database = sqlite(str(tmp_path / "bot.db"))
    else:
        database = postgresql(await postgres.create_database(f"plain_{uuid4().hex[:8]}"))
    await database.run_sync(Base.metadata.create_all)
    async with database.write() as session:
        session.add(SyncPosition(user_id=BOT, since="s0"))
        session.add(Room(room_id=ROOM, membership="join"))
        session.add(RoomAddress(address=ADDRESS, room_id=ROOM))
    yield Way(database)
    await database.close()
