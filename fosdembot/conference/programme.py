"""The programme in force: published talks, and what moderators decided for them.

The only writer of talks and decisions. What is published changes rarely and is
kept in memory; decisions are read in the transaction that needs them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.changes import Changes, ScheduleChanged, TalksChanged
from fosdembot.clock import Clock
from fosdembot.conference.hosts_rooms import HostsRooms
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.prepared import Prepared
from fosdembot.db.tables import ScheduleCopy, TalkLog, TalkRow
from fosdembot.schedule.identity import Recognised, recognise
from fosdembot.schedule.model import Schedule, Talk
from fosdembot.settings import Settings
from fosdembot.talks.overruns import clashes
from fosdembot.talks.page_words import PageWords
from fosdembot.talks.room_address import address_of
from fosdembot.talks.slots import Override, StageSlot, build_slots, is_talk, place_of

from .published import index, replacement
from .talk_json import Json, override_from_json, override_to_json, talk_from_json
from .talk_rows import read_rows, write_rows

_TOGETHER = 10
"""Rooms that are looked at before others have their turn."""
# Made once: to make it takes longer than to execute it.
_OVERRIDES = Prepared(
    select(TalkRow.guid, TalkRow.override, TalkRow.vanished_at).where(
        TalkRow.guid.in_(bindparam("guids", expanding=True)),
        or_(TalkRow.override.is_not(None), TalkRow.vanished_at.is_not(None)),
    )
)
NO_SCHEDULE = Schedule(format="", title="", time_zone=None, entries=())


@dataclass(frozen=True, slots=True)
class RoomProgramme:
    """What takes place in one Matrix room, as it stands in one transaction."""

    address: str
    slots: tuple[StageSlot, ...]
    """Of this Matrix room."""
    neighbours: tuple[StageSlot, ...]
    """Of all places that this room's talks take place in; `slots` are among them."""
    overrides: Mapping[str, Override]
    vanished: frozenset[str]
    """Talks that are gone from the schedule; among the overrides they are cancelled."""


class Programme:
    """`named`: no talk takes place in a room that has a role (control room, hosts' rooms),
    whatever the schedule says."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        clock: Clock,
        changes: Changes,
        named: HostsRooms,
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._changes = changes
        self._published = index(NO_SCHEDULE, (), settings)
        self._named = named

    @property
    def title(self) -> str:
        return self._published.title

    @property
    def zone(self) -> tzinfo:
        """The zone in which people read the times."""
        return self._published.zone

    @property
    def talks(self) -> Mapping[str, Talk]:
        """All published talks by guid, with those that vanished."""
        return self._published.talks

    def names_until(self) -> datetime | None:
        """Until when somebody may need to know who asked, voted and so on; None where there are no
        talks."""
        talks = (talk for talk in self.talks.values() if is_talk(talk, self._settings))
        last = max((talk.end for talk in talks), default=None)
        days = timedelta(days=self._settings.questions.keep_names_days)
        return last + days if last is not None else None

    def names_before(self) -> datetime | None:
        """Who did something before this moment may be forgotten; None as long as the last talk is
        not long enough over."""
        until, now = self.names_until(), self._clock.now()
        days = timedelta(days=self._settings.questions.keep_names_days)
        return now - days if until is not None and until < now else None

    def address_for(self, talk: Talk) -> str | None:
        """The address of the Matrix room in which a talk takes place."""
        address = address_of(talk, self._settings)
        return None if address in self._named.roles else address

    @property
    def roles(self) -> frozenset[str]:
        """The addresses of rooms that have a role, in which no talk takes place."""
        return self._named.roles

    def address_by_guid(self, guid: str) -> str | None:
        """The same by the talk's guid; None also where there is no such talk."""
        talk = self.talks.get(guid)
        return self.address_for(talk) if talk is not None else None

    def addresses(self) -> list[str]:
        """All Matrix rooms, those with a talk soon (or on) first."""
        now = self._clock.now()

        def next_end(address: str) -> datetime:
            ends = [t.end for t in self._published.by_address[address] if t.end > now]
            return min(ends, default=datetime.max.replace(tzinfo=UTC))

        addresses = self._published.by_address.keys() - self._named.roles
        return sorted(addresses, key=lambda a: (next_end(a), a))

    def talks_at(self, address: str) -> tuple[Talk, ...]:
        if address in self._named.roles:
            return ()
        return self._published.by_address.get(address, ())

    @property
    def page_words(self) -> PageWords:
        """What stands for its rooms in the addresses of pages, also for those with a role."""
        return self._published.words

    def misled(self) -> dict[str, tuple[Talk, ...]]:
        """Address of a room with a role → the talks that the schedule leads there."""
        talks = self._published.by_address
        return {address: talks[address] for address in self._named.roles if address in talks}

    async def load(self) -> None:
        """Read what is in force from the database."""
        async with self._database.read() as session:
            await self._load(session)

    async def _load(self, session: AsyncSession) -> None:
        schedule, vanished = await self._in_force(session)
        self._published = await asyncio.to_thread(index, schedule, vanished, self._settings)

    async def schedule(self, session: AsyncSession) -> Schedule:
        """The schedule in force; an empty one before the first."""
        return (await self._in_force(session))[0]

    async def _in_force(self, session: AsyncSession) -> tuple[Schedule, Sequence[Talk]]:
        """The schedule in force, and the talks that vanished from it."""
        copy = await session.get(ScheduleCopy, "in_force")
        rows = await read_rows(session)
        here = [row.published for row in rows if row.vanished_at is None]
        gone = [row.published for row in rows if row.vanished_at is not None]
        # A thousand talks hold whoever makes them for a while.
        entries, vanished = await asyncio.to_thread(lambda: (_talks(here), _talks(gone)))
        if copy is None:
            return NO_SCHEDULE, vanished
        offset = copy.utc_offset
        schedule = Schedule(
            format="",
            title=copy.title,
            time_zone=copy.time_zone,
            entries=entries,
            utc_offset=timedelta(minutes=offset) if offset is not None else None,
        )
        return schedule, vanished

    async def recognise(self, session: AsyncSession, schedule: Schedule) -> Recognised:
        """`schedule`, whose talks have the guids by which they are known here, whatever they
        are published under now."""
        settings = self._settings
        tables = (settings.rooms.table, settings.jitsi.table)
        lasting = {*settings.speakers, *settings.prerecorded.talks}.union(*tables)
        known, gone = await self._in_force(session)
        return await asyncio.to_thread(recognise, known.entries, schedule, gone, lasting)

    async def room(self, session: AsyncSession, address: str) -> RoomProgramme:
        """The talks of one Matrix room, as this transaction sees them."""
        return (await self.rooms(session, [address]))[address]

    async def rooms(
        self, session: AsyncSession, addresses: Collection[str]
    ) -> dict[str, RoomProgramme]:
        """The same of several, by address, read together."""
        neighbours = {address: self._neighbours(address) for address in addresses}
        guids = {talk.guid for talks in neighbours.values() for talk in talks}
        overrides, vanished = await self._overrides(session, guids)
        found: dict[str, RoomProgramme] = {}
        for address, talks in neighbours.items():
            there = {talk.guid for talk in talks}
            decided = {guid: overrides[guid] for guid in overrides.keys() & there}
            if len(found) % _TOGETHER == _TOGETHER - 1:
                await asyncio.sleep(0)
            slots = build_slots(talks, decided, self._settings)
            here = {talk.guid for talk in self.talks_at(address)}
            own = tuple(slot for slot in slots if slot.talk.guid in here)
            found[address] = RoomProgramme(address, own, slots, decided, vanished & there)
        return found

    def _neighbours(self, address: str) -> list[Talk]:
        """The talks of all places in which those of a Matrix room take place."""
        places = {place_of(talk) for talk in self.talks_at(address)}
        return [talk for place in places for talk in self._published.by_place[place]]

    async def _overrides(
        self, session: AsyncSession, guids: Collection[str]
    ) -> tuple[dict[str, Override], frozenset[str]]:
        rows = await _OVERRIDES.find(session, {"guids": sorted(guids)})
        overrides, vanished = {}, set()
        for guid, decided, vanished_at in rows:
            override = override_from_json(decided)
            if vanished_at is not None:
                override = replace(override, cancelled=True)
                vanished.add(guid)
            overrides[guid] = override
        return overrides, frozenset(vanished)

    async def decide(
        self,
        session: WriteSession,
        room: str,
        actor: str,
        action: str,
        changes: Mapping[str, Override],
    ) -> None:
        """Put moderators' decisions in force, and in the log of the Matrix room `room`."""
        log = []
        for guid, after in changes.items():
            row = await session.get_one(TalkRow, guid)
            before, row.override = row.override, override_to_json(after)
            log.append({"guid": guid, "before": before, "after": row.override})
        session.add(
            TalkLog(
                at=self._clock.now(),
                room_id=room,
                actor=actor,
                action=action,
                changes=log,
                undone=False,
            )
        )
        await session.flush()
        self._changed(session, changes)

    async def last_decision(
        self, session: AsyncSession, room: str, actor: str | None = None
    ) -> TalkLog | None:
        """The newest for `room` that still stands; by whom, where that is given."""
        standing = select(TalkLog).where(TalkLog.room_id == room, TalkLog.undone.is_(False))
        if actor is not None:
            standing = standing.where(TalkLog.actor == actor)
        entry: TalkLog | None = await session.scalar(standing.order_by(TalkLog.id.desc()).limit(1))
        return entry

    async def is_untouched(self, session: AsyncSession, entry: TalkLog) -> bool:
        """Whether each talk that a decision changed is as it made it."""
        for change in entry.changes:
            row = await session.get_one(TalkRow, change["guid"])
            if row.override != change["after"]:
                return False
        return True

    async def would_clash(self, session: AsyncSession, room: str, entry: TalkLog) -> bool:
        """Whether without a decision for `room` talks would be on at once in one place, because of
        what was decided since."""
        here = await self.room(session, room)
        undone = {
            each["guid"]: override_from_json(each["before"])
            for each in entry.changes
            if each["guid"] not in here.vanished
        }
        talks = [slot.talk for slot in here.neighbours]
        slots = build_slots(talks, {**here.overrides, **undone}, self._settings)
        return bool(clashes(slots) - clashes(here.neighbours))

    async def undo(
        self, session: WriteSession, room: str, entry: TalkLog | None = None
    ) -> TalkLog | None:
        """Take back this decision for `room`, else the last that still stands; None if there is
        none.

        Of the talks that it changed, those stay as they are that another room's
        moderators or a new schedule have changed since.
        """
        entry = entry or await self.last_decision(session, room)
        if entry is None:
            return None
        for change in entry.changes:
            row = await session.get_one(TalkRow, change["guid"])
            if row.override == change["after"]:
                row.override = change["before"]
        entry.undone = True
        await session.flush()
        self._changed(session, [change["guid"] for change in entry.changes])
        return entry

    def _changed(self, session: WriteSession, guids: Iterable[str]) -> None:
        places = {place_of(self._published.talks[guid]) for guid in guids}
        talks = [talk for place in places for talk in self._published.by_place[place]]
        addresses = map(self.address_for, talks)
        here = frozenset(address for address in addresses if address is not None)
        self._changes.publish(session, TalksChanged(here))

    async def replace(self, session: WriteSession, schedule: Schedule) -> None:
        """Put a schedule in force that `recognise` has made. A talk that is not in it any more
        counts as cancelled; what moderators decided for one that is retimed, see
        `delays.republished`."""
        now, rows = self._clock.now(), await read_rows(session)
        made = await asyncio.to_thread(replacement, schedule, rows, self._settings, now)
        await write_rows(session, made.new, made.changed)

        def put_in_force() -> None:
            self._published = made.published

        session.after_commit(put_in_force)
        if self._published.followed != made.published.followed:
            self._changes.publish(session, ScheduleChanged())


def _talks(rows: Iterable[Json]) -> tuple[Talk, ...]:
    return tuple(map(talk_from_json, rows))
