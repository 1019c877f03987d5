"""What rooms are called by themselves (`m.room.canonical_alias`)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.tables import Room, RoomState


async def claimed_aliases(session: AsyncSession, joined: set[str], server: str) -> dict[str, str]:
    """Aliases that rooms we are in bear, where our own homeserver (`server`) has checked it
    when they got it: it does so for its own users, not for what comes from elsewhere. It is
    not asked again, for a start must not cost a request a room. So this gives no role, and
    direct chats, which are made by anybody, claim nothing."""
    claims: dict[str, set[str]] = {}
    states = await session.execute(
        select(RoomState.room_id, RoomState.sender, RoomState.content).where(
            RoomState.type == "m.room.canonical_alias",
            # Otherwise all rows would be looked at, those of the members too.
            RoomState.room_id.in_(select(Room.room_id).where(Room.direct_with.is_(None))),
        )
    )
    for room, sender, content in states:
        if room in joined and sender.endswith(f":{server}"):
            others = content.get("alt_aliases")
            others = others if isinstance(others, list) else []
            for alias in [content.get("alias"), *others]:
                if isinstance(alias, str):
                    claims.setdefault(alias, set()).add(room)
    return {alias: next(iter(rooms)) for alias, rooms in claims.items() if len(rooms) == 1}
