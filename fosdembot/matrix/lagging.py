"""Rooms that lag behind: what happened there could not be read when it was told of.

The others do not wait for such a room. It is read from the position at which it fell behind
(`Room.behind`), with a back-off of its own; until that is done, nothing newer takes effect in
it, so that its order is kept. What is read twice takes effect once (`seen_events`).

Where a part of its history is passed over, nobody knows how the room stands: who was given power,
or lost it, may be in that part. It is noted before that part is (`Room.state_lost_at`), and the
homeserver is asked until it says so, also after a restart.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from fosdembot.clock import Clock
from fosdembot.db.engine import Database
from fosdembot.db.tables import Room, SeenEvent, SyncPosition

from . import timeline
from .answers import Fault, SyncAnswer, read_sync
from .api import Api, HomeserverAway, Json, MatrixError
from .effects import Effects
from .items import Item, Look
from .removal import forget_removal
from .request_pool import RequestPool
from .timeline import Stretch
from .wake import Wake

AT_ONCE = 8
LONGEST_WAIT = 300.0
LAST_PART_WITHIN = 20.0
"""Seconds for what happened while the room was read: all others wait meanwhile."""
FORCED_AFTER = 5
"""Failures, after which an event that the homeserver fails to give is passed over."""
GIVEN_UP_AFTER = timedelta(hours=1)
"""A room that cannot be read at all then goes on with what is new: a talk is over by now, and
the next one must not find the bot deaf."""


class Lagging:
    """`applying` is held by whoever applies what `/sync` answered."""

    def __init__(
        self,
        api: Api,
        database: Database,
        clock: Clock,
        user_id: str,
        effects: Effects,
        applying: asyncio.Lock,
        wake: Wake,
        log: logging.Logger,
    ) -> None:
        self._api = api
        self._database = database
        self._clock = clock
        self._user_id = user_id
        self._effects = effects
        self._applying = applying
        self._log = log
        self._watch = database.watch(Room)
        self._none_as_of: int | None = None
        """Its version when there were none."""
        self.wake = wake
        self._requests = RequestPool(AT_ONCE, LONGEST_WAIT, self.wake.set, clock, log)
        self.troubles: dict[str, str] = {}
        """Room id → why it cannot be read."""
        self._since: dict[str, datetime] = {}
        """Room id → when that began."""

    async def step(self) -> float:
        """Start what is due. Returns the seconds until the next may be."""
        self._requests.check()
        version = self._watch.version
        if version == self._none_as_of and not self.troubles:
            return LONGEST_WAIT
        is_lagging = or_(Room.behind.is_not(None), Room.state_lost_at.is_not(None))
        lagging = select(Room).where(Room.membership == "join", is_lagging)
        async with self._database.read() as session:
            rooms = (await session.scalars(lagging.order_by(Room.room_id))).all()
        self._none_as_of = version if not rooms else None
        for gone in self.troubles.keys() - {room.room_id for room in rooms}:
            self._forget(gone)
        for room in sorted(rooms, key=lambda room: self._requests.failures(room.room_id)):
            if self._requests.may_start(room.room_id, room.room_id):
                self._requests.start(room.room_id, room.room_id, self._read(room))
        waits = (self._requests.wait(room.room_id) for room in rooms)
        return min((wait for wait in waits if wait > 0), default=LONGEST_WAIT)

    async def close(self) -> None:
        """End what is under way."""
        await self._requests.cancel()

    async def _read(self, room: Room) -> None:
        try:
            if room.behind is None:
                await self._ask_how_it_stands(room.room_id)
            else:
                await self._catch_up(room)
        except (HomeserverAway, MatrixError) as err:
            await self._put_off(room, err)
        else:
            self._forget(room.room_id)
            self._log.info("%s has caught up", room.room_id)

    def _forget(self, room: str) -> None:
        self._requests.forget(room)
        self.troubles.pop(room, None)
        self._since.pop(room, None)

    async def _put_off(self, room: Room, err: Exception) -> None:
        if isinstance(err, MatrixError) and err.status == 400 and room.behind:
            # The position is not known any more: the room is read back to what we have seen.
            await self._move(room.room_id, "")
        late = self._clock.now() - self._since.setdefault(room.room_id, self._clock.now())
        is_deaf = room.behind is not None
        if (
            is_deaf
            and late > GIVEN_UP_AFTER
            and self._requests.failures(room.room_id) >= FORCED_AFTER
        ):
            await self._give_up(room, err)
            return
        wait = self._requests.failed(room.room_id)
        if isinstance(err, MatrixError) and err.retry_after is not None:
            self._requests.rest(room.room_id, wait := max(wait, err.retry_after))
        self.troubles[room.room_id] = str(err)[:300]
        self._log.warning(
            "%s cannot be read (%s); next try in %.0f s", room.room_id, str(err)[:300], wait
        )

    async def _give_up(self, room: Room, err: Exception) -> None:
        self._log.error("What happened in %s cannot be read: %s", room.room_id, err)
        look = Look(room.behind or "", room.behind_at, lagging=True)
        fault = Fault("", f"what happened for a while cannot be read: {err}")
        await self._note_lost(room.room_id)
        async with self._applying:
            await self._effects.apply([Item(room.room_id, "fault", fault)], look)
            await self._try_to_look(room.room_id)
            await self._move(room.room_id, None)
        self._forget(room.room_id)

    async def _ask_how_it_stands(self, room: str) -> None:
        """What a room is now whose state was lost."""
        # All others wait for what follows, so it is asked first whether an answer comes at all.
        await self._state(room)
        async with self._applying:
            await self._look_where_it_stands(room)

    async def _try_to_look(self, room: str) -> None:
        """The same at once; if that fails, `step` sees to it."""
        try:
            await self._look_where_it_stands(room)
        except (HomeserverAway, MatrixError) as err:
            self._log.error("Who has power in %s may not be what I believe: %s", room, err)

    async def _look_where_it_stands(self, room: str) -> None:
        """Nothing newer may take effect between the answer and its effect."""
        answer = await self._state(room)
        states = [part.state for part in answer.joined if part.room == room]
        if not states:
            raise HomeserverAway("it does not know that I am in")
        look = Look(await self._position() or "", None, lagging=True)
        items = [Item(room, "state", event) for event in states[0]]
        await self._effects.apply([Item(room, "reset"), *items], look)
        async with self._database.write() as session:
            (await session.get_one(Room, room)).state_lost_at = None

    async def _state(self, room: str) -> SyncAnswer:
        asking = self._api.sync(None, timeline.sync_filter(False, rooms=[room]), 0)
        return read_sync(await timeline.in_time(self._clock, LAST_PART_WITHIN, asking))

    async def _is_lost(self, room: str) -> bool:
        async with self._database.read() as session:
            return (await session.get_one(Room, room)).state_lost_at is not None

    async def _note_lost(self, room: str) -> None:
        async with self._database.write() as session:
            (await session.get_one(Room, room)).state_lost_at = self._clock.now()

    async def _catch_up(self, room: Room) -> None:
        """Read and apply up to where all others are."""
        until = await self._position()
        if until is None:
            raise HomeserverAway("the position in /sync is being looked for")
        await self._read_until(room, until)
        # What came meanwhile is little; the others wait for it, so that it comes to an end.
        async with self._applying:
            now = await self._position()
            if now is not None and now != until:
                row = await self._move(room.room_id, until)
                await self._read_until(row, now, LAST_PART_WITHIN)
            elif now is None:
                raise HomeserverAway("the position in /sync was lost")
            if await self._is_lost(room.room_id):
                await self._try_to_look(room.room_id)
            await self._move(room.room_id, None)

    async def _read_until(self, room: Room, until: str, within: float | None = None) -> None:
        """In so many seconds, if they are given. No transaction is cut off: what it has committed
        would not be heard of."""
        look = Look(room.behind or until, room.behind_at, lagging=True)
        history = self._history(room, until)
        if within is not None:
            history = timeline.all_in_time(self._clock, within, history)
        async for stretch in history:
            if any(fault.name == "" for fault in stretch.faults):
                await self._note_lost(room.room_id)
            await self._effects.apply_all(self._items(room.room_id, stretch), look)

    async def _history(self, room: Room, until: str) -> AsyncIterator[Stretch]:
        forced = self._requests.failures(room.room_id) >= FORCED_AFTER
        if not room.behind:
            stretch = await timeline.backwards_to(
                self._api, room.room_id, until, room.entered or None, self._is_seen
            )
            holes = (timeline.hole(stretch.hole),) if stretch.hole is not None else ()
            yield replace(stretch, faults=stretch.faults + holes)
            return
        between = timeline.around(self._api, room.room_id, room.behind, until, forced)
        if room.entered != room.behind:
            async for stretch in between:
                yield stretch
            return
        # Perhaps we were not in it at that moment.
        stretches = [stretch async for stretch in between]
        for stretch in timeline.from_first_joining(stretches, self._user_id):
            yield stretch

    async def _items(self, room: str, stretch: Stretch) -> AsyncIterator[Item]:
        for item in items_of(room, stretch):
            yield item

    async def _is_seen(self, event: Json) -> bool:
        return await is_seen(self._database, self._user_id, event)

    async def _position(self) -> str | None:
        async with self._database.read() as session:
            position = await session.get(SyncPosition, self._user_id)
        return position.since if position is not None else None

    async def _move(self, room: str, position: str | None) -> Room:
        """The room has caught up to `position`; None: to all others."""
        async with self._database.write() as session:
            row = await session.get_one(Room, room)
            row.behind = position
            if position is None:
                forget_removal(row)
        return row


async def is_seen(database: Database, user_id: str, event: Json) -> bool:
    """Whether an event has taken effect already, or is that by which we came in."""
    if timeline.is_joining(event, user_id):
        return True
    async with database.read() as session:
        return await session.get(SeenEvent, event["event_id"]) is not None


def items_of(room: str, stretch: Stretch) -> Iterator[Item]:
    """What is to be applied of a part of a room's history."""
    yield from (Item(room, "state", event) for event in stretch.members)
    yield from (Item(room, "event", event) for event in stretch.events)
    yield from (Item(room, "fault", fault) for fault in stretch.faults)
