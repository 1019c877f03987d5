"""A stand-in for servers of meetings, in place of what connects to them: it is away, refuses,
keeps waiting and loses connections, as a test likes. No XMPP and no network."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from fosdembot.clock import Clock
from fosdembot.jitsi.meeting import Kind, MeetingError, Participant, Trouble
from fosdembot.meeting_url import MeetingUrl

from .stand_in import LEO, MIRA, StandIn, StandInConnection


class Attended(StandInConnection):
    """Counts as there until it is closed, which may take its time."""

    leaving: asyncio.Event
    is_closed = False

    async def close(self) -> None:
        await self.leaving.wait()
        self.is_closed = True
        self.lose()


@dataclass
class MeetingServer:
    """A `Connect`."""

    clock: Clock
    meetings: dict[str, StandIn] = field(default_factory=dict)
    """Those that have begun, by name."""
    troubles: dict[str, MeetingError] = field(default_factory=dict)
    """Why the bot does not come into a meeting; of "" all."""
    lobby: bool = False
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    """Until it is set, who comes waits."""
    closes: asyncio.Event = field(default_factory=asyncio.Event)
    """Until it is set, who leaves waits."""
    tries: list[tuple[float, str]] = field(default_factory=list)
    """When (seconds) the bot tried to come into which meeting."""
    trying: int = 0
    names: set[str] = field(default_factory=set)
    """What it was called."""
    connections: list[tuple[str, Attended]] = field(default_factory=list)
    most: Counter[str] = field(default_factory=Counter)
    """The most connections to one meeting at once, by name."""

    def __post_init__(self) -> None:
        self.answers.set()
        self.closes.set()

    async def __call__(
        self, meeting: MeetingUrl, name: str, waits: Callable[[], None]
    ) -> StandInConnection:
        room = meeting.room
        self.tries.append((round(self.clock.monotonic(), 3), room))
        self.names.add(name)
        self.trying += 1
        try:
            if self.lobby:
                waits()
            await self.answers.wait()
        finally:
            self.trying -= 1
        trouble = self.troubles.get(room) or self.troubles.get("")
        if trouble is not None:
            raise MeetingError(trouble.trouble, trouble.detail)
        if not any(p.kind is not Kind.MACHINE for p in self.people(room)):
            raise MeetingError(Trouble.NOT_STARTED)
        connection = Attended(self.meetings[room], frozenset())
        connection.leaving = self.closes
        self.meetings[room].connections.append(connection)
        self.connections.append((room, connection))
        self.most[room] = max(self.most[room], self.inside.count(room))
        return connection

    def people(self, room: str) -> list[Participant]:
        return list(self.meetings[room].people.values()) if room in self.meetings else []

    @property
    def inside(self) -> list[str]:
        """The meetings in which the bot is, by name."""
        return sorted(room for room, connection in self.connections if not connection.is_closed)

    def begin(self, *rooms: str) -> None:
        """Somebody comes into each of these meetings."""
        for room in rooms:
            self.meetings.setdefault(room, StandIn()).people[MIRA.id] = MIRA

    def joins(self, room: str) -> None:
        """One more."""
        self.meetings[room].joins(LEO)

    def leaves(self, room: str) -> None:
        """All do."""
        meeting = self.meetings[room]
        for participant in list(meeting.people.values()):
            if participant.kind is not Kind.MACHINE:
                meeting.leaves(participant)

    def lose(self, room: str, trouble: Trouble = Trouble.AWAY) -> None:
        """The connection to a meeting ends."""
        for name, connection in self.connections:
            if name == room and not connection.is_closed:
                connection.fails(MeetingError(trouble))

    def tried(self, room: str) -> list[float]:
        return [at for at, tried in self.tries if tried == room]
