"""The database: whether it can be written."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
from yarl import URL

from fosdembot.cli.checks.findings import Finding
from fosdembot.cli.config import Config
from fosdembot.texts.render import clean

FREE_MEGABYTES = 200
"""On the disk of the database; a conference needs a tenth of it."""


async def database_finding(config: Config) -> Finding:
    """Whether the database can be written."""
    try:
        url = URL(str(config.get("database") or ""))
    except ValueError:
        url = URL()
    if url.scheme in ("postgres", "postgresql"):
        return await _postgresql(str(config.get("database")))
    if url.scheme not in ("sqlite", "sqlite3") or not url.path:
        return Finding("database", "database: sqlite:PATH or postgresql://… is needed", False)
    return _sqlite(Path(url.path))


def _sqlite(path: Path) -> Finding:
    folder = path.absolute().parent
    try:
        free = shutil.disk_usage(folder).free // 1_000_000
        if not os.access(folder, os.W_OK):
            raise PermissionError(f"{folder} is not yours to write in")
        if path.exists():
            with closing(sqlite3.connect(path, timeout=5)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.rollback()
    except (OSError, sqlite3.Error) as err:
        reason = clean(str(err), 100)
        return Finding("database", f"{path} cannot be written: {reason}", False)
    if free < FREE_MEGABYTES:
        return Finding("database", f"{path}: the disk is full ({free} MB are free)", False)
    return Finding("database", f"{path}")


_NOT_TO_BE_HAD = (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError)


async def _postgresql(url: str) -> Finding:
    try:
        connection = await asyncpg.connect(url, timeout=10)
        try:
            text = "SELECT has_schema_privilege(current_schema(), 'CREATE')"
            may_create = await connection.fetchval(text)
        finally:
            await connection.close(timeout=5)
    except _NOT_TO_BE_HAD as err:
        reason = clean(str(err), 200) or type(err).__name__
        return Finding("database", f"PostgreSQL cannot be used: {reason}", False)
    if not may_create:
        return Finding("database", "PostgreSQL: the user may not make tables there", False)
    return Finding("database", "PostgreSQL")
