"""The inbox: every room event takes effect exactly once, in the room's order.

Its own `/sync` loop: the effects of a batch of events, the marks that they were
seen and the new position are one transaction. A batch that is cut short by a
crash is read again, and what was seen is passed over. An event whose handling
fails by its own fault is recorded; a failing database or homeserver is waited for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, delete, select

from fosdembot.clock import Clock, from_server_ts
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.errors import is_transient
from fosdembot.db.tables import FailedEvent, Room, RoomState, SeenEvent, SyncPosition

from . import timeline
from .api import Api, HomeserverAway, Json, MatrixError
from .backoff import Backoff
from .direct import note_made
from .members import news, reduced
from .outbox import confirm

BATCH = 100

Handler = Callable[[WriteSession, str, Json], Awaitable[None]]
"""`(session, room id, event)`: the effect of one event that somebody else sent, or of
its failure."""


@dataclass(frozen=True, slots=True)
class _Item:
    room: str
    kind: Literal["event", "state", "reset", "join", "leave", "invite"]
    event: Json


class Inbox:
    def __init__(
        self,
        api: Api,
        database: Database,
        clock: Clock,
        user_id: str,
        handler: Handler,
        failed: Handler,
        invited: Callable[[], None],
        came_in: Callable[[], None],
        log: logging.Logger,
    ) -> None:
        self._api = api
        self._database = database
        self._clock = clock
        self._user_id = user_id
        self._handler = handler
        self._failed = failed
        self._invited = invited
        self._came_in = came_in
        self._log = log
        self._position: str | None = None
        """As it stands in the database; None: that is to be read there."""
        self._since = ""
        """From where in `/sync` on that happened which is being applied."""
        self.caught_up = asyncio.Event()
        """Set once all that happened while we were away has taken effect."""
        self.trouble: str | None = None
        """Why nothing comes in at the moment."""

    async def run(self) -> None:
        """Follow the rooms until cancelled."""
        backoff = Backoff()
        while True:
            try:
                await self._step()
                self.trouble = None
                backoff.reset()
            except Exception as err:
                self.trouble = f"{type(err).__name__}: {err}"
                wait = backoff.next()
                known = isinstance(err, HomeserverAway | MatrixError) or is_transient(err)
                self._log.warning(
                    "Nothing comes in (%s); next try in %.0f s",
                    self.trouble[:300],
                    wait,
                    exc_info=not known,
                )
                await asyncio.sleep(wait)

    async def _step(self) -> None:
        since = self._position or await self._stored_position()
        if since is None:
            await self._begin()
            return
        wait = 30.0 if self.caught_up.is_set() else 0.0
        try:
            answer = await self._api.sync(since, timeline.sync_filter(True), wait)
        except MatrixError as err:
            if err.status != 400:
                raise
            # The homeserver does not know this position (any more).
            self._log.warning("The position in /sync was refused (%s); finding it again", err)
            await self._forget_position()
            return
        self._since = since
        following = str(answer["next_batch"])
        self._position = None
        await self._apply_all(self._items(answer, since), following)
        self._position = following
        self.caught_up.set()

    async def _stored_position(self) -> str | None:
        async with self._database.read() as session:
            position = await session.get(SyncPosition, self._user_id)
        return position.since if position is not None else None

    async def _begin(self) -> None:
        """Take the first position. Rooms that we know already are read from what we
        last saw in them; in others, nothing from before this moment is obeyed."""
        answer = await self._api.sync(None, timeline.sync_filter(False), 0)
        self._since = str(answer["next_batch"])
        entered = await self._entered()
        await self._apply_all(self._missed(answer, entered), None)
        # At once: a room that is half known would be read back to its beginning.
        await self._apply(list(_standing(answer, entered)), self._since)

    async def _entered(self, *which: ColumnElement[bool]) -> dict[str, str]:
        """Those of the rooms that we are in, as far as we know, and from where on we are."""
        entered = select(Room.room_id, Room.entered).where(Room.membership == "join", *which)
        async with self._database.read() as session:
            return {row.room_id: row.entered for row in await session.execute(entered)}

    async def _missed(self, answer: Json, entered: Mapping[str, str]) -> AsyncIterator[_Item]:
        for room, _ in _parts(answer, "join"):
            if room in entered:
                missed = await timeline.backwards_to(
                    self._api, room, self._since, entered[room], self._seen
                )
                for item in await self._stretch(room, missed):
                    yield item

    async def _seen(self, event: Json) -> bool:
        if timeline.is_joining(event, self._user_id):
            return True
        async with self._database.read() as session:
            return await session.get(SeenEvent, event["event_id"]) is not None

    async def _forget_position(self) -> None:
        self._position = None
        async with self._database.write() as session:
            await session.execute(delete(SyncPosition).where(SyncPosition.user_id == self._user_id))

    async def _items(self, answer: Json, since: str) -> AsyncIterator[_Item]:
        # Not of all rooms: an answer with one vote must not cost more where there are many.
        told = [room for section in ("join", "leave") for room, _ in _parts(answer, section)]
        entered = await self._entered(Room.room_id.in_(told))
        for room, part in _parts(answer, "join"):
            async for item in self._news(room, part, since, entered.get(room)):
                yield item
            yield _Item(room, "join", {})
        for room, part in _parts(answer, "leave"):
            if room in entered:
                async for item in self._news(room, part, since, entered[room]):
                    yield item
            yield _Item(room, "leave", {})
        for room, part in _parts(answer, "invite"):
            yield _Item(room, "invite", part)

    async def _news(
        self, room: str, part: Json, since: str, entered: str | None
    ) -> AsyncIterator[_Item]:
        """What happened in a room since the token `since`, at most from our joining on."""
        history = part.get("timeline", {})
        state = timeline.state_events(part.get("state", {}).get("events"))
        if entered is None:
            # What the invitation said of the room, or what it was at our last visit.
            yield _Item(room, "reset", {})
            state += timeline.state_before_join(history, self._user_id)
            since_join = await timeline.since_join(self._api, room, history, since, self._user_id)
            state, events = since_join.members + state, since_join.events
        elif entered == since:
            # A crash made us look again: perhaps we were not in it at that moment.
            before, events = await timeline.since_token(
                self._api, room, history, since, self._user_id
            )
            for item in await self._stretch(room, before):
                yield item
        else:
            async for page in timeline.gap(self._api, room, history, since):
                for item in await self._stretch(room, page):
                    yield item
            events = timeline.shown(history)
        for event in state if entered is None else await self._new_in(room, state):
            yield _Item(room, "state", event)
        for event in events:
            yield _Item(room, "event", event)

    async def _stretch(self, room: str, stretch: timeline.Stretch) -> list[_Item]:
        members = await self._new_in(room, stretch.members)
        return [
            *(_Item(room, "state", event) for event in members),
            *(_Item(room, "event", event) for event in stretch.events),
        ]

    async def _new_in(self, room: str, state: Sequence[Json]) -> list[Json]:
        """`state` without members as they are known: each answer tells of all senders."""
        members = [event for event in state if event["type"] == timeline.MEMBER]
        if not members:
            return list(state)
        async with self._database.read() as session:
            new = await news(session, room, members)
        return [event for event in state if event["type"] != timeline.MEMBER] + new

    async def _apply_all(self, items: AsyncIterator[_Item], token: str | None) -> None:
        batch: list[_Item] = []
        async for item in items:
            batch.append(item)
            if len(batch) == BATCH:
                await self._apply(batch, None)
                batch = []
        if batch or token is not None:
            await self._apply(batch, token)

    async def _apply(self, batch: list[_Item], token: str | None) -> None:
        """One transaction: the effects of `batch`, and the position if it is the last."""
        async with self._database.write() as session:
            ids = [item.event["event_id"] for item in batch if item.kind == "event"]
            seen = set(
                await session.scalars(select(SeenEvent.event_id).where(SeenEvent.event_id.in_(ids)))
            )
            # Read at once, they are in the session's memory for each event.
            rooms = select(Room).where(Room.room_id.in_({item.room for item in batch}))
            (await session.scalars(rooms)).all()
            for item in batch:
                if item.kind == "event":
                    if item.event["event_id"] in seen:
                        continue
                    seen.add(item.event["event_id"])
                elif item.kind == "join" and await self._is_in(session, item.room):
                    continue
                await self._apply_item(session, item)
            if token is not None:
                await session.merge(SyncPosition(user_id=self._user_id, since=token))

    async def _is_in(self, session: WriteSession, room: str) -> bool:
        standing = await session.get(Room, room)
        return standing is not None and standing.membership == "join"

    async def _apply_item(self, session: WriteSession, item: _Item) -> None:
        try:
            async with session.part():
                if item.kind == "event":
                    await self._event(session, item.room, item.event)
                elif item.kind == "state":
                    await self._state(session, item.room, item.event)
                elif item.kind == "reset":
                    await session.execute(delete(RoomState).where(RoomState.room_id == item.room))
                elif item.kind == "invite":
                    await self._invite(session, item.room, item.event)
                else:
                    await self._set_membership(session, item.room, item.kind)
        except Exception as err:
            if is_transient(err):
                raise
            await self._record_failure(session, item, err)

    async def _event(self, session: WriteSession, room: str, event: Json) -> None:
        if timeline.is_own_membership(event, self._user_id):
            if (membership := timeline.membership(event)) is not None:
                await self._set_membership(session, room, membership)
                await self._state(session, room, event)
            return
        standing = await session.get(Room, room)
        if standing is None or standing.membership != "join":
            return
        if "state_key" in event:
            await self._state(session, room, event)
            await self._departure(session, standing, event)
        session.add(self._seen_event(room, event))
        if event["sender"] == self._user_id:
            await confirm(session, event, self._clock.now())
        else:
            await self._handler(session, room, event)

    async def _set_membership(self, session: WriteSession, room: str, membership: str) -> None:
        row = await self._room(session, room)
        if membership == "join" and row.membership != "join":
            row.entered = self._since
            session.after_commit(self._came_in)
        if membership != "leave" or row.membership != "ban":
            row.membership = membership

    async def _room(self, session: WriteSession, room: str) -> Room:
        row = await session.get(Room, room)
        if row is None:
            row = Room(room_id=room, membership="leave")
            session.add(row)
        return row

    async def _state(self, session: WriteSession, room: str, event: Json) -> None:
        kind = event["type"]
        if kind == "m.room.create" and event["sender"] == self._user_id:
            note_made(await self._room(session, room), event)
        if kind == timeline.MEMBER and (content := reduced(event)) is not None:
            await self._keep(session, room, event, content)
        elif kind in timeline.STATE_TYPES:
            await self._keep(session, room, event, event["content"])

    async def _keep(self, session: WriteSession, room: str, event: Json, content: Json) -> None:
        await session.merge(
            RoomState(
                room_id=room,
                type=event["type"],
                state_key=str(event.get("state_key", "")),
                sender=event["sender"],
                content=content,
            )
        )

    async def _departure(self, session: WriteSession, room: Room, event: Json) -> None:
        """In a direct chat that the other person has left, nobody needs the bot."""
        if event["type"] == "m.room.member" and event["state_key"] == room.direct_with:
            room.deserted = timeline.membership(event) in ("leave", "ban")
            session.after_commit(self._invited)

    async def _invite(self, session: WriteSession, room: str, part: Json) -> None:
        """Note who asks us in (stripped state of "Syncing"); the doorkeeper answers."""
        for event in part.get("invite_state", {}).get("events", []):
            if not isinstance(event, dict) or not isinstance(event.get("content"), dict):
                continue
            if event.get("type") in timeline.STATE_TYPES and isinstance(event.get("sender"), str):
                await self._keep(session, room, event, event["content"])
            if timeline.is_own_membership(event, self._user_id):
                inviter = str(event.get("sender", ""))[:255]
                direct = inviter if event["content"].get("is_direct") is True else None
                row = await session.get(Room, room)
                if row is None:
                    row = Room(room_id=room)
                    session.add(row)
                row.membership, row.inviter, row.direct_with = "invite", inviter, direct
                row.deserted = False
                session.after_commit(self._invited)

    async def _record_failure(self, session: WriteSession, item: _Item, err: Exception) -> None:
        """The event had no effect, and will not be tried again."""
        event_id: Any = item.event.get("event_id")
        self._log.error("Event %s in %s failed", event_id, item.room, exc_info=err)
        if item.kind != "event":
            return
        at = self._at(item.event)
        error = f"{type(err).__name__}: {err}".replace("\x00", "")[:1000]
        await session.merge(FailedEvent(event_id=event_id, room_id=item.room, at=at, error=error))
        await session.merge(self._seen_event(item.room, item.event))
        await session.flush()
        if item.event["sender"] != self._user_id:
            try:
                async with session.part():
                    await self._failed(session, item.room, item.event)
            except Exception as failure:
                # What made the handler fail may make this fail as well.
                if is_transient(failure):
                    raise

    def _seen_event(self, room: str, event: Json) -> SeenEvent:
        return SeenEvent(
            event_id=event["event_id"], room_id=room, sender=event["sender"], at=self._at(event)
        )

    def _at(self, event: Json) -> Any:
        return from_server_ts(self._clock, event["origin_server_ts"])


def _parts(answer: Json, section: str) -> list[tuple[str, Json]]:
    rooms = answer.get("rooms", {}).get(section, {})
    return [(room, part) for room, part in rooms.items() if isinstance(part, dict)]


def _standing(answer: Json, known: Collection[str]) -> Iterator[_Item]:
    """Where every room stands, as a first `/sync` without timelines tells it; a room that
    we know and that is not in it was left."""
    joined = _parts(answer, "join")
    for room, part in joined:
        if room not in known:
            # What it was at our last visit: who was there may not be any more.
            yield _Item(room, "reset", {})
        yield _Item(room, "join", {})
        for event in timeline.state_events(part.get("state", {}).get("events")):
            yield _Item(room, "state", event)
    for room in set(known) - {room for room, _ in joined}:
        yield _Item(room, "leave", {})
    for room, part in _parts(answer, "invite"):
        yield _Item(room, "invite", part)
