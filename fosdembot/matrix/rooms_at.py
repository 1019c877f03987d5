"""What is known of the rooms that some addresses lead to, read for all of them together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.prepared import Prepared
from fosdembot.db.tables import RoleRoom, Room, RoomAddress, RoomState

from .power import BRIDGES

# Made once: to make them takes longer than to execute them.
_LEADING_TO = Prepared(
    select(RoomAddress.address, RoomAddress.room_id, RoomAddress.bridged).where(
        RoomAddress.room_id.in_(
            select(RoomAddress.room_id).where(
                RoomAddress.address.in_(bindparam("addresses", expanding=True)),
                RoomAddress.room_id.is_not(None),
            )
        )
    )
)
_JOINED = Prepared(
    select(Room.room_id, Room.bridged).where(
        Room.room_id.in_(bindparam("rooms", expanding=True)), Room.membership == "join"
    )
)
_ROLES = Prepared(
    select(RoleRoom.room_id, RoleRoom.address).where(
        RoleRoom.room_id.in_(bindparam("rooms", expanding=True))
    )
)
_BRIDGES = Prepared(
    select(RoomState.room_id, RoomState.content).where(
        RoomState.room_id.in_(bindparam("rooms", expanding=True)),
        or_(*(RoomState.type == kind for kind in BRIDGES)),
    )
)


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
    rows = await _LEADING_TO.find(session, {"addresses": list(addresses)})
    leads_to: dict[str, str] = {}
    names: defaultdict[str, list[str]] = defaultdict(list)
    bridged: set[str] = set()
    for address, room, met in rows:
        leads_to[address] = room
        names[room].append(address)
        if met:
            bridged.add(room)
    joined: set[str] = set()
    roles: defaultdict[str, set[str]] = defaultdict(set)
    if names:
        rooms = {"rooms": list(names)}
        for room, seen in await _JOINED.find(session, rooms):
            joined.add(room)
            if seen:
                bridged.add(room)
        for room, address in await _ROLES.find(session, rooms):
            roles[room].add(address)
        said = await _BRIDGES.find(session, rooms)
        bridged |= {room for room, content in said if content}
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
