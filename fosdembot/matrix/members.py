"""Who is in a room, and what they are called there, as `/sync` tells it by the way.

Known are those who spoke, came or left since the bot is there ("Lazy-loading room
members"), and all members of rooms for which `read_members` asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import Database
from fosdembot.db.tables import MEMBERS_READ, Room, RoomState
from fosdembot.texts.render import clean

from .api import Api, Json
from .power import room_state
from .timeline import MEMBER, membership

LONGEST_NAME = 255


async def display_name(session: AsyncSession, room: str, user: str) -> str:
    """What `user` is called in `room`, made harmless; the user id's local part where there
    is no such name. Never empty."""
    state = await room_state(session, room, MEMBER, user)
    name = clean(state.content.get("displayname", ""), LONGEST_NAME) if state is not None else ""
    localpart = user.removeprefix("@").partition(":")[0]
    return name or clean(localpart, LONGEST_NAME) or clean(user, LONGEST_NAME)


async def is_joined(session: AsyncSession, room: str, user: str) -> bool:
    """Whether `user` is known to be in `room`."""
    state = await room_state(session, room, MEMBER, user)
    return state is not None and state.content.get("membership") == "join"


async def are_read(session: AsyncSession, room: str) -> bool:
    """Whether `read_members` need not ask any more."""
    return await room_state(session, room, MEMBERS_READ) is not None


async def read_members(api: Api, database: Database, room: str) -> None:
    """Ask once who is in `room`: for small ones, of whose members not all speak.

    Raises `MatrixError` and `HomeserverAway`.
    """
    joined = await api.joined_members(room)
    async with database.write() as session:
        known = select(RoomState.state_key).where(
            RoomState.room_id == room, RoomState.type == MEMBER
        )
        # What is known came by /sync, and is newer.
        missing = joined.keys() - set(await session.scalars(known))
        standing = await session.get(Room, room)
        if standing is not None and standing.membership == "join":
            await session.merge(
                RoomState(room_id=room, type=MEMBERS_READ, state_key="", sender="", content={})
            )
            session.add_all(
                RoomState(
                    room_id=room,
                    type=MEMBER,
                    state_key=user,
                    sender=user,
                    content=_known("join", joined[user], "display_name"),
                )
                for user in missing
            )


async def unknown(database: Database, room: str, state: Sequence[Json]) -> list[Json]:
    """The state events without members as they are known: each answer tells of all senders."""
    members = [event for event in state if event["type"] == MEMBER]
    if not members:
        return list(state)
    async with database.read() as session:
        new = await _news(session, room, members)
    return [event for event in state if event["type"] != MEMBER] + new


async def _news(session: AsyncSession, room: str, members: Sequence[Json]) -> list[Json]:
    """Those of the member events that say else than what is known."""
    users = [event["state_key"] for event in members]
    rows = await session.scalars(
        select(RoomState).where(
            RoomState.room_id == room, RoomState.type == MEMBER, RoomState.state_key.in_(users)
        )
    )
    known = {row.state_key: row.content for row in rows}
    return [event for event in members if reduced(event) != known.get(event["state_key"])]


def reduced(event: Json) -> Json | None:
    """Of a member event's content what we use; None where the membership is of no use."""
    value = membership(event)
    return _known(value, event["content"], "displayname") if value is not None else None


def _known(value: str, profile: Any, field: str) -> Json:
    name = profile.get(field) if isinstance(profile, dict) else None
    return {
        "membership": value,
        **({"displayname": name[:LONGEST_NAME]} if isinstance(name, str) else {}),
    }
