"""Who is in a room, and what they are called there, as `/sync` tells it by the way.

Known are those who spoke, came or left since the bot is there ("Lazy-loading room
members"), and all members of rooms for which `read_members` asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import Database
from fosdembot.db.prepared import Prepared
from fosdembot.db.tables import MEMBERS_READ, Room, RoomState
from fosdembot.texts.render import clean

from .api import Api, Json
from .power import room_state
from .timeline import MEMBER, membership

LONGEST_NAME = 255
_MEMBERS = Prepared(
    select(RoomState.room_id, RoomState.state_key, RoomState.content).where(
        RoomState.type == MEMBER,
        RoomState.room_id.in_(bindparam("rooms", expanding=True)),
        RoomState.state_key.in_(bindparam("people", expanding=True)),
    )
)
"""Made once: to make it takes longer than to execute it."""


async def display_name(session: AsyncSession, room: str, user: str) -> str:
    """What `user` is called in `room`, made harmless; the user id's local part where there
    is no such name. Never empty."""
    state = await room_state(session, room, MEMBER, user)
    name = clean(state.content.get("displayname", ""), LONGEST_NAME) if state is not None else ""
    localpart = user.removeprefix("@").partition(":")[0]
    return name or clean(localpart, LONGEST_NAME) or clean(user, LONGEST_NAME)


async def names_in(session: AsyncSession, room: str) -> list[tuple[str, str]]:
    """People who are known to be, or to have been, in `room`, and what they are called there, made
    harmless; those who have no such name are left out."""
    found = await session.execute(
        select(RoomState.state_key, RoomState.content).where(
            RoomState.room_id == room, RoomState.type == MEMBER
        )
    )
    names = ((user, clean(content.get("displayname", ""), LONGEST_NAME)) for user, content in found)
    return [(user, name) for user, name in names if name]


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
        ours = await session.get(Room, room)
        if ours is not None and ours.membership == "join":
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


class Told:
    """What is known of members while a batch takes effect: each answer tells of all senders."""

    def __init__(self, known: dict[tuple[str, str], Json | None]) -> None:
        self._known = known

    def learn(self, room: str, event: Json) -> bool:
        """Whether a state event says of a member what was known before it."""
        if event["type"] != MEMBER:
            return False
        key, content = (room, event["state_key"]), reduced(event)
        was_known = key in self._known and self._known[key] == content
        self._known[key] = content
        return was_known

    def forget(self, room: str, user: str | None = None) -> None:
        """What is known of `user`, or of all in the room, may be otherwise by now."""
        for key in [key for key in self._known if key[0] == room]:
            if user in (None, key[1]):
                del self._known[key]


async def known_members(session: AsyncSession, told: Sequence[tuple[str, Json]]) -> Told:
    """What is known of those of whom these state events, with their rooms, tell."""
    members = [(room, event) for room, event in told if event["type"] == MEMBER]
    if not members:
        return Told({})
    rooms = list({room for room, _ in members})
    people = list({event["state_key"] for _, event in members})
    rows = await _MEMBERS.find(session, {"rooms": rooms, "people": people})
    return Told({(room, user): content for room, user, content in rows})


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
