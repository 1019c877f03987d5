"""What of the outbox may be sent now: the most urgent first, of each room one at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import Outgoing, Room

from .outbox import IS_WAITING

_BESIDE = 4
"""Rows that are looked at beyond those that are wanted: what waits for something else stands
before what does not."""
_LOOKED_AT = 50
"""Rows that are looked at where the first few may not be sent."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A row that may be sent now."""

    row: Outgoing
    target: str | None
    """The id of the event that it refers to, if it does."""


@dataclass(frozen=True, slots=True)
class _Target:
    state: str
    event_id: str | None
    redacted: bool


async def is_empty(session: AsyncSession) -> bool:
    return not await session.scalar(select(_waiting().exists()))


async def drop_expired(session: WriteSession, now: datetime, busy: Collection[str]) -> None:
    """What could not be sent before it was no longer true; not in rooms that are `busy`."""
    await session.execute(
        update(Outgoing)
        .where(IS_WAITING, Outgoing.expires < now, Outgoing.room_id.not_in(list(busy)))
        .values(state="dropped", error="too late")
    )


async def ready(session: WriteSession, closed: Sequence[str], most: int) -> list[Ready]:
    """At most so many rows, each of another room, and none of those that are `closed`. What
    refers to something that is not there is dropped."""
    found: list[Ready] = []
    for limit in (most + _BESIDE, most + _LOOKED_AT):
        rows = (await session.scalars(_candidates(closed).limit(limit))).all()
        found = await _among(session, rows, most)
        if found or len(rows) < limit:
            break
    return found


def _waiting() -> Select[Outgoing]:
    return select(Outgoing).where(IS_WAITING)


def _candidates(closed: Sequence[str]) -> Select[Outgoing]:
    return (
        _waiting()
        .where(
            Outgoing.room_id.not_in(closed),
            Outgoing.room_id.in_(select(Room.room_id).where(Room.membership == "join")),
        )
        .order_by(Outgoing.urgency, Outgoing.due, Outgoing.id)
    )


async def _among(session: WriteSession, rows: Sequence[Outgoing], most: int) -> list[Ready]:
    targets = await _targets(session, {row.target for row in rows if row.target is not None})
    found: dict[str, Ready] = {}
    for row in rows:
        if row.room_id in found:
            continue
        target = None
        if row.target is not None:
            target = targets.get(row.target)
            if target is None or _is_gone(row, target):
                row.state, row.error = "dropped", "what it refers to is not there"
                continue
            if target.state != "sent":
                continue
        found[row.room_id] = Ready(row, target.event_id if target is not None else None)
        if len(found) == most:
            break
    return list(found.values())


def _is_gone(row: Outgoing, target: _Target) -> bool:
    if target.state in ("failed", "dropped") or (target.redacted and row.kind != "redaction"):
        return True
    return target.state == "sent" and target.event_id is None


async def _targets(session: WriteSession, keys: Collection[str]) -> dict[str, _Target]:
    """What rows refer to, by key."""
    if not keys:
        return {}
    redactions = select(Outgoing.target).where(
        Outgoing.target.in_(keys), Outgoing.kind == "redaction"
    )
    redacted = set(await session.scalars(redactions))
    rows = select(Outgoing.key, Outgoing.state, Outgoing.event_id).where(Outgoing.key.in_(keys))
    return {
        key: _Target(state, event_id, key in redacted)
        for key, state, event_id in await session.execute(rows)
    }
