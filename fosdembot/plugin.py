"""The maubot plugin: gives the bot what maubot has for it, starts and stops it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from maubot.plugin_base import Plugin
from mautrix.util.async_db import Database as MaubotDatabase
from mautrix.util.config import BaseProxyConfig, ConfigUpdateHelper
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from sqlalchemy import select

from fosdembot import interrupt
from fosdembot.bot import Bot
from fosdembot.clock import Clock, ScaledClock, WallClock
from fosdembot.db.engine import Database, from_maubot
from fosdembot.db.errors import unusable
from fosdembot.db.migrate import migrate
from fosdembot.db.tables import Instance
from fosdembot.matrix.account_mark import Mark, own_mark
from fosdembot.matrix.identity import Identity
from fosdembot.settings import ClockSettings, Settings, SettingsError, load
from fosdembot.texts import commands as texts
from fosdembot.web.app import starting
from fosdembot.web.health import while_starting

_STANDALONE = "__main__"
"""The instance id that maubot's standalone mode gives."""


class Config(BaseProxyConfig):
    """The settings as maubot keeps them; `settings.py` reads them."""

    def read(self) -> tuple[Settings, list[str]]:
        """Read what the operator wrote, see `settings.load`; raises `SettingsError`."""
        try:
            self.load()
        except YAMLError as err:
            raise SettingsError(" ".join(f"not YAML: {err}".split())) from None
        if not isinstance(self._data, dict):
            raise SettingsError("the settings: expected keys with values, as in base-config.yaml")
        return load({str(key): _plain(value) for key, value in self._data.items()})

    def put_back(self, data: CommentedMap) -> None:
        """Let `data`, which stood there before, stand there again."""
        self._data = data
        self.save()

    @property
    def data(self) -> CommentedMap:
        return self._data

    def update(self, save: bool = True) -> None:
        base = self.load_base()
        # Standalone maubot has no base of ours: the operator's file stays as it is.
        if base is not None and "schedule" in base:
            super().update(save=save)

    def do_update(self, helper: ConfigUpdateHelper) -> None:
        """What was written, between the comments and the newer keys of base-config.yaml."""
        for key, value in self._data.items():
            section = helper.base.get(key, None, allow_recursion=False)
            if isinstance(section, dict) and isinstance(value, dict):
                section.update(value)
            else:
                # Unknown ones as well: they are named at the start, not lost.
                helper.base.set(key, value, allow_recursion=False)


class FosdemBot(Plugin):
    bot: Bot | None = None
    tables: Database | None = None
    _open: Bot | None = None
    """The bot that answers browsers; None while none is ready to."""

    @classmethod
    def get_config_class(cls) -> type[BaseProxyConfig]:
        return Config

    async def pre_start(self) -> None:
        self._one_at_a_time = asyncio.Lock()

    async def start(self) -> None:
        interrupt.between_callbacks()
        async with self._one_at_a_time:
            settings, problems = self._settings()
            assert isinstance(self.database, MaubotDatabase)
            self.tables = from_maubot(self.database)
            self._serve()
            try:
                await migrate(self.tables, self.loader)
                self.bot = await self._build(self.tables, settings, problems)
                await self.bot.start()
                self._open = self.bot
            except BaseException as err:
                await self._end()
                if self.webapp is not None:
                    self.webapp.clear()
                if (why := unusable(err)) is not None:
                    self.log.critical("Not started: the database %s", why)
                    if self.id == _STANDALONE:
                        # Not with a trace; and whoever started us must learn of it.
                        raise SystemExit(1) from None
                raise

    def _serve(self) -> None:
        """Answer requests from now on, by whichever bot there is: settings may make another."""
        if self.webapp is not None:
            self.webapp.add_route("*", "/{path:.*}", self._answer)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if self._open is None:
            return while_starting(request.path) or starting(request)
        return await self._open.pages.app.handle(request)

    async def pre_stop(self) -> None:
        async with self._one_at_a_time:
            await self._end()

    async def _end(self) -> None:
        self._open = None
        if self.bot is not None:
            await self.bot.stop()
            self.bot = None
        if self.tables is not None:
            await self.tables.close()
            self.tables = None

    def _settings(self) -> tuple[Settings, list[str]]:
        assert isinstance(self.config, Config)
        try:
            settings, problems = self.config.read()
        except SettingsError as err:
            self.log.critical("Not started: setting %s", err)
            if self.id == _STANDALONE:
                raise SystemExit(1) from None
            raise
        self.config.update()
        return settings, problems

    async def _build(self, tables: Database, settings: Settings, problems: list[str]) -> Bot:
        for problem in problems:
            self.log.error("Setting %s", problem)
        async with tables.read() as session:
            salt = await session.scalar(select(Instance.salt))
        identity = Identity(
            self.http,
            self.client.api,
            self.client.mxid,
            salt or "",
            self._is_shared,
            # A rehearsal beside the real bot is meant.
            None if settings.rehearsal.room else self._mark(),
        )
        return Bot(identity, tables, settings, problems, make_clock(settings.clock), self.log)

    def _mark(self) -> Mark:
        assert isinstance(self.database, MaubotDatabase)
        return own_mark(str(self.database.url), "" if self.id == _STANDALONE else self.id)

    def _is_shared(self) -> bool:
        """Whether another instance on this server uses the account as well."""
        if self.id == _STANDALONE:
            return False
        from maubot.instance import PluginInstance

        return any(
            other.id != self.id
            and other.enabled
            and other.type == self.loader.meta.id
            and other.primary_user == self.client.mxid
            for other in PluginInstance.cache.values()
        )

    def on_external_config_update(self) -> asyncio.Task[None]:
        return asyncio.create_task(self._restart())

    async def _restart(self) -> None:
        """Settings reach everywhere: the parts are built anew, in a moment. Where the new
        settings cannot be used, the bot goes on with those that it has."""
        async with self._one_at_a_time:
            assert isinstance(self.config, Config)
            assert self.tables is not None
            assert self.bot is not None
            before = self.config.data
            try:
                settings, problems = self.config.read()
                bot = await self._build(self.tables, settings, problems)
            except Exception as err:
                self.config.put_back(before)
                if isinstance(err, SettingsError):
                    self.log.error("The settings stay as they were: setting %s", err)
                    await self.bot.own_news.settings_problems(texts.SETTINGS_REFUSED, [str(err)])
                raise
            self.config.update()
            self._open = None
            await self.bot.stop()
            self.bot = bot
            await bot.start()
            self._open = bot


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
