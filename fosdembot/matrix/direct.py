"""Direct chats that the bot begins by itself.

The Client-Server API has no transaction id for "createRoom": what a room was made for,
and with whom, stands in its create event, where also a later run finds it.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.tables import Room

from .api import Api, Json
from .outbox import KEY

WITH = "org.fosdembot.direct_with"


async def create_direct(api: Api, user_id: str, key: str) -> str:
    """Invite somebody to a new direct chat, made for `key`; returns the room's id.

    First ask `direct_room_made`, when the inbox has caught up.
    """
    return await api.create_room(
        is_direct=True,
        preset="trusted_private_chat",
        invite=[user_id],
        creation_content={KEY: key, WITH: user_id},
    )


async def direct_room_made(session: AsyncSession, key: str) -> str | None:
    """The chat that was made for `key`, also if it was left since: for one cause nobody is
    invited twice."""
    made = select(Room.room_id).where(Room.made_for == key).order_by(Room.room_id)
    return await session.scalar(made.limit(1))


def note_made(room: Room, create: Json) -> None:
    """`create` is the create event of a room that our own account made."""
    key, person = create["content"].get(KEY), create["content"].get(WITH)
    if isinstance(key, str) and isinstance(person, str):
        room.made_for, room.direct_with = key, person
