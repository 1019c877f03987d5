"""What the inbox knows of rooms and their members without asking the database.

It is what is committed: read from the database, or written by `plain.py` itself. All of it is
forgotten as soon as anybody writes rows of these tables, and with each rollback (`db/watch.py`).
So under the lock of the one writer it is true.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, select

from fosdembot.db.engine import Database
from fosdembot.db.prepared import Prepared
from fosdembot.db.tables import RoleRoom, Room, RoomAddress, RoomState

from .api import Json
from .members import reduced
from .timeline import MEMBER

ROOMS_AT_MOST = 10_000
MEMBERS_AT_MOST = 20_000
"""About 8 MB. Where there are more, all are forgotten: those who speak are soon known again."""


@dataclass(frozen=True, slots=True)
class KnownRoom:
    """A row of `rooms`, as far as most events need it."""

    room_id: str
    membership: str
    entered: str
    behind: str | None
    removed_at: datetime | None
    direct_with: str | None
    is_talk_room: bool
    """Whether an address of talks leads there, and it has no role."""


_ROOMS = Prepared(
    select(
        Room.room_id,
        Room.membership,
        Room.entered,
        Room.behind,
        Room.removed_at,
        Room.direct_with,
        exists().where(RoomAddress.room_id == Room.room_id)
        & ~exists().where(RoleRoom.room_id == Room.room_id),
    ).where(Room.room_id.in_(bindparam("rooms", expanding=True)))
)


class KnownRooms:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._watch = database.watch(Room, RoomAddress, RoleRoom)
        self._version = self._watch.version
        self._rooms: dict[str, KnownRoom] = {}

    @property
    def known(self) -> Mapping[str, KnownRoom]:
        """By room id, without those that may be others now. It is true until the next `await`."""
        return self._current()

    async def load(self, rooms: Collection[str]) -> Mapping[str, KnownRoom]:
        """Those of the rooms that there are, read where they are not known."""
        known = self._current()
        missing = [room for room in dict.fromkeys(rooms) if room not in known]
        found = {room: known[room] for room in rooms if room in known}
        if missing:
            version = self._watch.version
            async with self._database.read() as session:
                rows = await _ROOMS.find(session, {"rooms": missing})
            read = {row[0]: KnownRoom(*row) for row in rows}
            found |= read
            # Who wrote meanwhile may have written these.
            if version == self._watch.version:
                self._current().update(read)
        return found

    @property
    def version(self) -> int:
        """Goes on whenever something is forgotten."""
        return self._watch.version

    def _current(self) -> dict[str, KnownRoom]:
        version = self._watch.version
        if version != self._version or len(self._rooms) > ROOMS_AT_MOST:
            self._rooms, self._version = {}, version
        return {} if self._watch.is_changing else self._rooms


class KnownMembers:
    """What stands in `room_state` of those who were told of lately."""

    def __init__(self, database: Database) -> None:
        self._watch = database.watch(RoomState)
        self._version = self._watch.version
        self._members: dict[tuple[str, str], Json] = {}

    def knows(self, room: str, event: Json) -> bool:
        """Whether a member event says nothing new."""
        known = self._current().get((room, event["state_key"]))
        return known is not None and known == reduced(event)

    def news(self, room: str, state: Iterable[Json]) -> Sequence[Json]:
        """The state events without members as they are known: each answer tells of all
        senders."""
        return [each for each in state if each["type"] != MEMBER or not self.knows(room, each)]

    @property
    def version(self) -> int:
        """Goes on whenever something is forgotten."""
        return self._watch.version

    def learn(self, members: Mapping[tuple[str, str], Json], version: int) -> None:
        """These are committed, by room and user; `version` is of the time when they were
        written."""
        if version == self._watch.version:
            self._current().update(members)

    def _current(self) -> dict[tuple[str, str], Json]:
        version = self._watch.version
        if version != self._version or len(self._members) > MEMBERS_AT_MOST:
            self._members, self._version = {}, version
        return {} if self._watch.is_changing else self._members
