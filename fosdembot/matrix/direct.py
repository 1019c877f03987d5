"""Direct chats, and those that the bot begins by itself.

The Client-Server API has no transaction id for "createRoom": what a room was made for,
and with whom, stands in its create event, where also a later run finds it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import Database
from fosdembot.db.prepared import Prepared
from fosdembot.db.tables import Room

from .api import Api, Json
from .outbox import KEY
from .power import is_encrypted, room_state
from .timeline import MEMBER

WITH = "org.fosdembot.direct_with"
_CHATS = Prepared(
    select(Room.room_id)
    .where(
        Room.direct_with == bindparam("person"), Room.membership == "join", Room.deserted.is_(False)
    )
    .order_by(Room.room_id)
)
"""Made once: to make it takes longer than to execute it."""


async def direct_chat(session: AsyncSession, person: str | None) -> str | None:
    """The room in which the bot is alone with somebody."""
    return next(iter(await _direct_chats(session, person)), None) if person else None


async def readable_chat(session: AsyncSession, person: str) -> str | None:
    """One in which the bot can also read what is answered. In one that was made the person
    may be missing, whose homeserver could not be reached."""
    for room in await _direct_chats(session, person):
        row = await session.get_one(Room, room)
        invited = row.made_for is None or await room_state(session, room, MEMBER, person)
        if invited and not await is_encrypted(session, room):
            return room
    return None


async def create_direct(api: Api, user_id: str, key: str) -> str:
    """Invite somebody to a new direct chat, made for `key`; returns the room's id.

    First ask `direct_room_made`, when the inbox has caught up, and `direct_room_unheard_of`.
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


async def direct_room_unheard_of(api: Api, database: Database, key: str) -> str | None:
    """The chat that was made for `key` by a request whose answer was lost, where `/sync`
    has not told of it yet. Raises `MatrixError` and `HomeserverAway`."""
    joined = await api.joined_rooms()
    async with database.read() as session:
        known = set(await session.scalars(select(Room.room_id)))
    for room in joined:
        if room not in known and (await api.state(room, "m.room.create")).get(KEY) == key:
            return room
    return None


def note_made(room: Room, create: Json) -> None:
    """`create` is the create event of a room that our own account made."""
    key, person = create["content"].get(KEY), create["content"].get(WITH)
    if isinstance(key, str) and isinstance(person, str):
        room.made_for, room.direct_with = key, person


async def _direct_chats(session: AsyncSession, person: str) -> Sequence[str]:
    return [room for (room,) in await _CHATS.find(session, {"person": person})]
