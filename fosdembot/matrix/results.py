"""What came of requests is written down: of those that end together in one transaction."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, func, update

from fosdembot.clock import Clock
from fosdembot.db.engine import Database
from fosdembot.db.insert import table_of
from fosdembot.db.prepared import Prepared
from fosdembot.db.redacted import forget_redacted
from fosdembot.db.tables import Outgoing

from .queue import Row

_TABLE = table_of(Outgoing)
_FINISH = Prepared(
    update(_TABLE)
    # An edit may have been given newer content meanwhile; that one waits.
    .where(_TABLE.c.id == bindparam("row"), _TABLE.c.revision == bindparam("sent"))
    .values(
        state=bindparam("becomes"),
        event_id=func.coalesce(bindparam("event", type_=_TABLE.c.event_id.type), _TABLE.c.event_id),
        sent_at=bindparam("at"),
        error=bindparam("why"),
    )
)


@dataclass(frozen=True, slots=True)
class _Result:
    row: Row
    values: dict[str, object]
    written: asyncio.Future[None]


@dataclass(slots=True)
class Results:
    database: Database
    clock: Clock
    _waiting: list[_Result] = field(default_factory=list)
    _writing: asyncio.Task[None] | None = None

    async def finish(self, row: Row, state: str, event_id: str | None, error: str | None) -> None:
        """Write what became of the row; returns when it stands in the database.

        If a power cut takes it away, the request is repeated, and does nothing then."""
        values = {
            "row": row.id,
            "sent": row.attempt.revision,
            "becomes": state,
            "event": event_id,
            "at": self.clock.now(),
            "why": error,
        }
        written = asyncio.get_running_loop().create_future()
        self._waiting.append(_Result(row, values, written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await written

    async def cancel(self) -> None:
        """What is not written yet is found out again at the next start; nobody waits for it any
        more."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
        _cancel(self._waiting)
        self._waiting.clear()

    async def _write(self) -> None:
        while self._waiting:
            results, self._waiting = self._waiting, []
            try:
                await self._write_all(results)
            except asyncio.CancelledError:
                _cancel(results)
                raise
            except Exception as err:
                for result in results:
                    if not result.written.done():
                        result.written.set_exception(err)
            else:
                for result in results:
                    if not result.written.done():
                        result.written.set_result(None)

    async def _write_all(self, results: list[_Result]) -> None:
        def write(connection: Connection) -> None:
            _FINISH.run_all(connection, [result.values for result in results])
            for result in results:
                if result.row.kind == "redaction":
                    connection.execute(forget_redacted(result.row.key))

        await self.database.at_once(write, durable=False)


def _cancel(results: list[_Result]) -> None:
    """An exception would be logged where nobody waits for it any more."""
    for result in results:
        result.written.cancel()
