"""Inserts that pass over rows which are there already, on both databases."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from .base import Base

Insert = postgresql.Insert | sqlite.Insert


def insert_new(session: AsyncSession, table: type[Base]) -> Insert:
    """An insert into `table` of those rows whose key is not there."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()
