"""Statements that one test compiled are compiled for all of the process.

SQLAlchemy keeps what it compiled for each engine, and by the dialect *object* ("SQL Compilation
Caching" in its manual). Almost every test has a database, and so an engine, of its own, and would
compile again what the test before it has compiled. Here dialects of one class are equal, as all
are configured alike, and their engines share one cache.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect, Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

_COMPILED: dict[Any, Any] = {}


class _OneForAll(Dialect):
    """Equal to all others of its class."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=_COMPILED)


class PostgreSQL(_OneForAll, PGDialect_asyncpg):
    supports_statement_cache = True


class SQLite(_OneForAll, SQLiteDialect_aiosqlite):
    supports_statement_cache = True


class SQLiteInLoop(_OneForAll, SQLiteDialect_pysqlite):
    supports_statement_cache = True


def share_compiled() -> None:
    """For all engines that are made from now on."""
    registry.register("postgresql.asyncpg", __name__, PostgreSQL.__name__)
    registry.register("sqlite.aiosqlite", __name__, SQLite.__name__)
    registry.register("sqlite", __name__, SQLiteInLoop.__name__)
