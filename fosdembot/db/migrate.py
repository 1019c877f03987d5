"""Brings the tables to the newest revision, also from inside the plugin archive."""

from __future__ import annotations

import asyncio
import logging
import secrets
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Protocol

from sqlalchemy import Connection, column, inspect, select, table

from .engine import Database
from .errors import NewerDatabase
from .tables import Instance

VERSION_TABLE = "fosdembot_revision"
"""Our own: standalone maubot keeps its tables in the same database."""

# Alembic keeps its environment in module globals: the instances of one server,
# which all start at once, take turns.
_one_at_a_time = asyncio.Lock()


class Files(Protocol):
    """The files of the plugin, in a folder or in its archive (maubot's `BasePluginLoader`)."""

    async def list_files(self, directory: str, /) -> list[str]: ...

    async def read_file(self, path: str, /) -> bytes: ...


async def migrate(database: Database, files: Files) -> None:
    """Run what is new in `migrations/`, each revision in a transaction.

    Raises `NewerDatabase`.
    """
    known = revisions(await files.list_files("migrations/versions"))
    found = await database.run_sync(_revisions)
    if unknown := set(found) - known:
        raise NewerDatabase(unknown.pop())
    if found != [max(known)]:
        with tempfile.TemporaryDirectory(prefix="fosdembot-migrations-") as folder:
            # Alembic needs real files.
            await _copy(files, "migrations", Path(folder))
            await _copy(files, "migrations/versions", Path(folder) / "versions")
            async with _one_at_a_time:
                await database.run_sync(lambda connection: _upgrade(connection, folder))
    await _make_instance(database)


def revisions(paths: Iterable[str]) -> set[str]:
    """Those of these files, as they are named: loading them takes longer than all else of a start
    at which nothing is new, and keeps 10 MB that are not needed again."""
    names = [PurePosixPath(path).name for path in paths]
    return {name.partition("_")[0] for name in names if name.endswith(".py")}


def _revisions(connection: Connection) -> list[str]:
    """Those that the tables are of: one, or none where there are no tables yet."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return []
    return list(connection.scalars(select(column("version_num")).select_from(table(VERSION_TABLE))))


async def _copy(files: Files, directory: str, to: Path) -> None:
    to.mkdir(exist_ok=True)
    for name in await files.list_files(directory):
        # The archive's loader gives whole paths, the folder's loader names only.
        base = PurePosixPath(name).name
        if base.endswith((".py", ".mako")):
            (to / base).write_bytes(await files.read_file(f"{directory}/{base}"))


def _upgrade(connection: Connection, folder: str) -> None:
    # While it is imported it tells of each of its plugins.
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _make_instance(database: Database) -> None:
    async with database.write() as session:
        if await session.scalar(select(Instance)) is None:
            session.add(Instance(id=1, salt=secrets.token_hex(8)))
