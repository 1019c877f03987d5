"""Which room an address leads to, and which addresses lead to a room: asked of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.tables import RoleRoom, Room, RoomAddress

from .remembered import remembered

_ROLES = "roles"


async def room_of(session: AsyncSession, address: str) -> str | None:
    """The room that the address of talks leads to, if the bot is in it. Not one that has a
    role, see `role_room_of`: it is no talk room, wherever a schedule leads."""
    row = await session.get(RoomAddress, address)
    if row is None or row.room_id is None or not await is_in(session, row.room_id):
        return None
    return row.room_id if await role_in(session, row.room_id, address) is None else None


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
        query = select(RoomAddress.address).where(RoomAddress.room_id == room)
        known[key] = (await session.scalars(query)).all()
    found: Sequence[str] = known[key]
    return found


async def role_in(session: AsyncSession, room: str, other_than: str) -> str | None:
    """The address whose role `room` has, where that is another one."""
    others = (a for a in await role_addresses_of(session, room) if a != other_than)
    return next(others, None)


async def _roles(session: AsyncSession) -> Mapping[str, str]:
    """Address → room of all roles, of which a conference has some dozens: read once in a
    transaction, in which a command asks for them ten times."""
    known: dict[str, str] | None = session.info.get(_ROLES)
    if known is None:
        rows = await session.execute(select(RoleRoom.address, RoleRoom.room_id))
        known = session.info[_ROLES] = {row.address: row.room_id for row in rows}
    return known


def forget_roles(session: AsyncSession) -> None:
    """Whoever writes `role_rooms` says so."""
    session.info.pop(_ROLES, None)


async def is_in(session: AsyncSession, room_id: str) -> bool:
    room = await session.get(Room, room_id)
    return room is not None and room.membership == "join"
