"""Batches of chat that means nothing, votes, who is in a room, and what we said and pinned
ourselves: nearly all that comes in.

Such a batch is one transaction of a few statements, without savepoints. What has to be known
besides, is remembered (`known.py`). Any other batch, and one that fails, goes the way of
`effects.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection, insert

from fosdembot.clock import Clock, from_server_ts
from fosdembot.db.engine import Database
from fosdembot.db.insert import replaced_rows, table_of
from fosdembot.db.prepared import Prepared
from fosdembot.db.tables import RoomState, SeenEvent

from .api import Json
from .items import Apart, Handler, Item, Look, move_position
from .known import KnownMembers, KnownRoom, KnownRooms
from .members import reduced
from .outbox import confirm_all, transaction_of
from .timeline import MEMBER, PINNED, STATE_TYPES

_MARK = Prepared(insert(table_of(SeenEvent)))


@dataclass(slots=True)
class _Sorted:
    """A batch, by what is to be written of it."""

    versions: tuple[int, int]
    """Of what is remembered of rooms and members."""
    marks: list[dict[str, Any]] = field(default_factory=list)
    events: list[tuple[str, Json]] = field(default_factory=list)
    members: dict[tuple[str, str], tuple[str, Json]] = field(default_factory=dict)
    """By room and user, who said what is new of them, and that; the last word counts."""
    pinned: dict[str, Json] = field(default_factory=dict)
    """By room, what we have pinned."""
    confirmed: dict[str, str] = field(default_factory=dict)
    """Transaction id → event id of what we have sent."""


class PlainBatches:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        user_id: str,
        handler: Handler,
        rooms: KnownRooms,
        members: KnownMembers,
    ) -> None:
        self._database = database
        self._clock = clock
        self._user_id = user_id
        self._handler = handler
        self._rooms = rooms
        self._members = members

    async def apply(self, batch: Sequence[Item], look: Look, token: str | None) -> None:
        """As `Effects.apply`. Raises `Apart` where the batch is not plain, or events of it are
        seen already; and whatever else comes up, after a rollback."""
        await self._rooms.load({item.room for item in batch})
        work = self._sort(batch, look)
        taken = partial(self._take, work, look, token)
        after = await self._database.at_once(taken, durable=token is None)
        known = {key: content for key, (_, content) in work.members.items()}
        self._members.learn(known, work.versions[1])
        after()

    def _versions(self) -> tuple[int, int]:
        return self._rooms.version, self._members.version

    def _take(
        self, work: _Sorted, look: Look, token: str | None, connection: Connection
    ) -> Callable[[], None]:
        if work.versions != self._versions():
            raise Apart("somebody has written since we looked")
        rows = [
            _state(room, MEMBER, user, sender, content)
            for (room, user), (sender, content) in work.members.items()
        ]
        rows += [
            _state(room, PINNED, "", self._user_id, content)
            for room, content in work.pinned.items()
        ]
        if rows:
            # Members are remembered by `apply`, and pins by nobody.
            replaced_rows(connection, RoomState, watched=False).run_all(connection, rows)
        confirm_all(connection, work.confirmed, self._clock.now())
        after = self._handler.take_together(connection, work.events)
        if work.marks:
            # Fails where one is seen already.
            _MARK.run_all(connection, work.marks)
        if token is not None:
            move_position(connection, self._user_id, look, token, self._clock.now())
        return after

    def _sort(self, batch: Sequence[Item], look: Look) -> _Sorted:
        """Raises `Apart` where anything in the batch is not plain."""
        if not look.stored:
            raise Apart("there is no position yet")
        work = _Sorted(self._versions())
        rooms = self._rooms.known
        seen: set[str] = set()
        for item in batch:
            room = rooms.get(item.room)
            if room is None or room.membership != "join":
                raise Apart(f"we are not known to be in {item.room}")
            match item.kind:
                case "join":
                    pass
                case "state":
                    self._put_state(work, room, item.content)
                case "event" if item.content["event_id"] not in seen:
                    seen.add(item.content["event_id"])
                    self._put_event(work, room, item.content, look)
                case "event":
                    pass
                case _:
                    raise Apart(f"{item.kind} in {item.room}")
        return work

    def _put_event(self, work: _Sorted, room: KnownRoom, event: Json, look: Look) -> None:
        if room.behind is not None and not look.lagging:
            raise Apart("it does not take effect now")
        if event["sender"] == self._user_id:
            self._put_own(work, room, event)
        else:
            self._put_others(work, room, event)
        at = from_server_ts(self._clock, event["origin_server_ts"])
        work.marks.append(
            {
                "event_id": event["event_id"],
                "room_id": room.room_id,
                "sender": event["sender"],
                "at": at,
            }
        )

    def _put_own(self, work: _Sorted, room: KnownRoom, event: Json) -> None:
        """That it came back says that it was sent."""
        if "state_key" in event:
            if (event["type"], event["state_key"]) != (PINNED, ""):
                raise Apart("what a room is, or where we stand")
            work.pinned[room.room_id] = event["content"]
        elif event["type"] == "m.room.redaction":
            raise Apart("what was redacted is forgotten then")
        if (txn_id := transaction_of(event)) is not None:
            work.confirmed[txn_id] = event["event_id"]

    def _put_others(self, work: _Sorted, room: KnownRoom, event: Json) -> None:
        if not self._handler.may_go_together(room, event):
            raise Apart(f"{event['event_id']} may mean something")
        if "state_key" in event:
            self._put_state(work, room, event)
            if event["type"] != MEMBER or event["state_key"] in (room.direct_with, self._user_id):
                raise Apart("a state, a direct chat that is left, perhaps, or where we stand")
        work.events.append((room.room_id, event))

    def _put_state(self, work: _Sorted, room: KnownRoom, event: Json) -> None:
        if event["type"] in STATE_TYPES:
            raise Apart("what a room is")
        key = (room.room_id, event["state_key"])
        if event["type"] != MEMBER or (content := reduced(event)) is None:
            return
        if key in work.members or not self._members.knows(room.room_id, event):
            work.members[key] = (event["sender"], content)


def _state(room: str, kind: str, key: str, sender: str, content: Json) -> dict[str, Any]:
    return {
        "room_id": room,
        "type": kind,
        "state_key": key,
        "sender": sender,
        "content": content,
    }
