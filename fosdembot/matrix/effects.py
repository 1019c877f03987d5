"""What comes in takes effect: batches of items, each batch one transaction.

Most batches are plain (`plain.py`). Of the others, each item is handled by itself; if one fails
by its own fault, the batch is rolled back and comes once more, now with a savepoint for each
item: what fails is rolled back to that and recorded, and the others of the batch take effect.
A failing database is waited for by the caller.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import nullcontext
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError

from fosdembot.changes import Changes, Invited, MembershipChanged
from fosdembot.clock import Clock
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.errors import is_transient
from fosdembot.db.insert import table_of
from fosdembot.db.prepared import Prepared
from fosdembot.db.tables import Room, RoomState, SeenEvent, SyncPosition

from . import timeline
from .api import Json
from .arrived import ARRIVED
from .direct import note_made
from .entering import enter
from .failures import Failures, seen, sent_at
from .items import Apart, Handler, Item, Look, PositionLost, move_position
from .known import KnownMembers, KnownRooms
from .members import Told, known_members, reduced
from .outbox import confirm
from .plain import PlainBatches
from .removal import forget_removal, is_read_back, note_removal, was_recent_removal
from .wake import Wake

BATCH = 100
"""Events of one transaction, with what else is told before them."""

# Made once: to make them takes longer than to execute them.
_MARK = Prepared(insert(table_of(SeenEvent)))
_SEEN = Prepared(
    select(SeenEvent.event_id).where(SeenEvent.event_id.in_(bindparam("events", expanding=True)))
)
_ROOMS = select(Room).where(Room.room_id.in_(bindparam("rooms", expanding=True)))


class Effects:
    """`handler` is given the events of others. `behind` is set when there may be a room that
    lags behind."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        user_id: str,
        handler: Handler,
        changes: Changes,
        behind: Wake,
        log: logging.Logger,
    ) -> None:
        self._database = database
        self._clock = clock
        self._user_id = user_id
        self._handler = handler
        self._changes = changes
        self._behind = behind
        self._log = log
        self._failures = Failures(handler, clock, user_id, log)
        self.rooms = KnownRooms(database)
        self.members = KnownMembers(database)
        self._plain = PlainBatches(database, clock, user_id, handler, self.rooms, self.members)

    async def apply_all(
        self, items: AsyncIterator[Item], look: Look, token: str | None = None
    ) -> None:
        """All of them, and in the last transaction the position `token`."""
        batch: list[Item] = []
        events = 0
        async for item in items:
            batch.append(item)
            events += item.kind == "event"
            if events == BATCH or len(batch) == 4 * BATCH:
                await self.apply(batch, look)
                batch, events = [], 0
        if batch or token is not None:
            await self.apply(batch, look, token)

    async def apply(self, batch: list[Item], look: Look, token: str | None = None) -> None:
        """One transaction: the effects of `batch`, and the position if it is the last.

        Raises `PositionLost` if another position is stored than `look` began from. So it is
        noticed when a database server crashed and came back without its last commits, and the
        last one need not wait for a disk; what comes before it in an answer must.
        """
        try:
            try:
                await self._plain.apply(batch, look, token)
            except (Apart, IntegrityError):
                # Not plain, or seen already.
                await self._apply(batch, look, token, savepoints=False)
        except Exception as err:
            if isinstance(err, PositionLost) or is_transient(err):
                raise
            self._log.warning("A batch failed (%r): with a savepoint for each event now", err)
            await self._apply(batch, look, token, savepoints=True)

    async def _apply(
        self, batch: Sequence[Item], look: Look, token: str | None, *, savepoints: bool
    ) -> None:
        await self.rooms.load({item.room for item in batch})
        async with self._database.write(durable=token is None) as session:
            if not savepoints:
                others = await enter(session, batch, self._user_id, look.since)
                if len(others) < len(batch):
                    self._moved(session)
                batch = others
            ids = [item.content["event_id"] for item in batch if item.kind == "event"]
            seen = {event for (event,) in await _SEEN.find(session, {"events": ids})}
            # Read at once, they are in the session's memory for each event.
            rooms = {"rooms": list({item.room for item in batch})}
            (await session.scalars(_ROOMS, rooms)).all()
            told = [(item.room, item.content) for item in batch if item.kind == "state"]
            members = await known_members(session, told)
            together: list[Item] = []
            for item in batch:
                if item.kind == "event":
                    if item.content["event_id"] in seen:
                        continue
                    seen.add(item.content["event_id"])
                    if "state_key" in item.content:
                        members.forget(item.room, item.content["state_key"])
                    if await self._goes_together(session, item, look):
                        together.append(item)
                        continue
                elif await self._says_nothing_new(session, item, members):
                    continue
                if item.kind != "state":
                    await self._apply_together(session, together, look, savepoints)
                    together = []
                await self._apply_item(session, item, look, savepoints)
                # On SQLite nothing here waits, and others wait for their turn.
                await asyncio.sleep(0)
            await self._apply_together(session, together, look, savepoints)
            if token is not None:
                await self._move_position(session, look, token)

    async def _goes_together(self, session: WriteSession, item: Item, look: Look) -> bool:
        """Whether an event may be handled with its neighbours: whatever comes between them in
        the batch is no event."""
        event, standing = item.content, await session.get(Room, item.room)
        if standing is None or standing.membership != "join":
            return False
        if (standing.behind is not None and not look.lagging) or "state_key" in event:
            return False
        known = self.rooms.known.get(item.room)
        if known is None or event["sender"] == self._user_id:
            return False
        return self._handler.may_go_together(known, event)

    async def _apply_together(
        self, session: WriteSession, items: Sequence[Item], look: Look, savepoints: bool
    ) -> None:
        """Those that `_goes_together`; one by one, if they cannot."""
        if not items:
            return
        rows = [seen(self._clock, item.room, item.content) for item in items]
        events = [(item.room, item.content) for item in items]
        try:
            async with session.part() if savepoints else nullcontext():
                await self._handler.handle_together(session, events)
                await session.run_sync(lambda it: _MARK.run_all(it.connection(), rows))
        except Exception as err:
            if not isinstance(err, Apart):
                if not savepoints or is_transient(err):
                    raise
                text = "%d events failed together; one by one now"
                self._log.warning(text, len(items), exc_info=err)
            for item in items:
                await self._apply_item(session, item, look, savepoints)

    async def _move_position(self, session: WriteSession, look: Look, token: str) -> None:
        now = self._clock.now()
        if not look.stored:
            session.add(SyncPosition(user_id=self._user_id, since=token, at=now))
            return
        connection = await session.connection()
        await connection.run_sync(move_position, self._user_id, look, token, now)

    async def _says_nothing_new(self, session: WriteSession, item: Item, members: Told) -> bool:
        """Whether what is no event tells what is known already."""
        match item.kind:
            case "join":
                return await self._is_in(session, item.room)
            case "state":
                return members.learn(item.room, item.content)
            case "reset":
                members.forget(item.room)
        return False

    async def _is_in(self, session: WriteSession, room: str) -> bool:
        standing = await session.get(Room, room)
        return standing is not None and standing.membership == "join"

    async def _apply_item(
        self, session: WriteSession, item: Item, look: Look, savepoints: bool
    ) -> None:
        if not savepoints:
            await self._effect(session, item, look)
            await session.flush()
            return
        try:
            async with session.part():
                await self._effect(session, item, look)
        except Exception as err:
            if is_transient(err):
                raise
            await self._failures.record(session, item, err)

    async def _effect(self, session: WriteSession, item: Item, look: Look) -> None:
        room = item.room
        match item.kind:
            case "event":
                await self._event(session, room, item.content, look)
            case "fault":
                await self._failures.record_fault(session, room, item.content, look.since)
            case "state":
                await self._state(session, room, item.content)
            case "reset":
                await session.execute(delete(RoomState).where(RoomState.room_id == room))
                # Who is in it is to be found out anew, as when we come in.
                self._changes.publish(session, MembershipChanged())
            case "invite":
                await self._invite(session, room, item.content)
            case "behind":
                await self._fall_behind(session, room, item.content, look)
            case "join":
                await self._set_membership(session, room, "join", look)
            case "leave":
                await self._set_membership(session, room, "leave", look)
                row = await self._room(session, room)
                row.behind = row.behind if row.removed_at is not None else None

    async def _event(self, session: WriteSession, room: str, event: Json, look: Look) -> None:
        if timeline.is_own_membership(event, self._user_id):
            if (membership := timeline.membership(event)) is not None:
                row, now = await self._room(session, room), self._clock.now()
                sent = sent_at(self._clock, event)
                # In what was missed while we were away, it says where we stood then.
                passed = row.membership == "join" and (
                    is_read_back(row, now)
                    or (look.lagging and was_recent_removal(event, sent, now))
                )
                if not passed:
                    note_removal(row, event, look.since, look.after, sent, now)
                    await self._set_membership(session, room, membership, look)
                await self._state(session, room, event)
            return
        standing = await session.get(Room, room)
        if standing is None or standing.membership != "join":
            if "state_key" in event:
                # It holds when we are back.
                await self._state(session, room, event)
            return
        if standing.behind is not None and not look.lagging:
            # Removed and back within this answer: it is read from the removal on.
            return
        if "state_key" in event:
            await self._state(session, room, event)
            await self._departure(session, standing, event)
        await _MARK.do(session, seen(self._clock, room, event))
        if event["sender"] == self._user_id:
            await confirm(session, event, self._clock.now())
        else:
            arrived = {**event, ARRIVED: self._arrival(event, look).timestamp()}
            await self._handler.handle(session, room, arrived)

    def _arrival(self, event: Json, look: Look) -> datetime:
        said, now = sent_at(self._clock, event), self._clock.now()
        return said if look.after is None else min(max(said, look.after), now)

    async def _set_membership(
        self, session: WriteSession, room: str, membership: str, look: Look
    ) -> None:
        row = await self._room(session, room)
        if (membership == "join") != (row.membership == "join"):
            self._moved(session)
        comes_in = membership == "join" and row.membership != "join"
        if comes_in and not is_read_back(row, self._clock.now()):
            row.entered = look.since
            if row.removed_at is not None:
                forget_removal(row)
        if membership != "leave" or row.membership != "ban":
            row.membership = membership

    def _moved(self, session: WriteSession) -> None:
        """The bot has come into a room, or is out of one."""
        self._changes.publish(session, MembershipChanged())
        session.after_commit(self._behind.set)

    async def _fall_behind(
        self, session: WriteSession, room: str, position: str, look: Look
    ) -> None:
        row = await self._room(session, room)
        if row.behind is None or position == "":
            row.behind, row.behind_at = position, look.after or self._clock.now()
            session.after_commit(self._behind.set)

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
                state_key=event["state_key"],
                sender=event["sender"],
                content=content,
            )
        )

    async def _departure(self, session: WriteSession, room: Room, event: Json) -> None:
        """In a direct chat that the other person has left, nobody needs the bot."""
        if event["type"] == timeline.MEMBER and event["state_key"] == room.direct_with:
            room.deserted = timeline.membership(event) in ("leave", "ban")
            self._changes.publish(session, Invited())

    async def _invite(self, session: WriteSession, room: str, state: list[Json]) -> None:
        """Note who asks us in (stripped state of "Syncing"); they are answered elsewhere."""
        for event in state:
            if event["type"] in timeline.STATE_TYPES:
                await self._keep(session, room, event, event["content"])
            if timeline.is_own_membership(event, self._user_id):
                inviter = event["sender"]
                direct = inviter if event["content"].get("is_direct") is True else None
                row = await session.get(Room, room)
                if row is None:
                    row = Room(room_id=room)
                    session.add(row)
                row.membership, row.inviter, row.direct_with = "invite", inviter, direct
                row.deserted = False
                self._changes.publish(session, Invited())
