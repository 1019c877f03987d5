"""The programme in force: published talks, and what moderators decided for them.

The only writer of talks and decisions. What is published changes rarely and is
kept in memory; decisions are read in the transaction that needs them.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.changes import Changes, ScheduleChanged, TalksChanged
from fosdembot.clock import Clock
from fosdembot.conference.hosts_rooms import HostsRooms
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.tables import ScheduleCopy, TalkLog, TalkRow
from fosdembot.schedule.identity import Recognised, recognise
from fosdembot.schedule.model import Schedule, Talk
from fosdembot.settings import Settings
from fosdembot.talks.delays import republished
from fosdembot.talks.room_address import address_of
from fosdembot.talks.slots import Override, StageSlot, build_slots, is_talk, place_of

from .rows import override_from_json, override_to_json, talk_from_json, talk_to_json

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


@dataclass(frozen=True, slots=True)
class _Published:
    """The published talks, by what they are looked up by. Replaced whole."""

    talks: Mapping[str, Talk]
    by_address: Mapping[str, tuple[Talk, ...]]
    by_place: Mapping[str, tuple[Talk, ...]]
    title: str
    zone: tzinfo
    followed: Hashable
    """Of what rooms are told: as long as it is the same, there is nothing to plan anew."""


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
        self._published = _index(NO_SCHEDULE, (), settings)
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

    def names_before(self) -> datetime | None:
        """Until when nobody needs to know any more who asked, voted and so on; None as long
        as the last talk is not long enough over."""
        talks = (talk for talk in self.talks.values() if is_talk(talk, self._settings))
        last = max((talk.end for talk in talks), default=None)
        before = self._clock.now() - timedelta(days=self._settings.questions.keep_names_days)
        return before if last is not None and last < before else None

    def address_for(self, talk: Talk) -> str | None:
        """The address of the Matrix room in which a talk takes place."""
        address = address_of(talk, self._settings)
        return None if address in self._named.roles else address

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

    def misled(self) -> dict[str, tuple[Talk, ...]]:
        """Address of a room with a role → the talks that the schedule leads there."""
        talks = self._published.by_address
        return {address: talks[address] for address in self._named.roles if address in talks}

    async def load(self) -> None:
        """Read what is in force from the database."""
        async with self._database.read() as session:
            await self._load(session)

    async def _load(self, session: AsyncSession) -> None:
        schedule = await self.schedule(session)
        vanished = await self._vanished(session)
        self._published = _index(schedule, vanished, self._settings)

    async def schedule(self, session: AsyncSession) -> Schedule:
        """The schedule in force; an empty one before the first."""
        copy = await session.get(ScheduleCopy, "in_force")
        if copy is None:
            return NO_SCHEDULE
        rows = await session.scalars(select(TalkRow).where(TalkRow.vanished_at.is_(None)))
        offset = copy.utc_offset
        return Schedule(
            format="",
            title=copy.title,
            time_zone=copy.time_zone,
            entries=tuple(talk_from_json(row.published) for row in rows),
            utc_offset=timedelta(minutes=offset) if offset is not None else None,
        )

    async def _vanished(self, session: AsyncSession) -> list[Talk]:
        rows = await session.scalars(select(TalkRow).where(TalkRow.vanished_at.is_not(None)))
        return [talk_from_json(row.published) for row in rows]

    async def recognise(self, session: AsyncSession, schedule: Schedule) -> Recognised:
        """`schedule`, whose talks have the guids by which they are known here, whatever they
        are published under now."""
        settings = self._settings
        lasting = {*settings.speakers, *settings.rooms.table, *settings.prerecorded.talks}
        known, gone = await self.schedule(session), await self._vanished(session)
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
        found = {}
        for address, talks in neighbours.items():
            there = {talk.guid for talk in talks}
            decided = {guid: overrides[guid] for guid in overrides.keys() & there}
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
        rows = await session.scalars(
            select(TalkRow).where(
                TalkRow.guid.in_(guids),
                or_(TalkRow.override.is_not(None), TalkRow.vanished_at.is_not(None)),
            )
        )
        overrides, vanished = {}, set()
        for row in rows:
            override = override_from_json(row.override)
            if row.vanished_at is not None:
                override = replace(override, cancelled=True)
                vanished.add(row.guid)
            overrides[row.guid] = override
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

    async def last_decision(self, session: AsyncSession, room: str) -> TalkLog | None:
        """The newest for `room` that still stands."""
        entry: TalkLog | None = await session.scalar(
            select(TalkLog)
            .where(TalkLog.room_id == room, TalkLog.undone.is_(False))
            .order_by(TalkLog.id.desc())
            .limit(1)
        )
        return entry

    async def undo(self, session: WriteSession, room: str) -> TalkLog | None:
        """Take back the last decision for `room` that still stands; None if there is none.

        Of the talks that it changed, those stay as they are that another room's
        moderators or a new schedule have changed since.
        """
        entry = await self.last_decision(session, room)
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
        now = self._clock.now()
        rows = {row.guid: row for row in await session.scalars(select(TalkRow))}
        retimed: set[str] = set()
        for talk in schedule.entries:
            published = talk_to_json(talk)
            row = rows.get(talk.guid)
            if row is None:
                session.add(TalkRow(guid=talk.guid, published=published))
                continue
            row.vanished_at = None
            if row.published != published:
                if row.published["start"] != published["start"]:
                    retimed.add(talk.guid)
                row.published = published
        self._settle(schedule, rows, retimed)
        here, vanished = {talk.guid for talk in schedule.entries}, []
        for guid, row in rows.items():
            if guid not in here:
                row.vanished_at = row.vanished_at or now
                vanished.append(talk_from_json(row.published))
        await session.flush()
        published_now = _index(schedule, vanished, self._settings)

        def put_in_force() -> None:
            self._published = published_now

        session.after_commit(put_in_force)
        if self._published.followed != published_now.followed:
            self._changes.publish(session, ScheduleChanged())

    def _settle(
        self, schedule: Schedule, rows: Mapping[str, TalkRow], retimed: Collection[str]
    ) -> None:
        overrides = {
            guid: override_from_json(row.override) for guid, row in rows.items() if row.override
        }
        if not overrides:
            return
        slots = build_slots(schedule.entries, overrides, self._settings)
        changes = republished(slots, overrides, retimed, self._clock.now())
        for guid, override in changes.items():
            rows[guid].override = override_to_json(override)


def _index(schedule: Schedule, vanished: Iterable[Talk], settings: Settings) -> _Published:
    names = {name for talk in schedule.entries for name in talk.called}
    gone = [_without(names, talk) for talk in vanished]
    talks = {talk.guid: talk for talk in (*schedule.entries, *gone)}
    by_address: defaultdict[str, list[Talk]] = defaultdict(list)
    by_place: defaultdict[str, list[Talk]] = defaultdict(list)
    for talk in talks.values():
        by_place[place_of(talk)].append(talk)
        if (address := address_of(talk, settings)) is not None:
            by_address[address].append(talk)
    return _Published(
        talks,
        {address: tuple(found) for address, found in by_address.items()},
        {place: tuple(found) for place, found in by_place.items()},
        schedule.title,
        schedule.tz,
        _followed(schedule, talks.values(), settings),
    )


def _without(names: set[str], talk: Talk) -> Talk:
    """A talk that vanished, without the names that others have now."""
    if names.isdisjoint(talk.called):
        return talk
    return replace(talk, names=tuple(name for name in talk.called if name not in names))


def _followed(schedule: Schedule, talks: Iterable[Talk], settings: Settings) -> Hashable:
    """What rooms are told by: all but what a talk is called by, and the address of its page."""
    here = {talk.guid for talk in schedule.entries}
    slots = {slot.talk.guid: slot.qa_start for slot in build_slots(talks, {}, settings)}
    return (schedule.title, str(schedule.tz)), frozenset(
        (
            replace(talk, id="", names=None, slug="", url=""),
            address_of(talk, settings),
            slots.get(talk.guid),
            talk.guid in here,
        )
        for talk in talks
    )
