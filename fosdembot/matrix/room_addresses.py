"""Which room an address leads to, and which addresses lead to a room: asked of the database."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.tables import RoleRoom, Room, RoomAddress


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
    row = await session.get(RoleRoom, address)
    return row.room_id if row is not None and await is_in(session, row.room_id) else None


async def role_addresses_of(session: AsyncSession, room: str) -> list[str]:
    """The addresses whose role `room` has."""
    found = await session.scalars(select(RoleRoom.address).where(RoleRoom.room_id == room))
    return list(found)


async def addresses_of(session: AsyncSession, room: str) -> list[str]:
    """The addresses that lead to `room`; where it has a role, only those that give it."""
    found = list(
        await session.scalars(select(RoomAddress.address).where(RoomAddress.room_id == room))
    )
    roles = await role_addresses_of(session, room) if found else []
    return [address for address in found if address in roles] if roles else found


async def role_in(session: AsyncSession, room: str, other_than: str) -> str | None:
    """The address whose role `room` has, where that is another one."""
    which = RoleRoom.room_id == room, RoleRoom.address != other_than
    found: str | None = await session.scalar(select(RoleRoom.address).where(*which).limit(1))
    return found


async def is_in(session: AsyncSession, room_id: str) -> bool:
    room = await session.get(Room, room_id)
    return room is not None and room.membership == "join"
