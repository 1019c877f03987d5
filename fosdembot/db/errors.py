"""Which errors of the database pass by themselves, and which lie in what was written."""

from __future__ import annotations

import asyncio

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# PostgreSQL, appendix "Error Codes": cardinality, data and integrity violations, and
# what is too large (for an index, for example).
_FAULTS_OF_THE_DATA = ("21", "22", "23", "54")


def is_transient(err: BaseException) -> bool:
    """Whether the same work may succeed later (locked, full, restarting, gone)."""
    if isinstance(err, DBAPIError):
        sqlstate = getattr(err.orig, "sqlstate", None)
        if isinstance(sqlstate, str):
            return not sqlstate.startswith(_FAULTS_OF_THE_DATA)
        return not isinstance(err, IntegrityError | DataError)
    return isinstance(err, PoolTimeoutError | OSError | asyncio.TimeoutError)


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
