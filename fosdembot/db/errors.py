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
