"""The bot that comes into meetings and leaves them, on a clock that stands still, at a stand-in for
their server. Nothing else of it runs."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest

from fosdembot.conference.meetings import MeetingState
from fosdembot.db.engine import sqlite
from fosdembot.meeting_url import MeetingUrl
from fosdembot.settings import load
from simulation.conference import START
from simulation.parts import build
from simulation.stepped_clock import SteppedClock, sqlite_at_once
from tests.stage import KERNEL, LISTED, Stage, nobody_asked, schedule_beside

from .meeting_server import MeetingServer
from .settings import HOST, SETTINGS


class Attending:
    """It is 9:00 at first."""

    def __init__(self, stage: Stage, clock: SteppedClock) -> None:
        self.stage = stage
        self.clock = clock
        self.server = MeetingServer(clock)

    async def start(self) -> None:
        bot = self.stage.bot
        await self.stage.start()
        bot.attendance.connect = self.server
        bot._steps.start()
        bot._see_to_meetings()
        await self.clock.rest()

    async def stop(self) -> None:
        await self.stage.bot.stop()

    async def restart(self) -> None:
        await self.stop()
        await self.stage.restart()
        await self.start()

    async def at(self, minutes: float) -> list[str]:
        """Minutes after 9:00; the meetings in which the bot is then."""
        await self.clock.advance_to(minutes)
        return self.server.inside

    async def skip_to(self, minutes: float) -> list[str]:
        """As `at`, but all except the last two minutes pass unseen: the clock is put forward."""
        self.clock.ahead += START + timedelta(minutes=minutes - 2) - self.clock.now()
        return await self.at(minutes)

    async def after(self, seconds: float) -> list[str]:
        await self.clock.advance(seconds)
        return self.server.inside

    async def now(self) -> list[str]:
        await self.clock.rest()
        return self.server.inside

    async def command(self, body: str, room: str = KERNEL) -> None:
        await self.stage.say(room, LISTED, body)
        await self.clock.rest()

    async def name(self, room: str, address: str = KERNEL) -> None:
        """A host names another meeting for the talks of a room."""
        async with self.stage.database.write() as session:
            await self.stage.bot.meetings.put(session, address, url(room), LISTED, self.clock.now())
        await self.clock.rest()

    def state(self, room: str = "hall") -> MeetingState:
        return self.stage.bot.meetings.state(url(room))

    @property
    def known(self) -> list[str]:
        """The meetings of which anything is known."""
        return sorted(meeting.room for meeting in self.stage.bot.meetings.states)

    def set_back(self, hours: float) -> None:
        self.clock.ahead -= timedelta(hours=hours)

    @property
    def tasks(self) -> list[str]:
        """What runs for meetings."""
        return sorted(
            task.get_name() for task in asyncio.all_tasks() if "meeting" in task.get_name()
        )


def url(room: str) -> MeetingUrl:
    return MeetingUrl.parse(f"https://{HOST}/{room}")


@asynccontextmanager
async def attending(file: Path, **settings: Any) -> AsyncIterator[Attending]:
    """A bot whose database is `file`."""
    usual = {"schedule": {"source": str(schedule_beside(file))}, "moderators": [LISTED]}
    loaded, problems = load(usual | SETTINGS | settings)
    assert problems == []
    with sqlite_at_once():
        clock = SteppedClock()
        database = sqlite(str(file))
        async with nobody_asked() as http:
            # It is set otherwise than the one of stages, and asked the same.
            as_set = cast("Any", clock)
            stage = Stage(lambda: build(http, database, loaded, as_set), file, database, as_set)
            made = Attending(stage, clock)
            await made.start()
            try:
                yield made
            finally:
                await made.stop()
                stage.committed.close()
                await database.close()
    assert made.tasks == []
    assert made.server.inside == []
    assert made.server.trying == 0
    assert all(most <= 1 for most in made.server.most.values())


@pytest.fixture
def file(tmp_path: Path, opened_talks: Path) -> Path:
    return Path(shutil.copy(opened_talks, tmp_path / "bot.db"))


@pytest.fixture
async def bot(file: Path) -> AsyncIterator[Attending]:
    async with attending(file) as made:
        yield made


@pytest.fixture
async def inside(bot: Attending) -> Attending:
    """The bot is in the meeting of the first talk, whose speaker is there."""
    bot.server.begin("hall")
    assert await bot.at(46) == ["hall"]
    return bot


def apart_of(moments: list[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(moments)]
