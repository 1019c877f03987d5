"""What of the outbox may be sent now: the most urgent first, of each room one at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Update, bindparam, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.insert import table_of
from fosdembot.db.prepared import Prepared
from fosdembot.db.tables import Outgoing, Room, RoomState

from .api import Json
from .outbox import IS_WAITING, pinned_by
from .timeline import PINNED

_BESIDE = 4
"""Rows that are looked at beyond those that are wanted: what waits for something else stands
before what does not."""
_LOOKED_AT = 50
"""Rows that are looked at where the first few may not be sent."""

_OUTBOX, _ROOMS, _STATES = table_of(Outgoing), table_of(Room), table_of(RoomState)
_ANY = select(_OUTBOX.c.id).where(IS_WAITING).limit(1)
_IS_ANY = Prepared(_ANY)
_IS_IN = exists().where(_ROOMS.c.room_id == _OUTBOX.c.room_id, _ROOMS.c.membership == "join")
_CANDIDATES = Prepared(
    select(
        _OUTBOX.c.id,
        _OUTBOX.c.key,
        _OUTBOX.c.kind,
        _OUTBOX.c.room_id,
        _OUTBOX.c.event_type,
        _OUTBOX.c.content,
        _OUTBOX.c.target,
        _OUTBOX.c.state,
        _OUTBOX.c.revision,
        _OUTBOX.c.txn_id,
        _OUTBOX.c.device_id,
        _OUTBOX.c.first_try,
    )
    .where(
        IS_WAITING,
        _OUTBOX.c.room_id.not_in(bindparam("closed", expanding=True)),
        # Of each row as it comes, not a list of all rooms for the few that are wanted.
        _IS_IN,
    )
    .order_by(_OUTBOX.c.urgency, _OUTBOX.c.due, _OUTBOX.c.id)
    .limit(bindparam("most", type_=Integer))
)
_EXPIRE = Prepared(
    update(_OUTBOX)
    .where(
        IS_WAITING,
        _OUTBOX.c.expires < bindparam("now"),
        _OUTBOX.c.room_id.not_in(bindparam("busy", expanding=True)),
    )
    .values(state="dropped", error="too late")
)
_BY_KEY = Prepared(
    select(_OUTBOX.c.key, _OUTBOX.c.state, _OUTBOX.c.event_id).where(
        _OUTBOX.c.key.in_(bindparam("keys", expanding=True))
    )
)
_REDACTED = Prepared(
    select(_OUTBOX.c.target).where(
        _OUTBOX.c.target.in_(bindparam("keys", expanding=True)), _OUTBOX.c.kind == "redaction"
    )
)
_DROP = Prepared(
    update(_OUTBOX)
    .where(_OUTBOX.c.id.in_(bindparam("rows", expanding=True)))
    .values(state="dropped", error="what it refers to is not there")
)
_MARK = Prepared(
    update(_OUTBOX)
    .where(_OUTBOX.c.id == bindparam("row"))
    .values(state="sending", first_try=bindparam("tried"), device_id=bindparam("by"))
)
_PINNED = Prepared(
    select(_STATES.c.room_id, _STATES.c.content).where(
        _STATES.c.room_id.in_(bindparam("rooms", expanding=True)),
        _STATES.c.type == PINNED,
        _STATES.c.state_key == "",
    )
)
_OURS = Prepared(
    select(_OUTBOX.c.event_id).where(_OUTBOX.c.event_id.in_(bindparam("events", expanding=True)))
)


async def anything_waits(session: AsyncSession) -> bool:
    """Whether there is any row that is to be sent, now or later."""
    return await session.scalar(_ANY) is not None


@dataclass(frozen=True, slots=True)
class Attempt:
    """How far a row of the outbox has come."""

    state: str
    revision: int
    txn_id: str
    device_id: str | None
    first_try: datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the outbox, as it was when it was taken."""

    id: int
    key: str
    kind: str
    room_id: str
    event_type: str
    content: Json
    target: str | None
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Ready:
    """A row that may be sent now."""

    row: Row
    target: str | None
    """The id of the event that it refers to, if it does."""
    pinned: Sequence[str] = ()
    """Of a row that pins: the ids of the events that are to be pinned."""


@dataclass(frozen=True, slots=True)
class Taking:
    """Marks the most urgent rows that can be sent now as `sending`: one transaction."""

    now: datetime
    most: int
    """Rows."""
    busy: Collection[str]
    """Rooms in which a request is under way: what waits there does not expire."""
    closed: Collection[str]
    """Rooms for which nothing may start now."""
    marked: Callable[[Row], Row]
    """The row, as it is to be while it is sent."""
    stale: Update | None = None
    """Drops what nobody waits for any more."""

    def __call__(self, connection: Connection) -> list[Ready] | None:
        """At most so many rows, each of another room, and none of those that are `closed`. What
        refers to something that is not there is dropped. None: nothing waits at all."""
        if not _IS_ANY.all(connection, {}):
            return None
        _EXPIRE.run(connection, {"now": self.now, "busy": list(self.busy)})
        if self.stale is not None:
            connection.execute(self.stale)
        found: list[Ready] = []
        for limit in (self.most + _BESIDE, self.most + _LOOKED_AT):
            asked = {"closed": list(self.closed), "most": limit}
            rows = [_row(values) for values in _CANDIDATES.all(connection, asked)]
            found = self._among(connection, rows)
            if found or len(rows) < limit:
                break
        return _with_pins(connection, self._mark(connection, found))

    def _among(self, connection: Connection, rows: Sequence[Row]) -> list[Ready]:
        targets = _targets(connection, {row.target for row in rows if row.target is not None})
        found: dict[str, Ready] = {}
        gone: list[int] = []
        for row in rows:
            if row.room_id in found:
                continue
            event_id = None
            if row.target is not None:
                target = targets.get(row.target)
                if target is None or _is_gone(row, target):
                    gone.append(row.id)
                    continue
                if target.state != "sent":
                    continue
                event_id = target.event_id
            found[row.room_id] = Ready(row, event_id)
            if len(found) == self.most:
                break
        if gone:
            _DROP.run(connection, {"rows": gone})
        return list(found.values())

    def _mark(self, connection: Connection, found: Sequence[Ready]) -> list[Ready]:
        marked = [replace(ready, row=self.marked(ready.row)) for ready in found]
        changed = [
            {
                "row": new.row.id,
                "tried": new.row.attempt.first_try,
                "by": new.row.attempt.device_id,
            }
            for new, old in zip(marked, found, strict=True)
            if new.row != old.row
        ]
        if changed:
            _MARK.run_all(connection, changed)
        return marked


def _row(values: Iterable[Any]) -> Row:
    """Of the columns of `_CANDIDATES`, in their order."""
    id_, key, kind, room, event_type, content, target, *attempt = values
    return Row(id_, key, kind, room, event_type, content, target, Attempt(*attempt))


@dataclass(frozen=True, slots=True)
class _Target:
    state: str
    event_id: str | None
    redacted: bool


def _is_gone(row: Row, target: _Target) -> bool:
    if target.state in ("failed", "dropped") or (target.redacted and row.kind != "redaction"):
        return True
    return target.state == "sent" and target.event_id is None


def _targets(connection: Connection, keys: Collection[str]) -> dict[str, _Target]:
    """What rows refer to, by key."""
    if not keys:
        return {}
    asked = {"keys": list(keys)}
    redacted = {target for (target,) in _REDACTED.all(connection, asked)}
    return {
        key: _Target(state, event_id, key in redacted)
        for key, state, event_id in _BY_KEY.all(connection, asked)
    }


def _with_pins(connection: Connection, found: Sequence[Ready]) -> list[Ready]:
    """Those that pin, with what is to be pinned: what others have pinned, and then our own in
    place of those that we pinned before."""
    pins = {ready.row.room_id: ready.row for ready in found if ready.row.event_type == PINNED}
    if not pins:
        return list(found)
    listed = {
        room: _ids(content.get("pinned"))
        for room, content in _PINNED.all(connection, {"rooms": list(pins)})
    }
    events = {event for each in listed.values() for event in each}
    ours = _ours(connection, events) if events else set()
    keys = {key for row in pins.values() for key in pinned_by(row.target, row.content)}
    sent = {
        key: event_id
        for key, _, event_id in _BY_KEY.all(connection, {"keys": list(keys)})
        if event_id is not None
    }
    together: dict[str, list[str]] = {}
    for room, row in pins.items():
        theirs = [event for event in listed.get(room, ()) if event not in ours]
        own = [sent[key] for key in pinned_by(row.target, row.content) if key in sent]
        together[room] = [*theirs, *own]
    return [
        replace(ready, pinned=together[ready.row.room_id])
        if ready.row.event_type == PINNED
        else ready
        for ready in found
    ]


def _ours(connection: Connection, events: Collection[str]) -> set[str]:
    """Those of the events that we sent."""
    return {event for (event,) in _OURS.all(connection, {"events": list(events)})}


def _ids(listed: Any) -> list[str]:
    return [pin for pin in listed if isinstance(pin, str)] if isinstance(listed, list) else []
