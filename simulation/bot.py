"""The real bot (maubot standalone with this plugin) for the demo and the tests."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fosdembot.cli.log_config import LOGGING

from .homeserver import Account
from .ports import free_port
from .server import Server

EVERYTHING: Mapping[str, Any] = {
    **LOGGING,
    "root": {**LOGGING["root"], "level": "DEBUG"},
    "disable_existing_loggers": False,
}
"""Each line that there is, requests too: for tests of what must not be logged."""


class Bot(Server):
    """`fosdembot run` with a configuration written from `plugin_config` at each start.

    `database` is a URL as maubot takes it; by default SQLite in `folder`. `url` is
    where the plugin's pages are.
    """

    name = "bot"
    imports: Sequence[str] = (
        "fosdembot.cli.run",
        "fosdembot.plugin",
        "alembic.command",
        "apscheduler.executors.asyncio",
        "apscheduler.triggers.date",
        "asyncpg",
        "logging.config",
        "maubot.server",
        "maubot.standalone.config",
        "maubot.standalone.database",
        "maubot.standalone.loader",
        "mautrix.appservice",
        "sqlalchemy.dialects.postgresql.asyncpg",
    )

    def __init__(
        self,
        folder: Path,
        homeserver_url: str,
        account: Account,
        plugin_config: Mapping[str, Any],
        database: str = "sqlite:bot.db",
    ) -> None:
        super().__init__(folder)
        self.plugin_config = dict(plugin_config)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._homeserver_url = homeserver_url
        self.account = account
        self._database = database
        self.logging = LOGGING

    def launch(self) -> None:
        # JSON is YAML.
        config = self.folder / "config.yaml"
        config.touch(mode=0o600)
        config.write_text(json.dumps(self._config(), indent=1, default=str))
        super().launch()

    def _command(self) -> Sequence[str]:
        return [sys.executable, "-m", "fosdembot.cli", "run", "--config", "config.yaml"]

    async def _is_ready(self) -> bool:
        return "Startup completed" in self.log_text()

    def _config(self) -> dict[str, Any]:
        return {
            "user": {
                "credentials": {
                    "id": self.account.user_id,
                    "homeserver": self._homeserver_url,
                    "access_token": self.account.access_token,
                    "device_id": None,
                },
                # The plugin has its own; see docs/architecture.md.
                "sync": False,
                "appservice": False,
                "hs_token": None,
                "autojoin": False,
                "displayname": "disable",
                "avatar_url": "disable",
                "ignore_initial_sync": True,
                "ignore_first_sync": True,
            },
            "server": {
                "hostname": "127.0.0.1",
                "port": self.port,
                "base_path": "/",
                "public_url": self.url,
            },
            "database": self._database,
            "plugin_config": self.plugin_config,
            "logging": self.logging,
        }
