"""A stand-in for a meeting, in place of what carries one: it keeps what was said, echoes, refuses,
breaks and tells, as a test likes. No XMPP and no network."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from fosdembot.jitsi.meeting import (
    Arrived,
    Event,
    Kind,
    Left,
    LineRefused,
    MeetingError,
    Participant,
    Said,
    Trouble,
)

MIRA = Participant("mira", "Mira", is_owner=True)
"""The speaker, who moderates the meeting."""
LEO = Participant("leo", "Leo")
FOCUS = Participant("focus", "", Kind.MACHINE)


class Crash(BaseException):
    """The bot's process ends here."""


@dataclass(frozen=True)
class Line:
    id: str
    text: str
    to: str | None = None


@dataclass
class StandIn:
    """One meeting, in which any number of runs of the bot may be."""

    people: dict[str, Participant] = field(default_factory=lambda: {FOCUS.id: FOCUS, MIRA.id: MIRA})
    lines: list[Line] = field(default_factory=list)
    """All that was said by bots, in its order; also what was retracted since."""
    retracted: list[str] = field(default_factory=list)
    connections: list[StandInConnection] = field(default_factory=list)
    keeps_history: bool = True
    refuses: Callable[[str], bool] = lambda _: False
    """Whether the meeting does not take a text; `retract` for a retraction."""
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def said(self) -> list[str]:
        """What all read, or read."""
        return [line.text for line in self.lines if line.to is None]

    @property
    def readable(self) -> list[str]:
        return [line.text for line in self.lines if line.id not in self.retracted]

    def connect(self, name: str = "") -> StandInConnection:
        """A run of the bot comes in; with a name others see it as a bot."""
        known = frozenset(line.id for line in self.lines if line.to is None)
        connection = StandInConnection(self, known if self.keeps_history else frozenset())
        if name:
            connection.own = Participant(f"bot{len(self.connections)}", name, Kind.MACHINE)
        self.connections.append(connection)
        return connection

    def hears(self, text: str, sender: Participant = MIRA, **more: object) -> Said:
        """Somebody writes something to all, or to the bot alone."""
        said = Said(f"m{next(self._ids)}", sender, text, **more)  # type: ignore[arg-type]
        self.tell(said)
        return said

    def joins(self, participant: Participant) -> None:
        self.people[participant.id] = participant
        self.tell(Arrived(participant))

    def leaves(self, participant: Participant) -> None:
        del self.people[participant.id]
        self.tell(Left(participant))

    def tell(self, event: Event) -> None:
        for connection in self.connections:
            connection.events.put_nowait(event)

    def end(self) -> None:
        """All connections are lost."""
        for connection in self.connections:
            connection.lose()

    def id_of(self, part: str) -> str:
        """The id of the last line that says so."""
        return next(line.id for line in reversed(self.lines) if part in line.text)


@dataclass(eq=False)
class StandInConnection:
    meeting: StandIn
    known: frozenset[str]
    events: asyncio.Queue[Event | None] = field(default_factory=asyncio.Queue)
    why: MeetingError = field(default_factory=lambda: MeetingError(Trouble.AWAY))
    """It is lost."""
    own: Participant | None = None
    is_lost: bool = False
    before: Callable[[str], Awaitable[None]] | None = None
    """Awaited before a line appears, and"""
    after: Callable[[str], Awaitable[None]] | None = None
    """after that, before the bot sees it. Either may raise."""

    @property
    def participants(self) -> Mapping[str, Participant]:
        others = [c.own for c in self.meeting.connections if c is not self and not c.is_lost]
        return self.meeting.people | {own.id: own for own in others if own is not None}

    async def ready(self) -> None:
        await asyncio.sleep(0)

    async def say(self, id_: str, text: str, to: str | None = None) -> None:
        await self._go(text)
        self.meeting.lines.append(Line(id_, text, to))
        await self._echo(text)
        if self.own is not None and to is None:
            for other in self.meeting.connections:
                if other is not self:
                    other.events.put_nowait(Said(id_, self.own, text))

    async def retract(self, id_: str, to: str | None = None) -> None:
        await self._go("retract")
        self.meeting.retracted.append(id_)
        await self._echo("retract")

    async def _go(self, text: str) -> None:
        if self.is_lost:
            raise MeetingError(Trouble.AWAY)
        if self.before is not None:
            await self.before(text)
        if self.meeting.refuses(text):
            raise LineRefused("policy-violation")

    async def _echo(self, text: str) -> None:
        if self.after is not None:
            await self.after(text)
        await asyncio.sleep(0)
        if self.is_lost:
            raise MeetingError(Trouble.AWAY)

    async def next_event(self) -> Event:
        event = await self.events.get()
        if event is None:
            self.events.put_nowait(None)
            raise self.why
        return event

    async def close(self) -> None:
        self.lose()

    def fails(self, why: MeetingError) -> None:
        self.why = why
        self.lose()

    def lose(self) -> None:
        self.is_lost = True
        self.events.put_nowait(None)
