"""The whole bot, running in this process, in rooms of a fake homeserver."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import aiohttp
from sqlalchemy import select

from fosdembot.bot import Bot
from fosdembot.clock import Clock
from fosdembot.db.engine import Database
from fosdembot.db.tables import Instance, Outgoing
from fosdembot.matrix.identity import Identity
from fosdembot.settings import load

from .direct import DirectIdentity
from .fake_homeserver import SERVER, FakeHomeserver
from .fake_rooms import FakeRoom
from .stepped_clock import SteppedClock
from .waiting import wait_for

BOT = f"@bot:{SERVER}"
ORGANISER = f"@organiser:{SERVER}"
CONTROL = f"#control:{SERVER}"


def clock_from(now: datetime) -> SteppedClock:
    """A clock that shows `now`, and goes on from there as far as somebody waits."""
    return SteppedClock(now)


class Running:
    """A bot, its homeserver and its database."""

    def __init__(self, server: FakeHomeserver, bot: Bot, database: Database) -> None:
        self.server = server
        self.bot = bot
        self.database = database

    def room(self, alias: str) -> FakeRoom:
        return self.server.rooms[self.server.aliases[alias]]

    def said(self, alias: str) -> list[str]:
        """What the bot said in a room; edits begin with "* "."""
        return [event["content"]["body"] for event in self.room(alias).by(BOT)]

    async def quiet(self) -> None:
        """Until everything that waits to be sent is in its room."""

        async def nothing_waits() -> bool:
            async with self.database.read() as session:
                waiting = select(Outgoing.key).where(Outgoing.state.in_(("queued", "sending")))
                return await session.scalar(waiting.limit(1)) is None

        await wait_for(nothing_waits, what="an empty outbox")

    async def heard(self, alias: str, words: str, times: int = 1) -> list[str]:
        """Until a room has heard these words so often; returns all that it has heard."""

        async def is_there() -> bool:
            return sum(words in body for body in self.said(alias)) >= times

        await wait_for(is_there, what=f"{words!r} in {alias}, which has {self.said(alias)!r:.400}")
        return self.said(alias)


@asynccontextmanager
async def running(
    server: FakeHomeserver,
    database: Database,
    clock: Clock,
    problems: Sequence[str] = (),
    **settings: Any,
) -> AsyncIterator[Running]:
    """A bot that runs until the end of the block; on a stepped clock without a network."""
    usual: dict[str, Any] = {"control_room": CONTROL, "organisers": [ORGANISER]}
    loaded, none = load(usual | settings)
    assert none == []
    async with database.read() as session:
        salt = await session.scalar(select(Instance.salt))
    async with aiohttp.ClientSession() as http:
        account, log = server.log_in(BOT), logging.getLogger("fosdembot.running")
        identity = Identity(http, account, BOT, salt or "")
        if isinstance(clock, SteppedClock):
            server.clock = clock
            identity = DirectIdentity(http, account, BOT, salt or "", server=server)
        bot = Bot(identity, database, loaded, problems, clock, log)
        await bot.start()
        try:
            yield Running(server, bot, database)
        finally:
            await bot.stop()
