"""What kind of room something was said in."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.chat.command import Place
from fosdembot.conference.control_room import ControlRoom
from fosdembot.conference.hosts import Hosts
from fosdembot.db.tables import Room
from fosdembot.matrix.room_addresses import addresses_of

_KNOWN = "places"
"""What of `AsyncSession.info` holds those that were asked for since the last `forget`."""


class Places:
    def __init__(self, control_room: ControlRoom, hosts: Hosts) -> None:
        self._control_room = control_room
        self._hosts = hosts

    async def of(self, session: AsyncSession, room: str) -> Place:
        """Many ask for it in the course of an event; it is found out once."""
        known: dict[str, Place] = session.info.setdefault(_KNOWN, {})
        if room not in known:
            known[room] = await self._find(session, room)
        return known[room]

    async def of_person(self, session: AsyncSession, room: str, person: str) -> Place:
        """The same for what `person` says there: whoever else is in a direct chat does not
        talk to the bot alone."""
        place = await self.of(session, room)
        if place is not Place.DIRECT:
            return place
        row = await session.get_one(Room, room)
        return place if row.direct_with == person else Place.ELSEWHERE

    @staticmethod
    def forget(session: AsyncSession) -> None:
        """An event may have made other places of the rooms."""
        session.info.pop(_KNOWN, None)

    async def _find(self, session: AsyncSession, room: str) -> Place:
        if room == await self._control_room.room(session):
            return Place.CONTROL_ROOM
        if await self._hosts.tracks_of(session, room):
            return Place.HOSTS_ROOM
        if await addresses_of(session, room):
            return Place.TALK_ROOM
        row = await session.get(Room, room)
        return Place.DIRECT if row is not None and row.direct_with else Place.ELSEWHERE
