"""What is known of the rooms that some addresses lead to, read for all of them together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.tables import RoleRoom, Room, RoomAddress, RoomState

from .power import BRIDGES


@dataclass(frozen=True, slots=True)
class RoomAt:
    """What one address leads to."""

    names: tuple[str, ...]
    """The addresses that lead there, in order."""
    room: str | None
    """Its id, if the bot is in it."""
    roles: frozenset[str]
    """The addresses whose role it has."""
    bridged: bool
    """Whether people behind a bridge read there."""

    def talk_room(self, address: str) -> str | None:
        """The room, as that of talks at `address`: not one that has another role."""
        return None if self.roles - {address} else self.room


async def rooms_at(session: AsyncSession, addresses: Collection[str]) -> dict[str, RoomAt]:
    """Of each of the addresses."""
    own = select(RoomAddress.room_id).where(
        RoomAddress.address.in_(addresses), RoomAddress.room_id.is_not(None)
    )
    rows = await session.execute(
        select(RoomAddress.address, RoomAddress.room_id, RoomAddress.bridged).where(
            RoomAddress.room_id.in_(own)
        )
    )
    leads_to: dict[str, str] = {}
    names: defaultdict[str, list[str]] = defaultdict(list)
    bridged: set[str] = set()
    for address, room, met in rows:
        assert room is not None
        leads_to[address] = room
        names[room].append(address)
        if met:
            bridged.add(room)
    joined: set[str] = set()
    roles: defaultdict[str, set[str]] = defaultdict(set)
    if names:
        standing = select(Room.room_id, Room.bridged).where(
            Room.room_id.in_(names), Room.membership == "join"
        )
        for room, seen in await session.execute(standing):
            joined.add(room)
            if seen:
                bridged.add(room)
        given = select(RoleRoom.room_id, RoleRoom.address).where(RoleRoom.room_id.in_(names))
        for room, address in await session.execute(given):
            roles[room].add(address)
        states = select(RoomState.room_id, RoomState.content).where(
            RoomState.room_id.in_(names), RoomState.type.in_(BRIDGES)
        )
        bridged |= {room for room, content in await session.execute(states) if content}
    found = {}
    for address in addresses:
        room = leads_to.get(address)
        if room is None:
            found[address] = RoomAt((address,), None, frozenset(), False)
        else:
            here = room if room in joined else None
            found[address] = RoomAt(
                tuple(sorted(names[room])), here, frozenset(roles.get(room, ())), room in bridged
            )
    return found
