"""Where the moderators of a track, or of all, meet.

Named in the settings, or by an organiser's command, which comes first. What is in force
changes rarely and is kept in memory.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from fosdembot.changes import Changes, HostsChanged
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.question_tables import HostsRoom
from fosdembot.settings import Settings

ALL = "*"


class HostsRooms:
    """The only writer of `hosts_rooms`. Knows no programme, which has to know what is no
    talk room."""

    def __init__(self, database: Database, settings: Settings, changes: Changes) -> None:
        self._database = database
        self._settings = settings
        self._changes = changes
        self._by_track = dict(settings.hosts)

    async def load(self) -> None:
        """Read what is in force from the database."""
        async with self._database.read() as session:
            rows = await session.scalars(select(HostsRoom))
            decided = {row.track: row.address for row in rows}
        self._by_track = _named(self._settings.hosts | decided)

    @property
    def by_track(self) -> Mapping[str, str]:
        """Track (or `ALL`) → address."""
        return self._by_track

    @property
    def roles(self) -> frozenset[str]:
        """The addresses whose rooms have a role: hosts' rooms, and the control room. In a
        rehearsal none has."""
        if self._settings.rehearsal.room:
            return frozenset()
        return frozenset({*self._by_track.values(), self._settings.control_room} - {""})

    @property
    def addresses(self) -> list[str]:
        """All hosts' rooms."""
        return sorted(set(self._by_track.values()))

    async def put(self, session: WriteSession, track: str, address: str) -> None:
        """The moderators of `track` meet at `address` from now on; empty: nowhere."""
        await session.merge(HostsRoom(track=track, address=address))

        def put_in_force() -> None:
            self._by_track = _named(self._by_track | {track: address})

        session.after_commit(put_in_force)
        self._changes.publish(session, HostsChanged())


def _named(by_track: Mapping[str, str]) -> dict[str, str]:
    return {track: address for track, address in by_track.items() if address}
