"""What the bot's parts need to run in this process, on a real database, without a homeserver."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from yarl import URL

from fosdembot.bot import Bot
from fosdembot.clock import RealSeconds
from fosdembot.db.engine import Database
from fosdembot.matrix.api import Account
from fosdembot.matrix.identity import Identity
from fosdembot.settings import Settings

from .conference import START

BOT = "@bot:example.org"
ROOT = Path(__file__).parents[1]


class SetClock(RealSeconds):
    """Stands still until it is moved."""

    def __init__(self, minutes: float = 0) -> None:
        self._now = START + timedelta(minutes=minutes)

    def set(self, minutes: float) -> None:
        """It is so many minutes after `START`."""
        self._now = START + timedelta(minutes=minutes)

    def forward(self, minutes: float) -> None:
        self._now += timedelta(minutes=minutes)

    @property
    def minutes(self) -> float:
        """Since `START`."""
        return (self._now - START) / timedelta(minutes=1)

    def now(self) -> datetime:
        return self._now

    def to_wall(self, moment: datetime) -> datetime:
        return moment

    def from_wall(self, wall: datetime) -> datetime:
        return wall


class ShiftedClock(RealSeconds):
    """The wall clock, put forward by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def to_wall(self, moment: datetime) -> datetime:
        return moment

    def from_wall(self, wall: datetime) -> datetime:
        return wall


class Repository:
    """The migrations as they lie in the repository (see `Files` in db/migrate.py)."""

    async def list_files(self, directory: str, /) -> list[str]:
        return [path.name for path in (ROOT / directory).iterdir() if path.is_file()]

    async def read_file(self, path: str, /) -> bytes:
        return (ROOT / path).read_bytes()


class Nowhere:
    """An account of a homeserver that nobody asks anything."""

    base_url = URL("http://127.0.0.1:9")
    token = ""


def build(
    http: aiohttp.ClientSession,
    database: Database,
    settings: Settings,
    clock: SetClock,
    account: Account | None = None,
) -> Bot:
    """The parts of one bot, tied together; none of its tasks runs."""
    log = logging.getLogger("fosdembot.parts")
    identity = Identity(http, account or Nowhere(), BOT, "salt")
    return Bot(identity, database, settings, [], clock, log)
