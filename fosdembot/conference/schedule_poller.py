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
from fosdembot.conference import schedule_warnings as warnings
from fosdembot.conference.addresses import one_name_each
from fosdembot.conference.control_room import ControlRoom
from fosdembot.conference.programme import Programme
from fosdembot.conference.talk_json import override_from_json
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.tables import ScheduleCopy, TalkRow
from fosdembot.matrix.content import notice
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.room_addresses import room_of
from fosdembot.matrix.wake import Wake
from fosdembot.schedule.diff import diff
from fosdembot.schedule.fetch import Fetched, Version, fetch
from fosdembot.schedule.identity import Recognised
from fosdembot.schedule.model import Schedule, ScheduleError, Talk
from fosdembot.schedule.read import RULES, read
from fosdembot.settings import Settings
from fosdembot.talks.changes import (
    digest,
    held_back,
    ids_changed,
    many_ids_changed,
    rehoused,
    room_messages,
)
from fosdembot.talks.slots import Override, is_talk
from fosdembot.texts import changes as change_texts
from fosdembot.texts import commands as texts
from fosdembot.texts import warnings as news
from fosdembot.texts.render import Text, lines, say, sentences
from fosdembot.texts.words import count, duration

TRIES_UNTIL_TOLD = 3
"""A server that is away for one poll is nobody's business."""
_AWAY = "schedule-away"


class SchedulePoller:
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
        self.wake = Wake()
        self._version: Version | None = None
        self._failures = 0
        self._reached = False
        """Whether the schedule could be fetched at the last look."""
        self._asked = False
        """Whether an organiser waits to hear what came of looking."""
        self.trouble: str | None = None
        """Why the schedule cannot be fetched at the moment."""

    def reload(self) -> None:
        """Look now; the control room is told what came of it, also if that is nothing."""
        self._asked = True
        self._version = None
        self.wake.set()

    async def step(self) -> float:
        """Look once; returns the seconds until the next poll."""
        await self._look()
        return self._interval()

    async def _look(self) -> None:
        await self._take_accepted()
        if self._settings.schedule.source:
            await self._poll()
        if self._asked:
            await self._tell_nothing_new()

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
        self._failures, self.trouble, self._reached = 0, None, True
        if fetched.data is not None:
            await self._consider(fetched, fetched.data)
        await self._is_fetched()
        self._version = fetched.version

    async def _not_fetched(self, why: str) -> None:
        failures = self._failures + 1
        self._reached = False
        self.trouble = why
        self._log.warning("The schedule cannot be fetched: %s", why)
        # At the first start somebody sits and waits.
        first = not self._programme.talks
        if self._asked or failures == (1 if first else TRIES_UNTIL_TOLD):
            text = texts.FIRST_SCHEDULE_AWAY if first else texts.SCHEDULE_AWAY
            async with self._database.write() as session:
                await self._control_room.note_trouble(session, _AWAY)
                await self._tell(session, _AWAY, "", say(text, why=_sentence(why)))
        # Not before it is told: the database may be away, too.
        self._failures = failures

    async def _is_fetched(self) -> None:
        """Say that it can be fetched again, unless that was said with what came of it."""
        async with self._database.read() as session:
            if not await self._control_room.has_trouble(session, _AWAY):
                return
        async with self._database.write() as session:
            await self._tell(session, "schedule-back", "")

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
        """The settings decide how it is read, and our rules: after a change of these it is
        read again."""
        zone = self._settings.schedule.zone, self._settings.schedule.zone_overrides
        return hashlib.sha256(f"{content_digest} {zone} {RULES}".encode()).hexdigest()

    async def _forget_others(self) -> None:
        others = ScheduleCopy.standing != "in_force"
        async with self._database.write() as session:
            if await session.scalar(select(ScheduleCopy.standing).where(others).limit(1)):
                await session.execute(delete(ScheduleCopy).where(others))
                await self._tell(session, "schedule-usable", "", say(news.USABLE_AGAIN))

    async def _refuse(self, mark: str, why: str) -> None:
        async with self._database.write() as session:
            refused = await session.get(ScheduleCopy, "refused")
            known = refused is not None and refused.note == why[:500]
            await self._keep(session, "refused", mark, note=why[:500])
            if self._asked or not known:
                await self._tell(session, "schedule-refused", mark, self._refusal(why))
        self._log.error("The schedule cannot be read: %s", why)

    def _refusal(self, why: str) -> Text:
        every = duration(timedelta(minutes=self._settings.schedule.poll_minutes))
        first = not self._programme.talks
        template = texts.FIRST_SCHEDULE_REFUSED if first else texts.SCHEDULE_REFUSED
        return say(template, why=_sentence(why), minutes=every)

    async def _put_in_force(
        self, mark: str, schedule: Schedule, data: bytes, unasked: bool
    ) -> None:
        async with self._database.write() as session:
            old, overrides = await self._current(session)
            recognised = await self._programme.recognise(session, schedule)
            schedule = recognised.schedule
            why = await asyncio.to_thread(held_back, old, schedule) if unasked else None
            if why is not None:
                if await self._hold(session, mark, why, data):
                    return
                unasked = False
            await self._programme.replace(session, schedule)
            copies = {copy.standing: copy for copy in await session.scalars(select(ScheduleCopy))}
            before = copies.pop("in_force", None)
            # Whatever was held back or refused is older.
            await session.execute(delete(ScheduleCopy))
            note = warnings.to_note(schedule)
            await self._keep(session, "in_force", mark, note=note, schedule=schedule)
            said = [say(news.USABLE_AGAIN)] if copies and unasked else []
            said += await self._announce(session, mark, old, schedule, overrides)
            said += warnings.news(schedule, before.note if before else "")
            if said:
                await self._tell(session, "schedule-changed", mark, *said)
            await self._tell_new_ids(session, recognised)

    async def _hold(self, session: WriteSession, mark: str, why: str, data: bytes) -> bool:
        """Keep it for an organiser to let it in, unless one just has. They are told once for
        the same reason: some sources put something new into the file at each look."""
        held = await session.get(ScheduleCopy, "held")
        known = held is not None and held.note == why
        if held is not None and known and held.accepted:
            return False
        await self._keep(session, "held", mark, note=why, data=zlib.compress(data))
        if self._asked or not known:
            text = say(texts.SCHEDULE_HELD, why=why, p=self._settings.command_prefix)
            await self._tell(session, "schedule-held", mark, text)
        return True

    async def _tell_new_ids(self, session: WriteSession, recognised: Recognised) -> None:
        """Once: from some sources they are new at each look."""
        ids = ids_changed(recognised)
        if ids is not None:
            self._log.info("Schedule: %s", ids.plain)
            if many_ids_changed(recognised):
                await self._control_room.tell(
                    session, "schedule-ids", say(change_texts.NEW_IDS, ids=ids)
                )

    async def _current(self, session: AsyncSession) -> tuple[Schedule, Mapping[str, Override]]:
        """What is in force, and what moderators decided."""
        rows = await session.scalars(select(TalkRow).where(TalkRow.override.is_not(None)))
        overrides = {row.guid: override_from_json(row.override) for row in rows}
        return await self._programme.schedule(session), overrides

    async def _announce(
        self,
        session: WriteSession,
        mark: str,
        old: Schedule,
        new: Schedule,
        overrides: Mapping[str, Override],
    ) -> list[Text]:
        """Tell each room what concerns it; returns what the organisers are told."""
        if not old.entries:
            return [self._first(new)]
        changes = await asyncio.to_thread(diff, old, new)
        room_of, now = self._programme.address_for, self._clock.now()
        names = await one_name_each(session)

        def where(talk: Talk) -> str | None:
            address = room_of(talk)
            return names.get(address, address) if address is not None else None

        moved, there = await asyncio.to_thread(
            lambda: (rehoused(old, new, room_of), rehoused(old, new, where))
        )
        messages = await asyncio.to_thread(
            room_messages, changes, where, overrides, now, new.tz, self._settings, there
        )
        rooms = await self._tell_rooms(session, mark, messages)
        text = await asyncio.to_thread(digest, changes, rooms, now, new.tz, moved, room_of)
        return [text] if text is not None else []

    async def _tell_rooms(
        self, session: WriteSession, mark: str, messages: Mapping[str, Text]
    ) -> int:
        told = 0
        for address, text in messages.items():
            # On SQLite nothing here waits, and others wait for their turn.
            await asyncio.sleep(0)
            room = await room_of(session, address)
            if room is not None:
                key = self._key("change", mark, address)
                await self._outbox.message(session, key, room, notice(text), Urgency.CHANGE)
                told += 1
        return told

    def _first(self, schedule: Schedule) -> Text:
        talks = [talk for talk in schedule.entries if is_talk(talk, self._settings)]
        addresses = [self._programme.address_for(talk) for talk in talks]
        said = [
            say(
                texts.FIRST_SCHEDULE,
                title=schedule.title,
                talks=count(len(talks), "talk"),
                rooms=count(len(set(addresses) - {None}), "room"),
            )
        ]
        if without := addresses.count(None):
            said.append(say(texts.WITHOUT_ROOM, talks=count(without, "talk")))
        return sentences(said)

    async def _tell_nothing_new(self) -> None:
        """Answer who asked: what stands in the way of a newer schedule, if anything."""
        async with self._database.write() as session:
            copies = {copy.standing: copy for copy in await session.scalars(select(ScheduleCopy))}
            if (held := copies.get("held")) is not None:
                said = [say(texts.SCHEDULE_HELD, why=held.note, p=self._settings.command_prefix)]
            elif (refused := copies.get("refused")) is not None:
                said = [self._refusal(refused.note)]
            elif self._settings.schedule.source:
                current = copies.get("in_force")
                odd = warnings.all_of(current.note if current else "")
                said = [say(texts.SCHEDULE_UNCHANGED), *odd]
            else:
                said = [say(texts.NO_SOURCE)]
            await self._tell(session, "schedule-asked", "", *said)

    async def _take_accepted(self) -> None:
        """Put in force what was held back and then accepted."""
        async with self._database.read() as session:
            held = await session.get(ScheduleCopy, "held")
        if held is None or not held.accepted or held.data is None:
            return
        data = zlib.decompress(held.data)
        try:
            schedule = await asyncio.to_thread(read, data, self._settings.schedule)
        except ScheduleError as err:
            # The settings are not what they were when it was held back.
            async with self._database.write() as session:
                await session.execute(delete(ScheduleCopy).where(ScheduleCopy.standing == "held"))
            await self._refuse(held.digest, str(err))
            return
        await self._put_in_force(held.digest, schedule, data, unasked=False)

    async def accept(self, session: WriteSession) -> bool:
        """Let in what is held back; whether there is something."""
        held = await session.get(ScheduleCopy, "held")
        if held is None:
            return False
        held.accepted = True
        session.after_commit(self.wake.set)
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
                utc_offset=_minutes(schedule.utc_offset) if schedule else None,
                note=note,
                data=data,
                accepted=False,
            )
        )

    async def _tell(self, session: WriteSession, kind: str, mark: str, *said: Text) -> None:
        if self._reached and await self._control_room.is_over(session, _AWAY):
            said = (say(news.FETCHED_AGAIN), *said)
        await self._control_room.tell(session, self._key(kind, mark, ""), lines(said))
        session.after_commit(self._answered)

    def _answered(self) -> None:
        self._asked = False

    def _key(self, kind: str, mark: str, address: str) -> str:
        # With the time: the schedule may go back to what it was, and forth again.
        room = hashlib.sha256(address.encode()).hexdigest()[:12]
        return f"{kind}/{mark[:16]}/{self._clock.now():%Y%m%dT%H%M%S}/{room}"


def _minutes(offset: timedelta | None) -> int | None:
    return None if offset is None else round(offset / timedelta(minutes=1))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
