"""Whether rows that somebody keeps in memory may be others by now.

All writing goes through `Database`, one transaction at a time. It sees which tables each
statement writes to, so whoever keeps rows of them need not know who else writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.sql import ClauseElement

from .base import Base

UNWATCHED = "fosdembot_unwatched"
"""Execution option of a statement whose author keeps what is remembered true."""
_WATCHES = "fosdembot_watches"
"""Execution option of an engine: the `Watches` of its database."""


class Watch:
    """What is remembered of some tables is true as long as `version` is the same, and none of
    it is while `is_changing`: a transaction has written to them, and is not committed."""

    def __init__(self) -> None:
        self.version = 0
        self.is_changing = False

    def _written(self) -> None:
        self.version += 1
        self.is_changing = True

    def _over(self, *, rolled_back: bool) -> None:
        """Whatever was rolled back, nothing that was learned meanwhile is kept."""
        if self.is_changing or rolled_back:
            self.version += 1
            self.is_changing = False


class Watches:
    """All of one database."""

    def __init__(self, engines: Iterable[Engine]) -> None:
        self._by_table: dict[str, list[Watch]] = {}
        self._all: list[Watch] = []
        for engine in engines:
            event.listen(engine, "before_execute", self._note)
            engine.update_execution_options(**{_WATCHES: self})

    def add(self, *tables: type[Base]) -> Watch:
        watch = Watch()
        self._all.append(watch)
        for table in tables:
            self._by_table.setdefault(table.__tablename__, []).append(watch)
        return watch

    def _note(self, _: Any, statement: ClauseElement, *args: Any) -> None:
        """Before each statement; the last of `args` are its options."""
        if getattr(statement, "is_dml", False) and not args[-1].get(UNWATCHED):
            table: Any = statement.table  # type: ignore[attr-defined]
            self.note(table.name)

    def note(self, table: str) -> None:
        """Rows of this table are written."""
        for watch in self._by_table.get(table, ()):
            watch._written()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Around each transaction that writes, while no other one can."""
        rolled_back = True
        try:
            yield
            rolled_back = False
        finally:
            for watch in self._all:
                watch._over(rolled_back=rolled_back)


def note_written(connection: Connection, table: str) -> None:
    """Rows of a table are written by a statement that SQLAlchemy does not see."""
    watches = connection.get_execution_options().get(_WATCHES)
    if watches is not None:
        watches.note(table)
