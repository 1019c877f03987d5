"""Hosts' rooms: where the moderators of a track, or of all, meet.

Named in the settings, or by an organiser's command, which comes first. What is in force
changes rarely and is kept in memory.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database
from fosdembot.db.question_tables import HostsRoom
from fosdembot.matrix.members import is_joined
from fosdembot.matrix.rooms import addresses_of, room_of
from fosdembot.settings import Settings

ALL = "*"


class Hosts:
    """The only writer of `hosts_rooms`."""

    def __init__(self, database: Database, programme: Programme, settings: Settings) -> None:
        self._database = database
        self._programme = programme
        self._settings = settings
        self._by_track: dict[str, str] = dict(settings.hosts)

    async def load(self) -> None:
        """Read what is in force from the database."""
        async with self._database.read() as session:
            rows = await session.scalars(select(HostsRoom))
            self._by_track = dict(self._settings.hosts) | {row.track: row.address for row in rows}

    @property
    def addresses(self) -> list[str]:
        """All hosts' rooms."""
        return sorted(set(self._by_track.values()))

    def for_talks_at(self, address: str) -> list[str]:
        """The addresses of the hosts' rooms that see to a talk room: its tracks', else all's."""
        tracks = {talk.track for talk in self._programme.talks_at(address)}
        own = {self._by_track[track] for track in tracks if track in self._by_track}
        return sorted(own or ({self._by_track[ALL]} if ALL in self._by_track else set()))

    async def rooms_of(self, session: AsyncSession, address: str) -> list[str]:
        """The hosts' rooms that see to a talk room, as far as the bot is in them."""
        rooms = [await room_of(session, hosts) for hosts in self.for_talks_at(address)]
        return [room for room in rooms if room is not None]

    async def talk_rooms_of(self, session: AsyncSession, room: str) -> Sequence[str]:
        """The addresses of the talk rooms that a hosts' room may command; none where
        `room` is no hosts' room."""
        if not self._by_track:
            return []
        here = set(await addresses_of(session, room))
        tracks = {track for track, address in self._by_track.items() if address in here}
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
        for hosts in {self._by_track[track] for track in tracks if track in self._by_track}:
            room = await room_of(session, hosts)
            if room is not None and await is_joined(session, room, user):
                return True
        return False
