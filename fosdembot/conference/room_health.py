"""What is wrong in the rooms that the schedule and the settings name."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.hosts import Hosts
from fosdembot.conference.programme import Programme
from fosdembot.db.tables import RoleRoom, Room, RoomAddress, RoomState
from fosdembot.matrix.power import power_by, power_for_message, power_for_state
from fosdembot.settings import Settings

_AT_ONCE = 50
"""Rooms that are looked at before others have their turn."""


class Ailment(StrEnum):
    MISLED = "misled"
    """The schedule leads talks to a room with a role."""
    REMOVED = "removed"
    BANNED = "banned"
    ENCRYPTED = "encrypted"
    MUTED = "muted"
    NO_PIN = "no pin"


ALARMING = frozenset(Ailment) - {Ailment.NO_PIN}
"""What is told without being asked for."""


class RoleOf(StrEnum):
    """What the room at an address is for."""

    CONTROL = "control"
    HOSTS = "hosts"
    TALKS = "talks"


@dataclass(frozen=True, slots=True)
class Finding:
    address: str
    """The first of the room's."""
    role: RoleOf
    what: Ailment
    by: str = ""
    """Who removed or banned us."""
    at: datetime | None = None
    """When that was."""
    talks: int = 0
    """Those that are led there."""
    names: frozenset[str] = frozenset()
    """All addresses of the room, also those of earlier schedules."""

    @property
    def is_away(self) -> bool:
        """Whether it says that the bot is not in the room."""
        return self.what in (Ailment.REMOVED, Ailment.BANNED)


States = Mapping[str, RoomState]
"""A room's state events with an empty state key, by type."""


def ailments(states: States, user_id: str, wants_to_pin: bool) -> list[Ailment]:
    """What is wrong in a room that the bot, `user_id`, is in."""
    create, levels = states.get("m.room.create"), states.get("m.room.power_levels")
    power = power_by(create, levels, user_id)
    found = []
    if "m.room.encryption" in states:
        found.append(Ailment.ENCRYPTED)
    if power < power_for_message(levels, "m.room.message"):
        found.append(Ailment.MUTED)
    elif wants_to_pin and power < power_for_state(levels, "m.room.pinned_events"):
        found.append(Ailment.NO_PIN)
    return found


class RoomHealth:
    def __init__(
        self, programme: Programme, hosts: Hosts, settings: Settings, user_id: str
    ) -> None:
        self._programme = programme
        self._hosts = hosts
        self._settings = settings
        self._user_id = user_id

    def role_of(self, address: str) -> RoleOf:
        if address == self._settings.control_room:
            return RoleOf.CONTROL
        return RoleOf.HOSTS if address in self._hosts.roles else RoleOf.TALKS

    @property
    def addresses(self) -> list[str]:
        """Those with a role, then those of talks, the next ones first."""
        control = self._settings.control_room
        first = [control] if control else []
        return [*dict.fromkeys([*first, *self._hosts.addresses, *self._programme.addresses()])]

    @property
    def named(self) -> tuple[object, ...]:
        """What the schedule and moderators say of rooms: as long as it is the same, so is what
        is found in the same database."""
        return self._programme.talks, self._hosts.by_track

    async def findings(self, session: AsyncSession) -> list[Finding]:
        """All that is wrong, in the order of `addresses`; of a room that has several, once. A few
        queries, and one for each fifty rooms. Rooms that were never joined are not
        among them, see `rooms.py`."""
        rooms, names = await self._rooms(session)
        states = await self._states(session, [room.room_id for room in rooms.values()])
        misled, addresses = self._programme.misled(), self.addresses
        await asyncio.sleep(0)
        found: list[Finding] = []
        seen: set[str] = set()
        for address in addresses:
            role = self.role_of(address)
            if address in misled:
                talks = len(misled[address])
                one = frozenset({address})
                found.append(Finding(address, role, Ailment.MISLED, talks=talks, names=one))
            room = rooms.pop(address, None)
            if room is None or room.room_id in seen:
                continue
            seen.add(room.room_id)
            if len(seen) % _AT_ONCE == 0:
                await asyncio.sleep(0)
            here, all_names = states[room.room_id], names[room.room_id] | {address}
            in_room = self._in_room(address, role, room, here)
            found += [replace(finding, names=all_names) for finding in in_room]
        return found

    def _in_room(self, address: str, role: RoleOf, room: Room, states: States) -> list[Finding]:
        if room.membership == "join":
            pin = role is RoleOf.TALKS and self._settings.notices.pin
            return [Finding(address, role, what) for what in ailments(states, self._user_id, pin)]
        if room.membership == "ban" or (room.membership == "leave" and room.removed_at):
            what = Ailment.BANNED if room.membership == "ban" else Ailment.REMOVED
            return [Finding(address, role, what, room.removed_by or "", room.removed_at)]
        return []

    async def _rooms(
        self, session: AsyncSession
    ) -> tuple[dict[str, Room], Mapping[str, frozenset[str]]]:
        """By address, the room that it leads to; and by room, all its addresses."""
        rooms = {
            room.room_id: room
            for room in await session.scalars(select(Room).where(Room.membership != "invite"))
        }
        await asyncio.sleep(0)
        addresses = await session.execute(select(RoomAddress.address, RoomAddress.room_id))
        roles = await session.execute(select(RoleRoom.address, RoleRoom.room_id))
        led_to = {row.address: row.room_id for row in addresses}
        with_role = {row.address: row.room_id for row in roles}
        await asyncio.sleep(0)
        found = {}
        for address in self.addresses:
            has_role = address in self._hosts.roles
            room_id = with_role.get(address) if has_role else led_to.get(address)
            if room_id in rooms and (has_role or room_id not in with_role.values()):
                found[address] = rooms[room_id]
        await asyncio.sleep(0)
        names: defaultdict[str, set[str]] = defaultdict(set)
        for address, room_id in (*led_to.items(), *with_role.items()):
            if room_id is not None:
                names[room_id].add(address)
        every = {room_id: frozenset(names[room_id]) for room_id in rooms}
        await asyncio.sleep(0)
        return found, every

    async def _states(
        self, session: AsyncSession, rooms: Sequence[str]
    ) -> Mapping[str, dict[str, RoomState]]:
        types = ("m.room.create", "m.room.power_levels", "m.room.encryption")
        found: defaultdict[str, dict[str, RoomState]] = defaultdict(dict)
        for first in range(0, len(rooms), _AT_ONCE):
            rows = await session.scalars(
                select(RoomState).where(
                    RoomState.type.in_(types),
                    RoomState.state_key == "",
                    RoomState.room_id.in_(rooms[first : first + _AT_ONCE]),
                )
            )
            for row in rows:
                found[row.room_id][row.type] = row
            # All rooms at once would hold the loop.
            await asyncio.sleep(0)
        return found
