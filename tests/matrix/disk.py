"""Databases as they lie on a disk, which may lose its power."""

from __future__ import annotations

import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event

from fosdembot.db.base import Base
from fosdembot.db.engine import Database


@cache
def empty_tables() -> bytes:
    """A database with all tables, as it lies on the disk: made once, since it takes longest of
    a start. It is in WAL mode, as after any first start (`migrate` has the file for itself):
    of two connections that change the mode at once, one fails."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        made = connection.connection.driver_connection
        assert isinstance(made, sqlite3.Connection)
        made.commit()
        # "File format version numbers" (https://www.sqlite.org/fileformat2.html): 2 is WAL.
        file = made.serialize()
        return file[:18] + b"\x02\x02" + file[20:]


class Disk:
    """What a power cut leaves of a database: all up to the last commit that waited for it."""

    def __init__(self, database: Database, path: Path) -> None:
        self._database = database
        self._path = path
        self._log = path.with_name(path.name + "-wal")
        self._is_to_keep = False
        """Whether the last commit waited for the disk, and was not copied yet."""
        self._keep()
        event.listen(database.engine.sync_engine.pool, "checkin", self._after_commit)
        for engine in database.engines:
            event.listen(engine, "begin", self._before_the_next)
        for engine in database.engines[1:]:
            event.listen(engine, "commit", self._before_commit)

    def _after_commit(self, connection: Any, _: Any) -> None:
        if connection is not None and connection.driver_connection.durable:
            self._keep()

    def _before_commit(self, connection: Connection) -> None:
        """Of a connection that is never given back; may run in a thread."""
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        self._is_to_keep = driver.execute("PRAGMA synchronous").fetchone() == (2,)

    def _before_the_next(self, *_: Connection) -> None:
        if self._is_to_keep:
            self._is_to_keep = False
            self._keep()

    def _keep(self) -> None:
        """The file and its log: SQLite reads the log anew where it finds one after a power cut."""
        log = self._log.read_bytes() if self._log.exists() else b""
        self._kept = self._path.read_bytes(), log

    def left(self) -> tuple[bytes, bytes]:
        """What a power cut would leave now: the file and its log."""
        self._before_the_next()
        return self._kept

    async def power_cut(self) -> None:
        event.remove(self._database.engine.sync_engine.pool, "checkin", self._after_commit)
        kept, log = self.left()
        await self._database.close()
        # New files: what a crash has left open goes on with the old ones.
        for rest in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + rest).unlink(missing_ok=True)
        self._path.write_bytes(kept)
        self._log.write_bytes(log)
