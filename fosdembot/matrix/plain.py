"""Batches of chat that means nothing, votes, and who is in a room: nearly all that comes in.

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
from fosdembot.db.insert import insert_or_replace, table_of
from fosdembot.db.tables import RoomState, SeenEvent
from fosdembot.db.watch import UNWATCHED

from .api import Json
from .items import Apart, Handler, Item, Look, move_position
from .known import KnownMembers, KnownRoom, KnownRooms
from .members import reduced
from .timeline import MEMBER, STATE_TYPES

_MARK = insert(table_of(SeenEvent))


@dataclass(slots=True)
class _Sorted:
    """A batch, by what is to be written of it."""

    versions: tuple[int, int]
    """Of what is remembered of rooms and members."""
    marks: list[dict[str, Any]] = field(default_factory=list)
    events: list[tuple[str, Json]] = field(default_factory=list)
    members: dict[tuple[str, str], tuple[str, Json]] = field(default_factory=dict)
    """By room and user, who said what is new of them, and that; the last word counts."""


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
        if work.marks:
            # Fails where one is seen already.
            connection.execute(_MARK, work.marks)
        if work.members:
            rows = [
                {
                    "room_id": room,
                    "type": MEMBER,
                    "state_key": user,
                    "sender": sender,
                    "content": content,
                }
                for (room, user), (sender, content) in work.members.items()
            ]
            replace = insert_or_replace(connection, RoomState)
            connection.execute(replace, rows, execution_options={UNWATCHED: True})
        after = self._handler.take_together(connection, work.events)
        if token is not None:
            move_position(connection, self._user_id, look, token, self._clock.now())
        return after

    def _sort(self, batch: Sequence[Item], look: Look) -> _Sorted:
        """Raises `Apart` where anything in the batch is not plain."""
        if not look.stored:
            raise Apart("there is no position yet")
        work = _Sorted(self._versions())
        seen: set[str] = set()
        for item in batch:
            room = self._rooms.find(item.room)
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
        if (room.behind is not None and not look.lagging) or event["sender"] == self._user_id:
            raise Apart("it does not take effect now, or is our own")
        if not self._handler.may_go_together(room, event):
            raise Apart(f"{event['event_id']} may mean something")
        if "state_key" in event:
            self._put_state(work, room, event)
            if event["type"] != MEMBER or event["state_key"] == room.direct_with:
                raise Apart("a state, or a direct chat that is left, perhaps")
        at = from_server_ts(self._clock, event["origin_server_ts"])
        work.marks.append(
            {
                "event_id": event["event_id"],
                "room_id": room.room_id,
                "sender": event["sender"],
                "at": at,
            }
        )
        work.events.append((room.room_id, event))

    def _put_state(self, work: _Sorted, room: KnownRoom, event: Json) -> None:
        if event["type"] in STATE_TYPES or event["state_key"] == self._user_id:
            raise Apart("what a room is, or where we stand")
        key = (room.room_id, event["state_key"])
        if event["type"] != MEMBER or (content := reduced(event)) is None:
            return
        if key in work.members or not self._members.knows(room.room_id, event):
            work.members[key] = (event["sender"], content)
