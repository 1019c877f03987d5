"""Inserts of rows that may be there already, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from .base import Base
from .prepared import Prepared

Insert = postgresql.Insert | sqlite.Insert


def insert_new(connection: Connection | AsyncConnection, table: type[Base]) -> Insert:
    """An insert into `table` of those rows whose key is not there."""
    return _insert_new(connection.dialect.name, table)


def insert_or_replace(connection: Connection | AsyncConnection, table: type[Base]) -> Insert:
    """An insert into `table` of rows that take the place of those with the same key."""
    return _insert_or_replace(connection.dialect.name, table)


def new_rows(connection: Connection, table: type[Base], *, watched: bool = True) -> Prepared:
    """`insert_new`, prepared."""
    return _prepared(_insert_new, connection.dialect.name, table, watched)


def replaced_rows(connection: Connection, table: type[Base], *, watched: bool = True) -> Prepared:
    """`insert_or_replace`, prepared."""
    return _prepared(_insert_or_replace, connection.dialect.name, table, watched)


def table_of(mapped: type[Base]) -> Table:
    """The table of a class, for statements that are none of the ORM's."""
    table: Any = mapped.__table__
    assert isinstance(table, Table)
    return table


# Made once: making a statement takes longer than executing it.


@cache
def _prepared(
    make: Callable[[str, type[Base]], Insert], dialect: str, table: type[Base], watched: bool
) -> Prepared:
    return Prepared(make(dialect, table), watched=watched)


@cache
def _insert_new(dialect: str, table: type[Base]) -> Insert:
    return _insert(dialect, table).on_conflict_do_nothing()


@cache
def _insert_or_replace(dialect: str, table: type[Base]) -> Insert:
    insert, key = _insert(dialect, table), table_of(table).primary_key.columns.keys()
    new = {name: column for name, column in insert.excluded.items() if name not in key}
    return insert.on_conflict_do_update(index_elements=key, set_=new)


def _insert(dialect: str, table: type[Base]) -> Insert:
    if dialect == "postgresql":
        return postgresql.insert(table_of(table))
    return sqlite.insert(table_of(table))
