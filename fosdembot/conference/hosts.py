"""Hosts' rooms: who is a host there, and of which talk rooms.

Where hosts meet is named elsewhere (`hosts_rooms.py`); whether a room is fit for it, here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.hosts_rooms import ALL, HostsRooms
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import WriteSession
from fosdembot.matrix.join_rules import is_open
from fosdembot.matrix.members import is_joined
from fosdembot.matrix.room_addresses import addresses_of, role_addresses_of, role_room_of, room_of
from fosdembot.settings import Settings


class Unfit(StrEnum):
    """Why a room is no hosts' room, even if somebody named it as one."""

    CONTROL_ROOM = "control room"
    TALK_ROOM = "talk room"
    """Everybody in the audience would be a moderator."""
    OPEN_TO_ALL = "open to all"
    """Anybody could come in, and be one."""


class Hosts:
    def __init__(self, named: HostsRooms, programme: Programme, settings: Settings) -> None:
        self._named = named
        self._programme = programme
        self._settings = settings

    @property
    def by_track(self) -> Mapping[str, str]:
        """Track (or `ALL`) → address."""
        return self._named.by_track

    @property
    def roles(self) -> frozenset[str]:
        """The addresses whose rooms have a role, see `HostsRooms`."""
        return self._named.roles

    @property
    def addresses(self) -> list[str]:
        """All hosts' rooms."""
        return self._named.addresses

    async def put(self, session: WriteSession, track: str, address: str) -> None:
        """The moderators of `track` meet at `address` from now on; empty: nowhere."""
        await self._named.put(session, track, address)

    async def unfit(self, session: AsyncSession, address: str) -> Unfit | None:
        """Why the room at `address` cannot be a hosts' room. One that is named as one is no
        talk room, whatever the schedule says."""
        is_named = address in self.by_track.values()
        room = await role_room_of(session, address) or await room_of(session, address) or address
        names = {room, address, *await addresses_of(session, room)}
        if self._settings.control_room in names or room == await self._control_room(session):
            return Unfit.CONTROL_ROOM
        if self._settings.rooms.default in names:
            return Unfit.TALK_ROOM
        if not is_named and any(map(self._programme.talks_at, names)):
            return Unfit.TALK_ROOM
        return Unfit.OPEN_TO_ALL if await is_open(session, room) else None

    async def _control_room(self, session: AsyncSession) -> str | None:
        address = self._settings.control_room
        return await role_room_of(session, address) if address else None

    async def tracks_of(self, session: AsyncSession, room: str) -> set[str]:
        """The tracks whose moderators meet in a room (its id)."""
        named = set(await role_addresses_of(session, room))
        fit = {a for a in named & set(self.addresses) if await self.unfit(session, a) is None}
        return {track for track, address in self.by_track.items() if address in fit}

    def for_talks_at(self, address: str) -> list[str]:
        """The addresses of the hosts' rooms that see to a talk room: its tracks', else all's."""
        tracks = {talk.track for talk in self._programme.talks_at(address)}
        own = {self.by_track[track] for track in tracks if track in self.by_track}
        every = {self.by_track[ALL]} if tracks and ALL in self.by_track else set()
        return sorted(own or every)

    async def rooms_of(self, session: AsyncSession, address: str) -> list[str]:
        """The hosts' rooms that see to a talk room, as far as the bot is in them."""
        rooms = [await self.room(session, hosts) for hosts in self.for_talks_at(address)]
        return [room for room in rooms if room is not None]

    async def room(self, session: AsyncSession, address: str) -> str | None:
        """The hosts' room at `address`, if it is fit and the bot is in it."""
        room = await role_room_of(session, address)
        if room is None or await self.unfit(session, address) is not None:
            return None
        return room

    async def talk_rooms_of(self, session: AsyncSession, room: str) -> list[str]:
        """The addresses of the talk rooms that a hosts' room may command, those with a talk
        soon (or on) first; none where `room` is no hosts' room."""
        tracks = await self.tracks_of(session, room)
        if not tracks:
            return []
        return [
            address
            for address in self._programme.addresses()
            if ALL in tracks or tracks & {talk.track for talk in self._programme.talks_at(address)}
        ]

    async def is_host(self, session: AsyncSession, user: str, address: str) -> bool:
        """Whether `user` is in a hosts' room that may command the talk room."""
        tracks = {ALL} | {talk.track for talk in self._programme.talks_at(address)}
        for hosts in {self.by_track[track] for track in tracks if track in self.by_track}:
            room = await self.room(session, hosts)
            if room is not None and await is_joined(session, room, user):
                return True
        return False
