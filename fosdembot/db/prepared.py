"""Statements that are executed for each event that comes in: on SQLite without SQLAlchemy.

There SQLAlchemy takes ten times as long for a statement as SQLite itself. So a statement is
compiled once for each set of parameters, and goes to the driver as it is.

Everywhere else, and where somebody listens to the statements of the engine, SQLAlchemy executes
it. It is the same statement with the same values.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import visitors

from .watch import UNWATCHED, note_written

Row = Mapping[str, Any]
_Process = Callable[[Any], Any] | None


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

    def read(self, rows: list[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
        return [self._row(row) for row in rows] if self.results else rows

    def _row(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
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
        binds = (each for each in visitors.iterate(statement) if isinstance(each, BindParameter))
        self._lists = frozenset(bind.key for bind in binds if bind.expanding)
        self._compiled: dict[Any, _Compiled] = {}

    def run(self, connection: Connection, row: Row) -> int:
        """How many rows it has changed."""
        if (driver := self._driver(connection)) is None:
            changed: int = self._execute(connection, row).rowcount
            return changed
        compiled = self._compile(connection, row)
        try:
            return driver.execute(compiled.text, compiled.values(row)).rowcount
        except sqlite3.Error as err:
            raise _as_sqlalchemy(connection, compiled, err) from err

    def run_all(self, connection: Connection, rows: Sequence[Row]) -> None:
        """For each of the rows, of which there is at least one."""
        if (driver := self._driver(connection)) is None:
            self._execute(connection, rows)
            return
        compiled = self._compile(connection, rows[0])
        try:
            driver.executemany(compiled.text, map(compiled.values, rows))
        except sqlite3.Error as err:
            raise _as_sqlalchemy(connection, compiled, err) from err

    def all(self, connection: Connection, row: Row) -> Sequence[Any]:
        """The rows that it finds, or returns."""
        if (driver := self._driver(connection)) is None:
            found: Sequence[Any] = self._execute(connection, row).all()
            return found
        compiled = self._compile(connection, row)
        try:
            return compiled.read(driver.execute(compiled.text, compiled.values(row)).fetchall())
        except sqlite3.Error as err:
            raise _as_sqlalchemy(connection, compiled, err) from err

    def _driver(self, connection: Connection) -> sqlite3.Connection | None:
        """What takes the statement as it is; None where SQLAlchemy is to execute it."""
        engine = connection.engine
        if engine.dialect.driver != "pysqlite" or engine.dispatch.before_cursor_execute:
            return None
        if self._written is not None and self._watched:
            note_written(connection, self._written)
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return driver

    def _execute(self, connection: Connection, parameters: Any) -> Any:
        options = {} if self._watched else {UNWATCHED: True}
        return connection.execute(self._statement, parameters, execution_options=options)

    def _compile(self, connection: Connection, row: Row) -> _Compiled:
        lists = self._lists
        key = tuple((name, len(row[name])) if name in lists else name for name in row)
        compiled = self._compiled.get(key)
        if compiled is None:
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


def _as_sqlalchemy(connection: Connection, compiled: _Compiled, err: sqlite3.Error) -> Exception:
    """The error as SQLAlchemy raises it; without values, which would be what people wrote."""
    return DBAPIError.instance(
        compiled.text, None, err, sqlite3.Error, hide_parameters=True, dialect=connection.dialect
    )
