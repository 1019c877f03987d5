"""Rooms of which nothing is known yet: where they stand is written for all of them together.

At a first start these are all rooms of the conference, with half a dozen states each.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from fosdembot.db.engine import WriteSession
from fosdembot.db.insert import table_of
from fosdembot.db.tables import Room, RoomState

from .api import Json
from .items import Item
from .members import reduced
from .timeline import MEMBER, STATE_TYPES

_AT_ONCE = 100
"""Rows in one statement; after each, others have their turn."""
_WHERE_IT_STANDS = ("reset", "join", "state")


async def enter(
    session: WriteSession, batch: Sequence[Item], user_id: str, since: str
) -> Sequence[Item]:
    """Write the rooms of which the batch tells where they stand, and no event. Returns the
    other items."""
    new = await _new_rooms(session, batch, user_id)
    if not new:
        return batch
    states: dict[tuple[str, str, str], dict[str, Any]] = {}
    for item in batch:
        if item.room in new and item.kind == "state" and (row := _row(item)) is not None:
            states[row["room_id"], row["type"], row["state_key"]] = row
    for some in _slices(sorted(new)):
        await session.execute_apart(delete(table_of(RoomState)).where(RoomState.room_id.in_(some)))
        await asyncio.sleep(0)
        rooms = [
            {
                "room_id": room,
                "membership": "join",
                "entered": since,
                "bridged": False,
                "deserted": False,
            }
            for room in some
        ]
        await session.execute_apart(insert(table_of(Room)), rooms)
        await asyncio.sleep(0)
    for rows in _slices(list(states.values())):
        await session.execute_apart(insert(table_of(RoomState)), rows)
        await asyncio.sleep(0)
    return [item for item in batch if item.room not in new]


async def _new_rooms(session: WriteSession, batch: Sequence[Item], user_id: str) -> set[str]:
    """Those that the batch resets and joins, and of which there is no row; not those that we
    made ourselves."""
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    ours: set[str] = set()
    for item in batch:
        kinds[item.room].add(item.kind)
        if item.kind == "state" and _is_made_by(user_id, item.content):
            ours.add(item.room)
    new = {
        room
        for room, told in kinds.items()
        if {"reset", "join"} <= told <= {*_WHERE_IT_STANDS} and room not in ours
    }
    for some in _slices(sorted(new)):
        new -= set(await session.scalars(select(Room.room_id).where(Room.room_id.in_(some))))
        await asyncio.sleep(0)
    return new


def _is_made_by(user_id: str, event: Json) -> bool:
    return bool(event["type"] == "m.room.create" and event["sender"] == user_id)


def _row(item: Item) -> dict[str, Any] | None:
    event = item.content
    content = reduced(event) if event["type"] == MEMBER else event["content"]
    if content is None or event["type"] not in (MEMBER, *STATE_TYPES):
        return None
    return {
        "room_id": item.room,
        "type": event["type"],
        "state_key": event["state_key"],
        "sender": event["sender"],
        "content": content,
    }


def _slices(rows: list[Any]) -> list[list[Any]]:
    return [rows[first : first + _AT_ONCE] for first in range(0, len(rows), _AT_ONCE)]
