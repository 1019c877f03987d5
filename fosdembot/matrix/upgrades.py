"""Rooms that were replaced by another: what a tombstone says, and how far it is believed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import RoomAddress, RoomState

from .relations import replacement_in


async def follow_upgrade(session: WriteSession, room: str, replacement: str, sender: str) -> bool:
    """`sender` replaced `room` by another (tombstone): its addresses lead there from now on.

    Returns whether it was one of our rooms.
    """
    rows = list(await session.scalars(select(RoomAddress).where(RoomAddress.room_id == room)))
    for row in rows:
        row.room_id, row.successor, row.replaces = None, replacement, room
        row.via = sender.partition(":")[2][:255] or None
    return bool(rows)


async def newest(session: AsyncSession, room: str) -> str:
    """The room by which `room` was replaced, and that by the next, as far as we were there
    and each agrees (see `Rooms`): an alias may still lead to the first."""
    passed = {room}
    while (tombstone := await session.get(RoomState, (room, "m.room.tombstone", ""))) is not None:
        following = replacement_in(tombstone.content)
        create = await session.get(RoomState, (following or "", "m.room.create", ""))
        predecessor = create.content.get("predecessor") if create is not None else None
        named = predecessor.get("room_id") if isinstance(predecessor, dict) else None
        if following is None or following in passed or named != room:
            break
        room = following
        passed.add(room)
    return room
