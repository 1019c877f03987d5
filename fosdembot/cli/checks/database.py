"""The database: whether it is whole, ours, and can be written."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from contextlib import closing, suppress
from pathlib import Path

import asyncpg
from yarl import URL

from fosdembot.cli.checks.findings import Finding
from fosdembot.cli.config import Config
from fosdembot.db.migrate import VERSION_TABLE, revisions
from fosdembot.texts.render import clean

FREE_MEGABYTES = 200
"""On the disk of the database; a conference needs a tenth of it."""
MIGRATIONS = Path(__file__).parents[3] / "migrations" / "versions"

_BROKEN = "is damaged"
_RESTORE = (
    "Stop the bot, keep the file, and put a backup in its place (docs/operating.md, "
    "Database, backup, upgrade)"
)
_NEWER = "was written by a newer fosdembot than this one"
_GO_BACK = "Install that version again, or put back the backup from before the upgrade"
_REVISION = f"SELECT version_num FROM {VERSION_TABLE}"


async def database_finding(config: Config, thorough: bool = False) -> Finding:
    """Whether the database can be used. `thorough` also checks the indexes of an SQLite file,
    which takes seconds where it is large, and who may read it."""
    try:
        url = URL(config.database)
    except ValueError:
        url = URL()
    if url.scheme in ("postgres", "postgresql"):
        return await _postgresql(config.database)
    if url.scheme not in ("sqlite", "sqlite3") or not url.path:
        return Finding("database", "database: sqlite:PATH or postgresql://… is needed", False)
    return _sqlite(Path(url.path), config, thorough)


def make_private(url: str) -> None:
    """Make the SQLite file before SQLite does, which would let everybody read it."""
    if URL(url).scheme in ("sqlite", "sqlite3"):
        with suppress(FileExistsError):
            os.close(os.open(URL(url).path, os.O_CREAT | os.O_EXCL, 0o600))


def _sqlite(path: Path, config: Config, thorough: bool) -> Finding:
    if (elsewhere := _left_behind(path, config)) is not None:
        return elsewhere
    folder = path.parent
    try:
        if not folder.is_dir():
            return _bad(f"{path}: there is no folder {folder}", f"mkdir -p {folder}")
        free = shutil.disk_usage(folder).free // 1_000_000
        if not os.access(folder, os.W_OK):
            raise PermissionError(f"{folder} is not yours to write in")
        if path.exists():
            if (found := _content(path, thorough)) is not None:
                return found
            if thorough and stat.S_IMODE(path.stat().st_mode) & 0o077:
                return _bad(f"{path}: others can read what people asked", f"chmod 600 {path}")
    except (OSError, sqlite3.Error) as err:
        return _bad(f"{path} cannot be used: {clean(str(err), 100)}", *_remedy(err))
    if free < FREE_MEGABYTES:
        return _bad(f"{path}: the disk is full ({free} MB are free)", "Make room on it")
    return Finding("database", f"{path}")


def _left_behind(path: Path, config: Config) -> Finding | None:
    """A relative path was once taken from where the bot was started: with another database it
    would say everything again."""
    before = Path.cwd() / path.name
    relative = not URL(str(config.get("database") or "")).path.startswith("/")
    if relative and before != path and before.exists() and not path.exists():
        return _bad(
            f"there is no {path}, but a {before}",
            f"Move it (with its -wal and -shm) to {path.parent}, or write its whole path into "
            f"{config.path}",
        )
    return None


def _content(path: Path, thorough: bool) -> Finding | None:
    """What is wrong with the file itself."""
    check = "integrity_check" if thorough else "quick_check"
    with closing(sqlite3.connect(path, timeout=5)) as connection:
        try:
            (verdict,) = connection.execute(f"PRAGMA {check}(1)").fetchone()
        except sqlite3.DatabaseError as err:
            if isinstance(err, sqlite3.OperationalError):
                raise
            verdict = str(err)
        if verdict == "file is not a database":
            return _bad(f"{path} is no database", "Give another path, or move that file away")
        if verdict != "ok":
            return _bad(f"{path} {_BROKEN} ({clean(str(verdict), 80)})", _RESTORE)
        connection.execute("BEGIN IMMEDIATE")
        connection.rollback()
        with suppress(sqlite3.OperationalError):  # a new one has no such table
            revision = connection.execute(_REVISION).fetchone()
            if revision is not None and not _is_known(str(revision[0])):
                return _bad(f"{path} {_NEWER}", _GO_BACK)
    return None


def _remedy(err: Exception) -> tuple[str, ...]:
    if "locked" in str(err):
        return ("Another program holds it: end that first",)
    if isinstance(err, PermissionError) or "readonly" in str(err):
        return ("Start the bot as the user to whom it belongs, or chown it",)
    return ()


_NOT_TO_BE_HAD = (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError)


async def _postgresql(url: str) -> Finding:
    try:
        connection = await asyncpg.connect(url, timeout=10)
        try:
            text = "SELECT has_schema_privilege(current_schema(), 'CREATE')"
            may_create = await connection.fetchval(text)
            has_tables = await connection.fetchval(f"SELECT to_regclass('{VERSION_TABLE}')")
            revision = await connection.fetchval(_REVISION) if has_tables else None
        finally:
            await connection.close(timeout=5)
    except _NOT_TO_BE_HAD as err:
        reason = clean(str(err), 200) or type(err).__name__
        return _bad(
            f"PostgreSQL cannot be used: {reason}",
            "Does it run, and do host, name and password in the setting database agree?",
        )
    if not may_create:
        return _bad(
            "PostgreSQL: the user may not make tables there", "GRANT CREATE ON SCHEMA … TO …"
        )
    if revision is not None and not _is_known(str(revision)):
        return _bad(f"PostgreSQL: the database {_NEWER}", _GO_BACK)
    return Finding("database", "PostgreSQL")


def _is_known(revision: str) -> bool:
    return revision in revisions(path.name for path in MIGRATIONS.iterdir())


def _bad(text: str, *todo: str) -> Finding:
    return Finding("database", text, False, todo)
