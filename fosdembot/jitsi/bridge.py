"""The bot in one meeting: what it says there, one line after another, and what it hears.

It knows nothing of what carries the meeting (`meeting.py`).
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime

from fosdembot.clock import Clock
from fosdembot.conference.meetings import Meetings
from fosdembot.db.engine import Database
from fosdembot.db.meeting_tables import MeetingLine

from .meeting import Arrived, Connection, Kind, Left, LineRefused, Said
from .obeying import Obeying
from .telling import Telling

LOOK_AGAIN = 30.0
"""Seconds after which a meeting is looked at even if nothing seems to have happened."""


@dataclass(slots=True)
class Bridge:
    """Between one meeting and the desk."""

    telling: Telling
    obeying: Obeying
    meetings: Meetings
    database: Database
    clock: Clock
    log: logging.Logger
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    """Set where something in the meeting's talks may be another."""

    async def serve(self, connection: Connection) -> None:
        """Say and hear. Returns when everybody else has left; raises `MeetingError` when the
        connection has ended."""
        known = connection.known
        async with self.database.write() as session:
            await self.telling.lines.note_known(session, known)
        self._note_people(connection)
        if _is_alone(connection):
            return
        speaking = asyncio.create_task(self._speak(connection), name="meeting speaks")
        try:
            await self._listen(connection, speaking)
        finally:
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
                    await self._hear(said)
                case Arrived() | Left():
                    self._note_people(connection)
                    self.wake.set()
                    if _is_alone(connection):
                        return

    async def _hear(self, said: Said) -> None:
        """One message's fault is its own."""
        now = self.clock.now()
        try:
            async with self.database.write() as session:
                if await self.obeying.hear(session, said, now):
                    session.after_commit(self.wake.set)
        except Exception:
            self.log.exception("%s: a message had no effect", self.telling.meeting)

    def _note_people(self, connection: Connection) -> None:
        people = [p for p in connection.participants.values() if p.kind is Kind.PERSON]
        names = tuple(sorted(person.name for person in people))
        self.meetings.note(self.telling.meeting, self.clock.now(), people=names)

    # --- saying ----------------------------------------------------------------------

    async def _speak(self, connection: Connection) -> None:
        while True:
            self.wake.clear()
            again = await self._look(connection)
            while await self._say_next(connection):
                pass
            wait = LOOK_AGAIN
            if again is not None:
                until = self.clock.to_wall(again) - self.clock.to_wall(self.clock.now())
                wait = min(wait, max(0.0, until.total_seconds()))
            over = self.clock.call_later(wait, self.wake.set)
            try:
                await self.wake.wait()
            finally:
                over.cancel()

    async def _look(self, connection: Connection) -> datetime | None:
        """Votes change nothing for the speaker mostly, so it is first only read."""
        anybody = any(p.kind is Kind.PERSON for p in connection.participants.values())
        async with self.database.read() as session:
            wanted, again = await self.telling.wanted(session, self.clock.now(), anybody=anybody)
        if not wanted:
            return again
        async with self.database.write() as session:
            now = self.clock.now()
            wanted, again = await self.telling.wanted(session, now, anybody=anybody)
            for line in wanted:
                await self.telling.lines.put(session, line, now)
        return again

    async def _say_next(self, connection: Connection) -> bool:
        """Say the first line that waits, or take one back; False: there is none."""
        lines, now = self.telling.lines, self.clock.now()
        async with self.database.read() as session:
            waiting = await lines.waiting(session)
            retracting = await lines.to_retract(session)
        if retracting:
            await self._retract(connection, retracting[0])
            return True
        if not waiting:
            return False
        line = waiting[0]
        is_there = line.recipient is None or line.recipient in connection.participants
        if not line.body or line.expires <= now or not is_there:
            await self._note(line, "dropped")
            return True
        # Durable before anybody sees it: else a power cut could have it said twice.
        await self._note(line, "sending")
        try:
            await connection.say(line.stanza, line.body, line.recipient)
        except LineRefused as err:
            self.log.warning("%s: a line was refused: %s", self.telling.meeting, err)
            await self._note(line, "dropped")
        else:
            await self._note(line, "sent")
        return True

    async def _retract(self, connection: Connection, line: MeetingLine) -> None:
        try:
            await connection.retract(line.stanza)
        except LineRefused as err:
            self.log.warning("%s: a line cannot be taken back: %s", self.telling.meeting, err)
        async with self.database.write() as session:
            await self.telling.lines.retracted(session, line.id)

    async def _note(self, line: MeetingLine, state: str) -> None:
        async with self.database.write() as session:
            await self.telling.lines.note(session, [line.id], state)


def _is_alone(connection: Connection) -> bool:
    return all(other.kind is Kind.MACHINE for other in connection.participants.values())
