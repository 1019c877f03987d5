"""Statements that are executed for each event that comes in, and whenever an open page is drawn:
without SQLAlchemy.

SQLAlchemy takes ten times as long for a statement as SQLite itself, and as long as a way to
PostgreSQL and back. So a statement is compiled once for each set of parameters, and goes to the
driver as it is: in transactions that are one function (`Database.at_once`), and on SQLite in
sessions too. On PostgreSQL those of which nobody asks what they did go together
(`postgresql_writer.py`).

Everywhere else, and where somebody listens to the statements of the engine, SQLAlchemy executes
it. It is the same statement with the same values.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import (
    BindParameter,
    Connection,
    Delete,
    Dialect,
    Insert,
    Select,
    TableClause,
    Update,
)
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors

from .base import Base
from .errors import as_sqlalchemy
from .inline import InlineConnection
from .postgresql_writer import Write, WriterConnection
from .watch import UNWATCHED, note_written

_Table = TypeVar("_Table", bound=Base)
Row = Mapping[str, Any]
_Process = Callable[[Any], Any] | None
MOST_COMPILED = 100
"""Forms of one statement that are kept: a list of values has one for each length."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str
    arguments: Sequence[tuple[str, int | None, _Process]]
    """In their order: the parameter; where that is a list, the place in it; what makes of its
    value what the driver takes."""
    constants: Row
    results: Sequence[tuple[int, Callable[[Any], Any]]]
    """Which columns are not as the driver gives them, and what makes them so."""

    def values(self, row: Row) -> list[Any]:
        row = {**self.constants, **row} if self.constants else row
        found = []
        for name, place, process in self.arguments:
            value = row[name] if place is None else row[name][place]
            found.append(value if process is None else process(value))
        return found

    def read(self, rows: Sequence[Any]) -> Sequence[Any]:
        return [self._row(row) for row in rows] if self.results else rows

    def _row(self, row: Iterable[Any]) -> tuple[Any, ...]:
        values = list(row)
        for place, process in self.results:
            values[place] = process(values[place])
        return tuple(values)


class Prepared:
    """A statement whose parameters are named. Those of one that is executed for many rows are
    the same in all of them.

    `watched`: False where its author keeps true what is remembered of the table, as `UNWATCHED`.
    """

    def __init__(
        self,
        statement: Insert | Update | Delete | Select[*tuple[Any, ...]],
        *,
        watched: bool = True,
    ) -> None:
        self._statement = statement
        self._watched = watched
        table: Any = None if isinstance(statement, Select) else statement.table
        self._written: str | None = None if table is None else table.name
        parts = list(visitors.iterate(statement))
        self._tables = frozenset(str(part.name) for part in parts if isinstance(part, TableClause))
        reads = any(isinstance(part, Select) for part in parts)
        self._is_alone = isinstance(statement, Insert | Update) and not reads
        """Whether it writes given values, and reads no other table."""
        binds = (part for part in parts if isinstance(part, BindParameter))
        self._lists = frozenset(bind.key for bind in binds if bind.expanding)
        self._compiled: dict[Any, _Compiled] = {}

    def run(self, connection: Connection, row: Row) -> int:
        """How many rows it has changed."""
        if (driver := self._driver(connection)) is None:
            changed: int = self._execute(connection, row).rowcount
            return changed
        compiled = self._compile(connection, row)
        with as_sqlalchemy(connection, compiled.text):
            return driver.run(compiled.text, compiled.values(row))

    def run_all(self, connection: Connection, rows: Sequence[Row]) -> None:
        """For each of the rows, of which there is at least one."""
        if (driver := self._driver(connection)) is None:
            self._execute(connection, rows)
            return
        compiled = self._compile(connection, rows[0])
        with as_sqlalchemy(connection, compiled.text):
            driver.run_all(compiled.text, [compiled.values(row) for row in rows])

    def all(self, connection: Connection, row: Row) -> Sequence[Any]:
        """The rows that it finds, or returns."""
        if (driver := self._driver(connection)) is None:
            found: Sequence[Any] = self._execute(connection, row).all()
            return found
        compiled = self._compile(connection, row)
        with as_sqlalchemy(connection, compiled.text):
            return compiled.read(driver.all(compiled.text, compiled.values(row)))

    async def find(self, session: AsyncSession, row: Row) -> Sequence[Any]:
        """The rows that it finds in a session, which writes what it has to write before."""
        return await session.run_sync(self._found, row)

    async def row(self, session: AsyncSession, kind: type[_Table], row: Row) -> _Table | None:
        """The row of a table whose primary key it finds. Mostly there is none, or the session has
        it: then SQLAlchemy has nothing to load."""
        found = await self.find(session, row)
        return await session.get(kind, tuple(found[0])) if found else None

    async def do(self, session: AsyncSession, row: Row) -> None:
        """Execute it in a session, which writes what it has to write before."""
        await session.run_sync(self._done, row)

    def _done(self, session: Session, row: Row) -> None:
        session.flush()
        self.run_all(session.connection(), [row])

    def _found(self, session: Session, row: Row) -> Sequence[Any]:
        session.flush()
        return self.all(session.connection(), row)

    def _driver(self, connection: Connection) -> _Driver | None:
        """What takes the statement as it is; None where SQLAlchemy is to execute it."""
        engine = connection.engine
        heard = engine.dispatch
        if heard.before_cursor_execute or heard.after_cursor_execute:
            return None
        adapted: Any = connection.connection.dbapi_connection
        driver: _Driver
        if isinstance(adapted, sqlite3.Connection):
            driver = _SQLite(adapted)
        elif isinstance(adapted, AsyncAdapt_aiosqlite_connection):
            inline = adapted.driver_connection
            if not isinstance(inline, InlineConnection) or inline.here is None:
                return None
            driver = _Inline(inline, inline.here)
        elif isinstance(adapted, WriterConnection):
            driver = _PostgreSQL(adapted, self._tables, self._written if self._is_alone else None)
        else:
            return None
        if self._written is not None and self._watched:
            note_written(connection, self._written)
        return driver

    def _execute(self, connection: Connection, parameters: Any) -> Any:
        options = {} if self._watched else {UNWATCHED: True}
        return connection.execute(self._statement, parameters, execution_options=options)

    def _compile(self, connection: Connection, row: Row) -> _Compiled:
        lists = self._lists
        names = ((name, len(row[name])) if name in lists else name for name in row)
        key = (connection.dialect.name, *names)
        compiled = self._compiled.get(key)
        if compiled is None:
            if len(self._compiled) >= MOST_COMPILED:
                self._compiled.clear()
            compiled = self._compiled[key] = self._make(connection.dialect, row)
        return compiled

    def _make(self, dialect: Dialect, row: Row) -> _Compiled:
        statement: Any = self._statement
        is_select = isinstance(statement, Select)
        made = statement.compile(dialect=dialect, column_keys=None if is_select else list(row))
        if not is_select and made.prefetch:
            raise TypeError(f"SQLAlchemy would fill in values: {made}")
        # In place of each value where it comes from, to see where it goes.
        state = made.construct_expanded_state(
            {
                name: [_Source(name, n) for n in range(len(value))]
                if name in self._lists
                else _Source(name, None)
                for name, value in row.items()
            }
        )
        arguments, constants = [], {}
        for name in state.positiontup:
            value = state.parameters[name]
            source = value if isinstance(value, _Source) else _Source(name, None)
            if source is not value:
                constants[name] = value
            kind = made.binds[source.name].type.dialect_impl(dialect)
            arguments.append((source.name, source.place, kind.bind_processor(dialect)))
        return _Compiled(state.statement, arguments, constants, _results(statement, dialect))


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    place: int | None


def _results(statement: Any, dialect: Dialect) -> list[tuple[int, Callable[[Any], Any]]]:
    columns = statement.selected_columns if isinstance(statement, Select) else _returned(statement)
    found = []
    for place, column in enumerate(columns):
        process = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if process is not None:
            found.append((place, process))
    return found


def _returned(statement: Any) -> Sequence[Any]:
    return list(statement.exported_columns)


class _Driver(Protocol):
    def run(self, text: str, values: list[Any]) -> int: ...

    def run_all(self, text: str, rows: list[list[Any]]) -> None: ...

    def all(self, text: str, values: list[Any]) -> Sequence[Any]: ...


@dataclass(frozen=True, slots=True)
class _SQLite:
    connection: sqlite3.Connection

    def run(self, text: str, values: list[Any]) -> int:
        return self.connection.execute(text, values).rowcount

    def run_all(self, text: str, rows: list[list[Any]]) -> None:
        self.connection.executemany(text, rows)

    def all(self, text: str, values: list[Any]) -> Sequence[Any]:
        return self.connection.execute(text, values).fetchall()


@dataclass(frozen=True, slots=True)
class _Inline:
    """That of a session."""

    inline: InlineConnection
    connection: sqlite3.Connection

    def run(self, text: str, values: list[Any]) -> int:
        return self.inline.execute_here(self.connection.execute, text, values).rowcount

    def run_all(self, text: str, rows: list[list[Any]]) -> None:
        self.inline.execute_here(self.connection.executemany, text, rows)

    def all(self, text: str, values: list[Any]) -> Sequence[Any]:
        return self.inline.execute_here(lambda: self.connection.execute(text, values).fetchall())


@dataclass(frozen=True, slots=True)
class _PostgreSQL:
    connection: WriterConnection
    tables: frozenset[str]
    writes_alone_to: str | None

    def run(self, text: str, values: list[Any]) -> int:
        if self.writes_alone_to is None:
            return self.connection.changed(text, values)
        return self.connection.write(Write(self.writes_alone_to, text, values))

    def run_all(self, text: str, rows: list[list[Any]]) -> None:
        if len(rows) == 1 and self.writes_alone_to is not None:
            self.connection.write_later(Write(self.writes_alone_to, text, rows[0]))
        else:
            self.connection.write_all(text, rows)

    def all(self, text: str, values: list[Any]) -> Sequence[Any]:
        return self.connection.fetch(text, values, self.tables)
