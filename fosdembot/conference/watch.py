"""Watches the published schedule and puts what is new in force.

The last good one stays where the newest cannot be fetched or read, and where it
lacks so much that it looks like an accident. What is in force is in the database:
a start needs neither the network nor the file.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import zlib
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.conference.control_room import ControlRoom
from fosdembot.conference.programme import Programme
from fosdembot.conference.rows import override_from_json, talk_from_json
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.tables import ScheduleCopy, TalkRow
from fosdembot.matrix.content import notice
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.rooms import room_of
from fosdembot.matrix.wake import Wake
from fosdembot.schedule.diff import ScheduleDiff, diff
from fosdembot.schedule.fetch import Fetched, Version, fetch
from fosdembot.schedule.model import Schedule, ScheduleError
from fosdembot.schedule.read import read
from fosdembot.settings import Settings
from fosdembot.talks.changes import digest, held_back, room_messages
from fosdembot.talks.slots import Override, is_talk
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, say
from fosdembot.texts.words import count, duration

TRIES_UNTIL_TOLD = 3
"""A server that is away for one poll is nobody's business."""


class Watch:
    """The only writer of `schedules`."""

    def __init__(
        self,
        database: Database,
        programme: Programme,
        outbox: Outbox,
        control_room: ControlRoom,
        settings: Settings,
        clock: Clock,
        log: logging.Logger,
    ) -> None:
        self._database = database
        self._programme = programme
        self._outbox = outbox
        self._control_room = control_room
        self._settings = settings
        self._clock = clock
        self._log = log
        self._wake = Wake()
        self._version: Version | None = None
        self._failures = 0
        self.trouble: str | None = None
        """Why the schedule cannot be fetched at the moment."""

    def look(self) -> None:
        """Look now: `!conf reload`, or something was accepted."""
        self._version = None
        self._wake.set()

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            try:
                await self._take_accepted()
                if self._settings.schedule.source:
                    await self._poll()
            except Exception:
                self._log.exception("The schedule could not be looked at")
            await self._wake.wait(timeout=self._interval())

    def _interval(self) -> float:
        """Seconds on the wall until the next poll."""
        now = self._clock.now()
        later = now + timedelta(minutes=self._settings.schedule.poll_minutes)
        wall = self._clock.to_wall(later) - self._clock.to_wall(now)
        return max(wall.total_seconds(), 1.0)

    async def _poll(self) -> None:
        source = self._settings.schedule
        try:
            fetched = await fetch(source.source, source, self._version)
        except ScheduleError as err:
            await self._not_fetched(str(err))
            return
        self._failures, self.trouble = 0, None
        if fetched.data is not None:
            await self._consider(fetched, fetched.data)
        self._version = fetched.version

    async def _not_fetched(self, why: str) -> None:
        self._failures += 1
        self.trouble = why
        self._log.warning("The schedule cannot be fetched: %s", why)
        # At the first start, and at a path that is not there, somebody sits and waits.
        if self._failures == TRIES_UNTIL_TOLD or (
            self._failures == 1 and not self._programme.talks
        ):
            async with self._database.write() as session:
                key = f"schedule-away/{self._clock.now().isoformat()}"
                await self._control_room.tell(session, key, say(texts.SCHEDULE_AWAY, why=why))

    async def _consider(self, fetched: Fetched, data: bytes) -> None:
        """Read what was fetched; put it in force, or hold it back."""
        mark = self._mark(fetched.version.digest)
        async with self._database.read() as session:
            marks = {
                copy.standing: copy.digest for copy in await session.scalars(select(ScheduleCopy))
            }
        if marks.get("in_force") == mark:
            # An organiser put the good one back.
            await self._forget_others()
            return
        if mark in marks.values():
            return
        try:
            schedule = await asyncio.to_thread(read, data, self._settings.schedule)
        except ScheduleError as err:
            await self._refuse(mark, str(err))
            return
        for warning in schedule.warnings:
            self._log.warning("Schedule: %s", warning)
        await self._put_in_force(mark, schedule, data, unasked=True)

    def _mark(self, content_digest: str) -> str:
        """The settings decide how it is read: after a change it is read again."""
        zone = self._settings.schedule.zone, self._settings.schedule.zone_overrides
        return hashlib.sha256(f"{content_digest} {zone}".encode()).hexdigest()

    async def _forget_others(self) -> None:
        async with self._database.write() as session:
            await session.execute(delete(ScheduleCopy).where(ScheduleCopy.standing != "in_force"))

    async def _refuse(self, mark: str, why: str) -> None:
        minutes = timedelta(minutes=self._settings.schedule.poll_minutes)
        text = say(texts.SCHEDULE_REFUSED, why=_sentence(why), minutes=duration(minutes))
        async with self._database.write() as session:
            await self._keep(session, "refused", mark, note=why[:500])
            await self._tell(session, "schedule-refused", mark, text)
        self._log.error("The schedule cannot be read: %s", why)

    async def _put_in_force(
        self, mark: str, schedule: Schedule, data: bytes, unasked: bool
    ) -> None:
        async with self._database.write() as session:
            old, overrides = await self._current(session)
            why = held_back(old, schedule) if unasked else None
            if why is not None:
                await self._keep(session, "held", mark, note=why, data=zlib.compress(data))
                prefix = self._settings.command_prefix
                text = say(texts.SCHEDULE_HELD, why=why, p=prefix)
                await self._tell(session, "schedule-held", mark, text)
                return
            await self._programme.replace(session, schedule)
            await session.execute(delete(ScheduleCopy))
            await self._keep(session, "in_force", mark, schedule=schedule)
            await self._announce(session, mark, old, schedule, overrides)

    async def _current(self, session: AsyncSession) -> tuple[Schedule, Mapping[str, Override]]:
        """What is in force, and what moderators decided."""
        rows = list(await session.scalars(select(TalkRow)))
        copy = await session.get(ScheduleCopy, "in_force")
        schedule = Schedule(
            format="",
            title=copy.title if copy is not None else "",
            time_zone=copy.time_zone if copy is not None else None,
            entries=tuple(talk_from_json(r.published) for r in rows if r.vanished_at is None),
        )
        overrides = {r.guid: override_from_json(r.override) for r in rows if r.override}
        return schedule, overrides

    async def _announce(
        self,
        session: WriteSession,
        mark: str,
        old: Schedule,
        new: Schedule,
        overrides: Mapping[str, Override],
    ) -> None:
        """Tell each room what concerns it, and the organisers all."""
        if not old.entries:
            await self._tell(session, "schedule-first", mark, self._first(new))
            return
        changes = diff(old, new)
        rooms = await self._tell_rooms(session, mark, changes, overrides)
        text = digest(changes, rooms, self._clock.now(), self._programme.zone)
        if text is not None:
            await self._tell(session, "schedule-changed", mark, text)

    async def _tell_rooms(
        self,
        session: WriteSession,
        mark: str,
        changes: ScheduleDiff,
        overrides: Mapping[str, Override],
    ) -> int:
        now, zone = self._clock.now(), self._programme.zone
        room_for = self._programme.address_for
        messages = room_messages(changes, room_for, overrides, now, zone, self._settings)
        told = 0
        for address, text in messages.items():
            room = await room_of(session, address)
            if room is not None:
                key = self._key("change", mark, address)
                await self._outbox.message(session, key, room, notice(text), Urgency.CHANGE)
                told += 1
        return told

    def _first(self, schedule: Schedule) -> Text:
        talks = [talk for talk in schedule.entries if is_talk(talk, self._settings)]
        rooms = {self._programme.address_for(talk) for talk in talks} - {None}
        return say(
            texts.FIRST_SCHEDULE,
            title=schedule.title,
            talks=count(len(talks), "talk"),
            rooms=count(len(rooms), "room"),
        )

    async def _take_accepted(self) -> None:
        """Put in force what was held back and then accepted."""
        async with self._database.read() as session:
            held = await session.get(ScheduleCopy, "held")
        if held is None or not held.accepted or held.data is None:
            return
        data = zlib.decompress(held.data)
        schedule = await asyncio.to_thread(read, data, self._settings.schedule)
        await self._put_in_force(held.digest, schedule, data, unasked=False)

    async def accept(self, session: WriteSession) -> bool:
        """Let in what is held back; whether there is something."""
        held = await session.get(ScheduleCopy, "held")
        if held is None:
            return False
        held.accepted = True
        session.after_commit(self.look)
        return True

    async def _keep(
        self,
        session: WriteSession,
        standing: str,
        mark: str,
        note: str = "",
        data: bytes | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        await session.merge(
            ScheduleCopy(
                standing=standing,
                digest=mark,
                at=self._clock.now(),
                title=schedule.title if schedule else "",
                time_zone=schedule.time_zone if schedule else None,
                note=note,
                data=data,
                accepted=False,
            )
        )

    async def _tell(self, session: WriteSession, kind: str, mark: str, text: Text) -> None:
        await self._control_room.tell(session, self._key(kind, mark, ""), text)

    def _key(self, kind: str, mark: str, address: str) -> str:
        # With the time: the schedule may go back to what it was, and forth again.
        room = hashlib.sha256(address.encode()).hexdigest()[:12]
        return f"{kind}/{mark[:16]}/{self._clock.now():%Y%m%dT%H%M%S}/{room}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
