"""The maubot plugin: gives the bot what maubot has for it, starts and stops it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from maubot.plugin_base import Plugin
from mautrix.util.async_db import Database as MaubotDatabase
from mautrix.util.config import BaseProxyConfig, ConfigUpdateHelper
from sqlalchemy import select

from fosdembot.bot import Bot
from fosdembot.clock import Clock, ScaledClock, WallClock
from fosdembot.db.engine import Database, from_maubot
from fosdembot.db.migrate import migrate
from fosdembot.db.tables import Instance
from fosdembot.settings import ClockSettings, Settings, SettingsError, load

_STANDALONE = "__main__"
"""The instance id that maubot's standalone mode gives."""


class Config(BaseProxyConfig):
    """The settings as maubot keeps them; `settings.py` reads them."""

    def update(self, save: bool = True) -> None:
        base = self.load_base()
        # Standalone maubot has no base of ours: the operator's file stays as it is.
        if base is not None and "schedule" in base:
            super().update(save=save)

    def do_update(self, helper: ConfigUpdateHelper) -> None:
        for key in self.written():
            # Unknown ones as well: they are named at the start, not lost.
            helper.copy(key)

    def plain(self) -> dict[str, Any]:
        return {key: _plain(self[key]) for key in self.written()}

    def written(self) -> list[str]:
        """The keys that the operator wrote."""
        return [str(key) for key in self._data]


class FosdemBot(Plugin):
    bot: Bot | None = None
    tables: Database | None = None

    @classmethod
    def get_config_class(cls) -> type[BaseProxyConfig]:
        return Config

    async def start(self) -> None:
        assert isinstance(self.config, Config)
        self.config.load_and_update()
        settings, problems = self._settings(self.config)
        for problem in problems:
            self.log.error("Setting %s", problem)
        assert isinstance(self.database, MaubotDatabase)
        self.tables = from_maubot(self.database)
        await migrate(self.tables, self.loader)
        async with self.tables.read() as session:
            salt = await session.scalar(select(Instance.salt))
        self.bot = Bot(
            self.http,
            self.client.api,
            self.client.mxid,
            self.tables,
            settings,
            problems,
            make_clock(settings.clock),
            salt or "",
            self.log,
        )
        await self.bot.start()

    async def pre_stop(self) -> None:
        if self.bot is not None:
            await self.bot.stop()
            self.bot = None
        if self.tables is not None:
            await self.tables.close()
            self.tables = None

    def _settings(self, config: Config) -> tuple[Settings, list[str]]:
        try:
            return load(config.plain())
        except SettingsError as err:
            self.log.critical("Not started: setting %s", err)
            if self.id == _STANDALONE:
                raise SystemExit(1) from None
            raise

    def on_external_config_update(self) -> asyncio.Task[None]:
        return asyncio.create_task(self._restart())

    async def _restart(self) -> None:
        """Settings reach everywhere: the parts are built anew, in a moment."""
        await self.pre_stop()
        await self.start()


def make_clock(settings: ClockSettings) -> Clock:
    """The wall clock, or the clock of a rehearsal."""
    if settings.start is None:
        return WallClock()
    wall = settings.wall_start or datetime.now(UTC)
    return ScaledClock(settings.start, settings.speed, wall)


def _plain(value: Any) -> Any:
    """ruamel's types, as Python's own."""
    if isinstance(value, Mapping):
        return {str(key): _plain(child) for key, child in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(child) for child in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
