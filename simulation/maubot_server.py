"""A real, full maubot server, worked through its management API as an organiser's would be."""

from __future__ import annotations

import io
import json
import marshal
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from fosdembot.cli.log_config import LOGGING

from .homeserver import Account
from .ports import free_port
from .server import Server, ServerError

PLUGIN = "org.fosdembot.fosdembot"
_ROOT = Path(__file__).parents[1]
_SECRET = "only for this machine"


class MaubotServer(Server):
    """maubot with its own tables and those of the plugins in one PostgreSQL database.

    `plugin`: an archive that it finds at its start, alone in its folder. Many servers may share it,
    so upload no other in its place.
    """

    name = "maubot"
    imports: Sequence[str] = (
        "maubot.client",
        "maubot.instance",
        "maubot.lib.future_awaitable",
        "maubot.lib.state_store",
        "maubot.management.api",
        "maubot.server",
        "mautrix.util.program",
        "alembic.command",
        "apscheduler.executors.asyncio",
        "apscheduler.schedulers.asyncio",
        "apscheduler.triggers.date",
        "asyncpg",
        "defusedxml.ElementTree",
        "icalendar",
        "logging.config",
        "pydantic",
        "rapidfuzz",
        "sqlalchemy.dialects.postgresql.asyncpg",
        "sqlalchemy.dialects.sqlite.aiosqlite",
        "sqlalchemy.ext.asyncio",
        "sqlalchemy.orm",
    )

    def __init__(
        self,
        folder: Path,
        database: str,
        logging: Mapping[str, Any] = LOGGING,
        plugin: Path | None = None,
    ) -> None:
        super().__init__(folder)
        self.plugin = plugin
        if plugin is not None:
            # As maubot would load it; unlike a module of the checkout, maubot also unloads it.
            self.imports = (*self.imports, f"{plugin}:fosdembot.plugin")
        self.logging = logging
        self.database = database
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        (folder / "plugins").mkdir()
        (folder / "config.yaml").write_text(json.dumps(self._config(), indent=1))

    def _command(self) -> Sequence[str]:
        return [sys.executable, "-m", "maubot", "-c", "config.yaml"]

    async def _is_ready(self) -> bool:
        try:
            async with ClientSession(timeout=ClientTimeout(2)) as http:
                await self._token(http)
        except (ClientError, TimeoutError):
            return False
        return True

    async def upload(self, archive: Path) -> None:
        """Install a plugin, or put it in place of the one there, whose instances restart."""
        await self._call("POST", "/plugins/upload?allow_override=true", archive.read_bytes())

    async def add_client(
        self, account: Account, homeserver_url: str, *, sync: bool = False
    ) -> None:
        """Make and start a client; with `sync` maubot itself follows the rooms as well."""
        await self._call(
            "PUT",
            f"/client/{account.user_id}",
            {
                "homeserver": homeserver_url,
                "access_token": account.access_token,
                "enabled": True,
                "started": True,
                "sync": sync,
                "autojoin": False,
                "displayname": "disable",
                "avatar_url": "disable",
            },
        )

    async def add_instance(self, name: str, user_id: str, config: Mapping[str, Any]) -> None:
        """Make and start an instance of our plugin; `config` as in base-config.yaml."""
        await self._call(
            "PUT",
            f"/instance/{name}",
            {
                "type": PLUGIN,
                "primary_user": user_id,
                "enabled": True,
                "started": True,
                "config": json.dumps(config, default=str),
            },
        )

    async def change_instance(self, name: str, **changes: Any) -> None:
        """Change an instance as its page does: `config`, `enabled`, `started`.

        `ServerError` where maubot or the plugin refuses.
        """
        if not isinstance(changes.get("config", ""), str):
            changes["config"] = json.dumps(changes["config"], default=str)
        await self._call("PUT", f"/instance/{name}", changes)

    async def config_of(self, name: str) -> str:
        """The settings of an instance, in YAML, as its page shows them."""
        config: str = (await self._call("GET", f"/instance/{name}"))["config"]
        return config

    async def delete_instance(self, name: str) -> None:
        await self._call("DELETE", f"/instance/{name}")

    async def is_started(self, instance: str) -> bool:
        started: bool = (await self._call("GET", f"/instance/{instance}"))["started"]
        return started

    def page(self, instance: str, path: str = "") -> str:
        """The address of a page of an instance."""
        return f"{self.url}/_matrix/maubot/plugin/{instance}/{path}"

    async def _call(
        self, method: str, path: str, body: Mapping[str, Any] | bytes | None = None
    ) -> dict[str, Any]:
        # A file, of which aiohttp sends one part after another: the plugin is large.
        data = io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
        async with ClientSession(timeout=ClientTimeout(60)) as http:
            headers = {"Authorization": f"Bearer {await self._token(http)}"}
            url = f"{self.url}/_matrix/maubot/v1{path}"
            async with http.request(method, url, data=data, headers=headers) as response:
                if response.status == 204:
                    return {}
                text = await response.text()
                answer: dict[str, Any] = (
                    json.loads(text) if text.startswith("{") else {"text": text}
                )
                if not response.ok:
                    raise ServerError(f"{method} {path}: {response.status} {answer}")
                return answer

    async def _token(self, http: ClientSession) -> str:
        url = f"{self.url}/_matrix/maubot/v1/auth/login"
        async with http.post(url, json={"secret": _SECRET}) as response:
            token: str = (await response.json())["token"]
            return token

    def _config(self) -> dict[str, Any]:
        shared = [] if self.plugin is None else [str(self.plugin.parent)]
        return {
            "database": self.database,
            "plugin_directories": {
                "upload": "plugins",
                "load": ["plugins", *shared],
                "trash": "delete",
            },
            # In schemas of maubot's own database.
            "plugin_databases": {"sqlite": "plugins", "postgres": "default"},
            "server": {
                "hostname": "127.0.0.1",
                "port": self.port,
                "public_url": self.url,
                "unshared_secret": _SECRET,
            },
            "homeservers": {},
            "logging": self.logging,
        }


def build_plugin(folder: Path) -> Path:
    """The archive that `make build` makes, in `folder`."""
    installed = f"{sys.prefix}/.product"
    make = ["make", "-C", str(_ROOT), "-o", installed, "build", f"VENV={sys.prefix}"]
    # A make around this one would hand its options down.
    environment = {key: value for key, value in os.environ.items() if "MAKE" not in key}
    subprocess.run(
        [*make, f"DIST={folder}"], check=True, env=environment, stdout=subprocess.DEVNULL
    )
    (archive,) = folder.glob("*.mbp")
    return archive


def with_bytecode(archive: Path, folder: Path) -> Path:
    """A copy of a plugin's archive, in `folder`, with compiled modules beside the modules.

    maubot compiles a plugin at each of its starts, which takes longer than all else that it does
    then. Nothing compares the two: change an archive first.
    """
    copy = folder / archive.name
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(copy, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry, data)
            # Migrations are read as text.
            if entry.filename.endswith(".py") and not entry.filename.startswith("migrations/"):
                new.writestr(f"{entry.filename}c", _compiled(entry.filename, data))
    return copy


def _compiled(name: str, source: bytes) -> bytes:
    """What a .pyc file has in it, if it is to be taken without a look at the source (PEP 552)."""
    code = marshal.dumps(compile(source, name, "exec", dont_inherit=True))
    return MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + code


def as_version(
    archive: Path,
    folder: Path,
    version: str,
    edits: Mapping[str, tuple[str, str]] | None = None,
    files: Mapping[str, str] | None = None,
) -> Path:
    """A copy of a plugin's archive, in `folder`, that calls itself `version`.

    `edits`: file → what is replaced there, and by what; `files`: further files.
    """
    copy = folder / f"{PLUGIN}-v{version}.mbp"
    changes = {"maubot.yaml": (r"(?m)^version: .*$", f"version: {version}"), **(edits or {})}
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(copy, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename in changes:
                pattern, replacement = changes.pop(entry.filename)
                text, count = re.subn(pattern, replacement, data.decode())
                assert count, entry.filename
                data = text.encode()
            new.writestr(entry, data)
        for name, text in (files or {}).items():
            new.writestr(name, text)
    assert not changes
    return copy
