"""The bot in one meeting: what it says there, one line after another, and what it hears.

It knows nothing of what carries the meeting (`meeting.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass, field

from fosdembot.clock import Call, Clock
from fosdembot.conference.meetings import Meetings
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.errors import is_transient
from fosdembot.db.meeting_tables import MeetingLine
from fosdembot.matrix.backoff import Backoff

from .meeting import Arrived, Connection, Kind, Left, LineRefused, MeetingError, Participant, Said
from .obeying import Obeying
from .telling import Look, Telling

LOOK_AGAIN = 30.0
"""Seconds after which a meeting is looked at even if nothing seems to have happened."""
LOOKS_APART = 0.1
"""Seconds between two looks, however many votes come: nobody reads faster."""
_FAILED_AT_MOST = 30.0
_HEARS_AGAIN_AFTER = 4.0
_HEARS_WITHIN = 30.0
"""Seconds for which what people type waits for a database that is away. Later they have typed it
again, or gone on without."""
_LEFT_TO_OTHERS = 5.0
"""Seconds until it is looked whether another run of the bot has said a line."""


@dataclass(slots=True)
class Bridge:
    """Between one meeting and the desk.

    `serve` may be cut off only while nobody writes to the database (`Database.no_writing`).
    """

    telling: Telling
    obeying: Obeying
    meetings: Meetings
    database: Database
    clock: Clock
    log: logging.Logger
    wake: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    """Set where the meeting is to be looked at, at once."""
    _look: Look | None = field(default=None, init=False)
    """What the last look found; None: something else than a question may be another."""
    _looked: float = field(default=0.0, init=False)
    """When the last look began, by the clock's seconds."""
    _soon: Call | None = field(default=None, init=False)
    _away_since: float | None = field(default=None, init=False)
    """Since when what is typed had no effect, by the clock's seconds."""
    _became: dict[int, str] = field(default_factory=dict, init=False)
    """What became of lines (by their ids) that left, until the database has it: nothing else can
    tell, in the same connection, that the meeting has shown one."""

    def changed(self, talks: Collection[str] | None = None) -> None:
        """Questions to these talks (their guids) may be others; None: anything may be."""
        if talks is None:
            self._look = None
        elif self._look is not None and self._look.talks.isdisjoint(talks):
            return
        if self._soon is None and not self.wake.is_set():
            wait = self._looked + LOOKS_APART - self.clock.monotonic()
            if wait <= 0:
                self.wake.set()
            else:
                self._soon = self.clock.call_later(wait, self._ring)

    def _ring(self) -> None:
        self._soon = None
        self.wake.set()

    async def serve(self, connection: Connection) -> None:
        """Say and hear. Returns when everybody else has left; raises `MeetingError` when the
        connection has ended."""
        self._note_people(connection)
        if _is_alone(connection):
            return
        speaking = asyncio.create_task(self._speak(connection), name="meeting speaks")
        try:
            await self._listen(connection, speaking)
        except asyncio.CancelledError:
            # Nobody writes.
            speaking.cancel()
            raise
        finally:
            await self._end(speaking)

    async def note_known(self, connection: Connection) -> None:
        """What the meeting showed when the bot came in was said."""
        self._look = None
        async with self.database.write() as session:
            await self.telling.lines.note_known(session, connection.known)

    async def _end(self, speaking: asyncio.Task[None]) -> None:
        try:
            if not speaking.cancelling():
                async with self.database.no_writing():
                    speaking.cancel()
        finally:
            if not speaking.cancelling():
                speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)

    # --- hearing ---------------------------------------------------------------------

    async def _listen(self, connection: Connection, speaking: asyncio.Task[None]) -> None:
        while True:
            hearing = asyncio.ensure_future(connection.next_event())
            try:
                await asyncio.wait((hearing, speaking), return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not hearing.done():
                    hearing.cancel()
            if not hearing.done():
                speaking.result()
                return
            match hearing.result():
                case Said() as said:
                    await self.hear(said)
                case Arrived() | Left():
                    self._note_people(connection)
                    self.changed()
                    if _is_alone(connection):
                        return

    async def hear(self, said: Said) -> None:
        """One message's fault is its own; while the database is away it is tried again."""
        failed = Backoff(_HEARS_AGAIN_AFTER)
        while True:
            try:
                await self._hear(said)
            except Exception as err:
                if is_transient(err) and self._waits_for_the_database():
                    await self.clock.sleep(failed.next())
                    continue
                self.log.exception("%s: a message had no effect", self.telling.meeting)
            else:
                if self._away_since is not None:
                    # It may have been done, and nobody heard of its answer.
                    self._away_since = None
                    self.wake.set()
            return

    async def _hear(self, said: Said) -> None:
        if said.sender.kind is Kind.MACHINE:
            await self._hear_machine(said)
        elif self.obeying.concerns(said):
            async with self.database.write() as session:
                if await self.obeying.hear(session, said, self.clock.now()):
                    session.after_commit(self.wake.set)

    def _waits_for_the_database(self) -> bool:
        now = self.clock.monotonic()
        if self._away_since is None:
            self._away_since = now
        return now - self._away_since < _HEARS_WITHIN

    async def _hear_machine(self, said: Said) -> None:
        """Another run of the bot, perhaps, which says a line that waits here as well: nobody else
        can know its id."""
        async with self.database.read() as session:
            line = await self.telling.lines.by_stanza(session, said.id)
        if line is not None:
            async with self.database.write() as session:
                await self.telling.lines.note_known(session, [said.id])

    def _note_people(self, connection: Connection) -> None:
        names = tuple(sorted(person.name for person in _people(connection)))
        self.meetings.note(self.telling.meeting, self.clock.now(), people=names)

    # --- saying ----------------------------------------------------------------------

    async def _speak(self, connection: Connection) -> None:
        """Raises `MeetingError`; what else fails is tried again, later and later."""
        failed, is_known = Backoff(_FAILED_AT_MOST), False
        while True:
            self._not_soon()
            self.wake.clear()
            try:
                if not is_known:
                    await self.note_known(connection)
                    is_known = True
                wait = await self.step(connection)
                failed.reset()
            except MeetingError:
                raise
            except Exception:
                self.log.exception("%s: nothing could be said", self.telling.meeting)
                self._look, wait = None, failed.next()
            over = self.clock.call_later(wait, self.wake.set)
            try:
                await self.wake.wait()
            finally:
                over.cancel()

    async def step(self, connection: Connection) -> float:
        """Look, and say one line or take one back. Returns the seconds until the next look."""
        self._looked = self.clock.monotonic()
        if not await self._is_work(connection):
            return self._until_next()
        # What is chosen now leaves at once: what happens meanwhile still counts.
        await connection.ready()
        line = await self._choose(connection)
        if line is None:
            # Another run of the bot is about to say it.
            return min(_LEFT_TO_OTHERS, self._until_next())
        if line.retract:
            await self._retract(connection, line)
        else:
            await self._say(connection, line)
        self._look = None
        return 0.0

    def _not_soon(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None

    def _until_next(self) -> float:
        """The seconds until the next look, if nothing happens before."""
        if self._look is None or self._look.again is None:
            return LOOK_AGAIN
        until = self.clock.to_wall(self._look.again) - self.clock.to_wall(self.clock.now())
        return min(LOOK_AGAIN, max(0.0, until.total_seconds()))

    async def _is_work(self, connection: Connection) -> bool:
        """Votes change nothing for the speaker mostly, so it is first only read, and no more of
        it than may be another."""
        async with self.database.read() as session:
            now = self.clock.now()
            before = self._look
            if before is not None and (before.again is None or now < before.again):
                glance = await self.telling.glance(session, before)
                # What there is to say is worked out where it is chosen: a look takes a while.
                return glance != before.glance or glance.is_work
            look = await self.telling.look(session, now, anybody=bool(_people(connection)))
            self._look = look
            return bool(look.lines) or look.glance.is_work

    async def _choose(self, connection: Connection) -> MeetingLine | None:
        """What is to be done first. It is durable before anybody sees it: else a power cut could
        have it said twice."""
        lines, there = self.telling.lines, connection.participants
        async with self.database.write() as session:
            await self._keep(session)
            now = self.clock.now()
            look = await self.telling.look(session, now, anybody=bool(_people(connection)))
            self._look = look
            await lines.settle(session, look.lines, now)
            are_alone = not any(o.kind is Kind.MACHINE and o.name for o in there.values())
            return await lines.claim(session, now, there, are_alone=are_alone)

    async def _say(self, connection: Connection, line: MeetingLine) -> None:
        state = "sent"
        try:
            await connection.say(line.stanza, line.body, line.recipient)
        except LineRefused as err:
            self.log.warning("%s: a line was refused: %s", self.telling.meeting, err)
            state = "refused"
        self._became[line.id] = state
        async with self.database.write() as session:
            await self._keep(session)

    async def _keep(self, session: WriteSession) -> None:
        for id_, state in self._became.items():
            await self.telling.lines.note(session, id_, state)
        session.after_commit(self._became.clear)

    async def _retract(self, connection: Connection, line: MeetingLine) -> None:
        try:
            await connection.retract(line.stanza, line.recipient)
        except LineRefused as err:
            self.log.warning("%s: a line cannot be taken back: %s", self.telling.meeting, err)
        async with self.database.write() as session:
            await self.telling.lines.retracted(session, line.id)


def _people(connection: Connection) -> list[Participant]:
    """Those who are there, without machines and visitors."""
    return [each for each in connection.participants.values() if each.kind is Kind.PERSON]


def _is_alone(connection: Connection) -> bool:
    return all(other.kind is Kind.MACHINE for other in connection.participants.values())
