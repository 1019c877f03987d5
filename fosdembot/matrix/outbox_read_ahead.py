"""What one transaction has read of the outbox ahead, for all that it is about to put in.

Without it each row that is put in costs a look at whether its key is there, whether something
takes its message back, and whether its room has a bridge.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.prepared import Prepared
from fosdembot.db.tables import Outgoing

_NAME = "outbox"
# Made once: to make them takes longer than to execute them.
_THERE = Prepared(select(Outgoing.key).where(Outgoing.key.in_(bindparam("keys", expanding=True))))
"""Of what is about to be put in, mostly nothing is there."""
_ROWS = select(Outgoing).where(Outgoing.key.in_(bindparam("keys", expanding=True)))
_REDACTED = Prepared(
    select(Outgoing.target).where(
        Outgoing.target.in_(bindparam("keys", expanding=True)), Outgoing.kind == "redaction"
    )
)


@dataclass(frozen=True, slots=True)
class OutboxReadAhead:
    """True as long as only the outbox itself writes its rows, and tells it."""

    rows: dict[str, Outgoing | None]
    """By key; None: there is no such row."""
    unredacted: set[str]
    """The keys of those that no redaction takes back."""
    bridged: Mapping[str, bool]
    """By room, whether people behind a bridge read there."""

    @staticmethod
    def of(session: AsyncSession) -> OutboxReadAhead | None:
        found: OutboxReadAhead | None = session.info.get(_NAME)
        return found

    @staticmethod
    def forget(session: AsyncSession) -> None:
        """Rows were changed by a statement."""
        session.info.pop(_NAME, None)

    def note(self, row: Outgoing) -> None:
        """`row` was put in."""
        self.rows[row.key] = row
        if row.kind == "redaction":
            self.unredacted.discard(row.target or "")
        self.unredacted.add(row.key)


async def look_up(
    session: WriteSession, keys: Collection[str], bridged: Mapping[str, bool] | None = None
) -> None:
    """Read at once what is there under these keys. `bridged`: what is known of rooms."""
    rows: dict[str, Outgoing | None] = dict.fromkeys(keys)
    if there := [key for (key,) in await _THERE.find(session, {"keys": list(keys)})]:
        rows |= {row.key: row for row in await session.scalars(_ROWS, {"keys": there})}
    redacted = {key for (key,) in await _REDACTED.find(session, {"keys": list(keys)})}
    session.info[_NAME] = OutboxReadAhead(rows, set(keys) - redacted, bridged or {})
