"""The inbox: every room event takes effect exactly once, in the room's order.

Its own `/sync` loop: the effects of a batch of events, the marks that they were
seen and the new position are one transaction (`effects.py`). A batch that is cut
short by a crash is read again, and what was seen is passed over.

An answer that cannot be read does not stop it: it asks for less at a time, at last for
each room by itself (`lagging.py`). A room whose history cannot be read is that room's trouble.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Collection, Iterator, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, delete, select

from fosdembot.changes import Changes
from fosdembot.clock import Clock
from fosdembot.db.engine import Database
from fosdembot.db.errors import is_transient
from fosdembot.db.tables import Room, SeenEvent, SyncPosition

from . import timeline
from .answers import Part, SyncAnswer, read_sync
from .api import Api, HomeserverAway, Json, MatrixError, Unreadable
from .backoff import Backoff
from .effects import Effects
from .items import Handler, Item, Look, PositionLost
from .lagging import Lagging, is_seen, items_of
from .removal import is_read_back
from .wake import Wake

EVENTS_AT_ONCE = (100, 10, 1)
"""Of each room, in one answer: fewer after each that did not come or could not be read."""
_FILTERS = [timeline.sync_filter(True, events) for events in EVENTS_AT_ONCE]
"""Made once: there is a request for each thing that happens."""
HOPELESS = 3
"""Rooms in one answer whose history cannot be read, after which the other gaps are left to
`lagging.py` as well: each may cost half a minute, in which nothing else comes in."""
READ_WITHIN = 30.0
"""Seconds for the history of a room, in which nothing else comes in. What takes longer is left to
`lagging.py`."""
ALL_READ_WITHIN = 120.0
"""Seconds for the histories of all rooms in one answer; those of the others are left to
`lagging.py`, which reads several at a time."""

_SEEN = select(SeenEvent.event_id)

T = TypeVar("T")
Known = Mapping[str, str]
"""The rooms that we are in, as far as we know, and from where on we are."""


class Inbox:
    def __init__(
        self,
        api: Api,
        database: Database,
        clock: Clock,
        user_id: str,
        handler: Handler,
        changes: Changes,
        log: logging.Logger,
    ) -> None:
        self._api = api
        self._database = database
        self._clock = clock
        self._user_id = user_id
        self._log = log
        self._applying = asyncio.Lock()
        behind = Wake()
        self._effects = Effects(database, clock, user_id, handler, changes, behind, log)
        self.lagging = Lagging(
            api, database, clock, user_id, self._effects, self._applying, behind, log
        )
        """The rooms that are read by themselves."""
        self._backoff = Backoff()
        self._look: Look | None = None
        """As it stands in the database; None: that is to be read there."""
        self._failures = 0
        """Answers in a row that did not come, or could not be read."""
        self.caught_up = asyncio.Event()
        """Set once all that happened while we were away has taken effect."""
        self.trouble: str | None = None
        """Why nothing comes in at the moment."""

    async def step(self) -> float:
        """Wait for an answer of `/sync` and let it take effect. Returns the seconds until the
        next may be asked for."""
        try:
            await self._follow()
        except Exception as err:
            self.trouble = f"{type(err).__name__}: {err}"
            wait = self._backoff.next()
            known = isinstance(err, HomeserverAway | MatrixError | PositionLost)
            known = known or is_transient(err)
            self._log.warning(
                "Nothing comes in (%s); next try in %.0f s",
                self.trouble[:300],
                wait,
                exc_info=not known,
            )
            return wait
        self.trouble = None
        self._backoff.reset()
        return 0.0

    async def _follow(self) -> None:
        look = self._look or await self._stored()
        if look is None:
            await self._begin()
            return
        answer = await self._ask(look.since)
        if answer is None:
            return
        self._look = None
        async with self._applying:
            items = self._items(answer, look)
            await self._effects.apply_all(items, look, answer.next_batch)
        if answer.next_batch is None:
            # All took effect; from where on to ask, it does not say.
            raise Unreadable("a /sync answer without next_batch")
        self._look = Look(answer.next_batch, self._clock.now())
        self._failures = 0
        self.caught_up.set()

    async def _ask(self, since: str) -> SyncAnswer | None:
        """What happened after `since`; None where that is to be found out otherwise."""
        level = min(self._failures, len(EVENTS_AT_ONCE) - 1)
        wait = 30.0 if self.caught_up.is_set() and not level else 0.0
        try:
            return read_sync(await self._api.sync(since, _FILTERS[level], wait))
        except MatrixError as err:
            if err.status != 400:
                raise
            # The homeserver does not know this position (any more).
            self._log.warning("The position in /sync was refused (%s); finding it again", err)
            await self._forget_position()
        except HomeserverAway as err:
            self._failures += 1
            if self._failures >= len(EVENTS_AT_ONCE):
                await self._room_by_room(since)
            elif not isinstance(err, Unreadable):
                raise
            else:
                self._log.warning("An answer of /sync cannot be read (%s): asking for less", err)
        return None

    async def _stored(self) -> Look | None:
        async with self._database.read() as session:
            position = await session.get(SyncPosition, self._user_id)
        return Look(position.since, position.at) if position is not None else None

    async def _forget_position(self) -> None:
        self._look = None
        async with self._database.write() as session:
            await session.execute(delete(SyncPosition).where(SyncPosition.user_id == self._user_id))

    async def _begin(self) -> None:
        """Take the first position. Rooms that we know already are read from what we
        last saw in them; in others, nothing from before this moment is obeyed."""
        try:
            first = await self._api.sync(None, timeline.sync_filter(False), 0)
            # In a thread: of hundreds of rooms it would hold the loop.
            answer = await asyncio.to_thread(read_sync, first)
        except Unreadable:
            await self._room_by_room(None)
            return
        if answer.next_batch is None:
            raise Unreadable("a /sync answer without next_batch")
        look = Look(answer.next_batch, None, stored=False)
        async with self._applying:
            known = await self._entered()
            await self._effects.apply_all(self._missed(answer, known, look), look)
            # At once: a room that is half known would be read back to its beginning.
            await self._effects.apply(list(_standing(answer, known)), look, look.since)

    async def _entered(self, *which: ColumnElement[bool]) -> dict[str, str]:
        """Those of the rooms that we are in, as far as we know, and from where on we are."""
        entered = select(Room.room_id, Room.entered).where(Room.membership == "join", *which)
        async with self._database.read() as session:
            return {row.room_id: row.entered for row in await session.execute(entered)}

    async def _missed(self, answer: SyncAnswer, known: Known, look: Look) -> AsyncIterator[Item]:
        lagging = await self._entered(Room.behind.is_not(None))
        failures = 0
        for part in answer.joined:
            room = part.room
            if room not in known:
                continue
            if room in lagging or failures >= HOPELESS:
                yield Item(room, "behind", "")
                continue
            try:
                reading = timeline.backwards_to(
                    self._api, room, look.since, known[room] or None, self._is_seen
                )
                missed = timeline.whole(await self._in_time(reading))
            except (HomeserverAway, MatrixError) as err:
                failures += 1
                self._log.warning("%s cannot be read, and is left behind: %s", room, err)
                yield Item(room, "behind", "")
                continue
            for item in items_of(room, missed):
                yield item

    async def _in_time(self, reading: Awaitable[T]) -> T:
        return await timeline.in_time(self._clock, READ_WITHIN, reading)

    async def _is_known(self, event: Json) -> bool:
        """Whether it took effect during an earlier stay."""
        async with self._database.read() as session:
            return await session.get(SeenEvent, event["event_id"]) is not None

    async def _is_seen(self, event: Json) -> bool:
        return await is_seen(self._database, self._user_id, event)

    async def _room_by_room(self, since: str | None) -> None:
        """Go on from now on, and leave what happened in each room to `lagging.py`.

        Raises `HomeserverAway` if it is not the size or the content of the answer that is to
        blame: then not even the position comes.
        """
        nothing = read_sync(await self._api.sync(since, timeline.POSITION_ONLY, 0))
        if nothing.next_batch is None:
            raise Unreadable("a /sync answer without next_batch")
        self._log.warning("What happened is read room by room: a /sync answer cannot be had")
        joined = await self._api.joined_rooms()
        async with self._applying:
            known = await self._entered()
            new = [room for room in joined if room not in known]
            answers = await self._standing_of(new)
            stored = await self._stored()
            look = Look(
                since or nothing.next_batch,
                stored.after if stored else None,
                stored=stored is not None,
            )
            items = [item for answer in answers for item in _standing(answer, ())]
            items += [Item(room, "join") for room in new]
            items += [Item(room, "leave") for room in known.keys() - set(joined)]
            behind = joined if since is not None else [room for room in joined if room in known]
            items += [Item(room, "behind", since or "") for room in behind]
            self._look = None
            await self._effects.apply(items, look, nothing.next_batch)
        self._failures = 0
        self.lagging.wake.set()

    async def _standing_of(self, rooms: Sequence[str]) -> list[SyncAnswer]:
        """Where these rooms stand, and all invitations, as far as that can be read."""
        for parts in ([rooms or ["!none:none"]], [[room] for room in rooms]):
            answers: list[SyncAnswer] = []
            failed = False
            for part in parts:
                try:
                    filter_ = timeline.sync_filter(False, rooms=part)
                    answers.append(read_sync(await self._api.sync(None, filter_, 0)))
                except HomeserverAway as err:
                    failed = True
                    self._log.warning("Where %s stand is not known: %s", part[:5], err)
            if not failed:
                break
        return answers

    async def _items(self, answer: SyncAnswer, look: Look) -> AsyncIterator[Item]:
        # Not of all rooms: an answer with one vote must not cost more where there are many.
        named = [part.room for part in (*answer.joined, *answer.left)]
        rooms = await self._effects.rooms.load(named)
        entered = {id_: room.entered for id_, room in rooms.items() if room.membership == "join"}
        lagging = {id_ for id_ in entered if rooms[id_].behind is not None}
        now = self._clock.now()
        returning = {
            id_ for id_, room in rooms.items() if id_ not in entered and is_read_back(room, now)
        }
        failures: list[str] = []
        until = self._clock.monotonic() + ALL_READ_WITHIN
        for part in answer.joined:
            if part.room in lagging:
                continue
            if part.room in returning:
                # All that happened is read from our removal on (`lagging.py`), in order.
                for item in self._anew(part):
                    yield item
                yield Item(part.room, "join")
                continue
            known_from = entered.get(part.room)
            if part.limited or part.faults or known_from in (None, look.since):
                async for item in self._news(part, look.since, known_from, failures, until):
                    yield item
            else:
                # Nearly all: an answer may name hundreds of rooms.
                for item in self._told(part):
                    yield item
            yield Item(part.room, "join")
        for part in answer.left:
            known_from = entered.get(part.room) if part.room not in lagging else None
            async for item in self._last_of(part, look.since, known_from, failures, until):
                yield item
            yield Item(part.room, "leave")
        for invitation in answer.invited:
            yield Item(invitation.room, "invite", invitation.state)

    async def _last_of(
        self, part: Part, since: str, entered: str | None, failures: list[str], until: float
    ) -> AsyncIterator[Item]:
        """What happened in a room that we have left, before that."""
        if entered is not None:
            async for item in self._news(part, since, entered, failures, until):
                yield item
            return
        for event in part.events:
            if timeline.is_own_membership(event, self._user_id):
                yield Item(part.room, "event", event)

    async def _news(
        self, part: Part, since: str, entered: str | None, failures: list[str], until: float
    ) -> AsyncIterator[Item]:
        """What happened in a room since the token `since`, at most from our joining on; a room
        whose history cannot be read falls behind, and is put to the `failures`. So does one whose
        turn comes only after `until` (by `Clock.monotonic`)."""
        if entered is None:
            for item in self._anew(part):
                yield item
        try:
            late = self._clock.monotonic() > until
            if part.limited and (late or len(failures) >= HOPELESS):
                raise HomeserverAway("as those of others")
            async for item in self._whole(part, since, entered):
                yield item
        except (HomeserverAway, MatrixError) as err:
            failures.append(part.room)
            self._log.warning("The history of %s cannot be read now: %s", part.room, err)
            yield Item(part.room, "behind", since)
            return
        for fault in part.faults:
            yield Item(part.room, "fault", fault)

    def _anew(self, part: Part) -> Iterator[Item]:
        """The state of a room that we come into, in place of what the invitation said of it,
        or what it was at our last visit."""
        yield Item(part.room, "reset")
        for event in part.state + timeline.state_before_join(part, self._user_id):
            yield Item(part.room, "state", event)

    async def _whole(self, part: Part, since: str, entered: str | None) -> AsyncIterator[Item]:
        """The events of a room in order, with what the answer leaves out before them."""
        room = part.room
        if entered is None:
            ids = [event["event_id"] for event in part.events]
            async with self._database.read() as session:
                seen = set(await session.scalars(_SEEN.where(SeenEvent.event_id.in_(ids))))
            reading = timeline.since_join(
                self._api, part, since, self._user_id, seen, self._is_known
            )
            for item in items_of(room, timeline.whole(await self._in_time(reading))):
                yield item
            return
        if entered == since:
            # A crash made us look again: perhaps we were not in it at that moment.
            reading_all = timeline.since_token(self._api, part, since, self._user_id)
            before, events = await self._in_time(reading_all)
            part = part._replace(events=events)
            for item in items_of(room, timeline.whole(before)):
                yield item
        elif part.limited:
            gap = timeline.gap(self._api, part, since)
            async for page in timeline.all_in_time(self._clock, READ_WITHIN, gap):
                for item in items_of(room, page):
                    yield item
        for item in self._told(part):
            yield item

    def _told(self, part: Part) -> Iterator[Item]:
        """What an answer itself says of a room."""
        for event in self._effects.members.news(part.room, part.state):
            yield Item(part.room, "state", event)
        for event in part.events:
            yield Item(part.room, "event", event)


def _standing(answer: SyncAnswer, known: Collection[str]) -> Iterator[Item]:
    """Where every room stands, as a first `/sync` without timelines tells it; a room that
    we know and that is not in it was left."""
    for part in answer.joined:
        if part.room not in known:
            # What it was at our last visit: who was there may not be any more.
            yield Item(part.room, "reset")
        yield Item(part.room, "join")
        for event in part.state:
            yield Item(part.room, "state", event)
    for room in set(known) - {part.room for part in answer.joined}:
        yield Item(room, "leave")
    for invitation in answer.invited:
        yield Item(invitation.room, "invite", invitation.state)
