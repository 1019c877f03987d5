"""Errors of the database: which pass by themselves, and which lie in what was written."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# PostgreSQL, appendix "Error Codes": cardinality, data and integrity violations, and
# what is too large (for an index, for example).
_FAULTS_OF_THE_DATA = ("21", "22", "23", "54")
# A statement that cannot be executed as it is written: no such table, column or type, or no SQL.
# But who may do what, an operator sets right (`insufficient_privilege`).
_FAULTS_OF_THE_STATEMENT = ("42",)
_OF_THE_OPERATOR = ("42501",)


def is_transient(err: BaseException) -> bool:
    """Whether the same work may succeed later (locked, full, restarting, gone)."""
    if isinstance(err, DBAPIError):
        sqlstate = getattr(err.orig, "sqlstate", None)
        if isinstance(sqlstate, str):
            ours = sqlstate.startswith((*_FAULTS_OF_THE_DATA, *_FAULTS_OF_THE_STATEMENT))
            return not ours or sqlstate in _OF_THE_OPERATOR
        return not (isinstance(err, IntegrityError | DataError) or _is_no_statement(err.orig))
    return isinstance(err, PoolTimeoutError | OSError | asyncio.TimeoutError)


def _is_no_statement(err: object) -> bool:
    """The same on SQLite, which has one code for that and for all that has no other one. It ends
    a transaction by itself where the disk is full, for example; what comes next then finds none,
    or no savepoint, which says nothing about the statement."""
    if getattr(err, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR:
        return False
    said = str(err)
    return "savepoint" not in said and "transaction" not in said


class NewerDatabase(Exception):
    """The tables are of a revision that this version does not know."""


def unusable(err: BaseException) -> str | None:
    """What is wrong with the database and what to do, if that is what the error is about."""
    if isinstance(err, NewerDatabase):
        return (
            f"was written by a newer fosdembot (revision {err}): install that version again, or "
            "put back the backup from before the upgrade"
        )
    if isinstance(err, DBAPIError):
        reason = " ".join(str(err.orig).split())[:200]
        return (
            f"cannot be used ({reason}): fosdembot doctor looks closer; docs/operating.md says "
            "how to put a backup back"
        )
    return None


@contextmanager
def as_sqlalchemy(connection: Connection, statement: str) -> Iterator[None]:
    """Raises what a driver raises as SQLAlchemy would, where a statement goes to the driver
    itself; without values, which would be what people wrote."""
    try:
        yield
    except (sqlite3.Error, AsyncAdapt_asyncpg_dbapi.Error) as err:
        base = sqlite3.Error if isinstance(err, sqlite3.Error) else AsyncAdapt_asyncpg_dbapi.Error
        raise DBAPIError.instance(
            statement, None, err, base, hide_parameters=True, dialect=connection.dialect
        ) from err
