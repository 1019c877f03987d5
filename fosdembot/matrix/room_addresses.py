"""Which room an address leads to, and which addresses lead to a room: asked of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.prepared import Prepared
from fosdembot.db.tables import RoleRoom, Room, RoomAddress

from .remembered import remembered

_ROLES = "roles"
# Made once: to make them takes longer than to execute them.
_TALK_ROOM = Prepared(
    select(Room.room_id)
    .join(RoomAddress, RoomAddress.room_id == Room.room_id)
    .where(
        RoomAddress.address == bindparam("at"),
        Room.membership == "join",
        ~select(RoleRoom.address)
        .where(RoleRoom.room_id == Room.room_id, RoleRoom.address != bindparam("at"))
        .exists(),
    )
)
_LEADING_TO = Prepared(select(RoomAddress.address).where(RoomAddress.room_id == bindparam("room")))
_JOINED = Prepared(
    select(Room.room_id).where(Room.room_id == bindparam("room"), Room.membership == "join")
)
_ALL_ROLES = Prepared(select(RoleRoom.address, RoleRoom.room_id))


async def room_of(session: AsyncSession, address: str) -> str | None:
    """The room that the address of talks leads to, if the bot is in it. Not one that has a
    role, see `role_room_of`: it is no talk room, wherever a schedule leads."""
    found = await _TALK_ROOM.find(session, {"at": address})
    return next((room for (room,) in found), None)


async def role_room_of(session: AsyncSession, address: str) -> str | None:
    """The room that has the role of `address` (control room, hosts' room), if the bot is in
    it."""
    room = (await _roles(session)).get(address)
    return room if room is not None and await is_in(session, room) else None


async def role_addresses_of(session: AsyncSession, room: str) -> list[str]:
    """The addresses whose role `room` has."""
    return [address for address, given in (await _roles(session)).items() if given == room]


async def addresses_of(session: AsyncSession, room: str) -> list[str]:
    """The addresses that lead to `room`; where it has a role, only those that give it."""
    found = await _leading_to(session, room)
    roles = await role_addresses_of(session, room) if found else []
    return [address for address in found if address in roles] if roles else list(found)


async def _leading_to(session: AsyncSession, room: str) -> Sequence[str]:
    known = remembered(session)
    key = ("addresses", room)
    if key not in known:
        found = await _LEADING_TO.find(session, {"room": room})
        known[key] = [address for (address,) in found]
    addresses: Sequence[str] = known[key]
    return addresses


async def role_in(session: AsyncSession, room: str, other_than: str) -> str | None:
    """The address whose role `room` has, where that is another one."""
    others = (a for a in await role_addresses_of(session, room) if a != other_than)
    return next(others, None)


async def _roles(session: AsyncSession) -> Mapping[str, str]:
    """Address → room of all roles, of which a conference has some dozens: read once in a
    transaction, in which a command asks for them ten times."""
    known: dict[str, str] | None = session.info.get(_ROLES)
    if known is None:
        known = session.info[_ROLES] = dict(await _ALL_ROLES.find(session, {}))
    return known


def forget_roles(session: AsyncSession) -> None:
    """Whoever writes `role_rooms` says so."""
    session.info.pop(_ROLES, None)


async def is_in(session: AsyncSession, room_id: str) -> bool:
    """Whether the bot is in this room."""
    known = remembered(session)
    key = ("in", room_id)
    if key not in known:
        known[key] = bool(await _JOINED.find(session, {"room": room_id}))
    return bool(known[key])
