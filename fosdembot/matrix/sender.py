"""Sends what is in the outbox: paced, most urgent first, each row exactly once.

A row is marked `sending`, with the device and the time of its first try, before
its request goes out. Whatever happens then, the same transaction id on the same
device sends it once (Client-Server API, "Transaction identifiers"); after a new
log-in, or half a day, the room's history tells whether it arrived.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Select, func, select, update

from fosdembot.clock import Clock
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.errors import is_transient
from fosdembot.db.redacted import forget_redacted
from fosdembot.db.tables import Outgoing, Room

from .api import Api, HomeserverAway, Json, MatrixError
from .backoff import Backoff
from .delivery import Delivery
from .errands import Errands
from .muted import MutedRooms
from .outbox import IS_WAITING, KEY, Outbox
from .pace import Pace
from .timeline import backwards_to
from .wake import Wake

AT_ONCE = 8
SLOW = 3.0
"""Seconds after which a request no longer counts: others may start beside it."""
_LOOKED_AT = (4, 50)
"""Rows in which one is looked for that may be sent now: first a few, to load no more."""
AT_MOST = 32
"""Requests under way, slow ones too."""
ASKED_AT_MOST = 5
"""Tries to read a history that cannot be read whole, before what is not found there is sent."""
LONGEST_WAIT = 120.0
"""Seconds between two tries in a room in which sending fails."""
TRANSACTION_IDS_LAST = timedelta(hours=12)
"""Synapse remembers them for a day."""
UNDER_WAY = timedelta(seconds=10)
"""The homeserver may still be busy with the request of a run that was cut off."""

# The account's or the server's trouble: another day the same message is welcome.
_NOT_OF_THE_MESSAGE = frozenset(
    {"M_RESOURCE_LIMIT_EXCEEDED", "M_CONSENT_NOT_GIVEN", "M_USER_SUSPENDED", "M_USER_LOCKED"}
)


class Sender:
    def __init__(
        self,
        api: Api,
        database: Database,
        outbox: Outbox,
        clock: Clock,
        wake: Wake,
        pace: Pace,
        log: logging.Logger,
    ) -> None:
        self._api = api
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self.wake = wake
        """That something may be sent now: a row was put in, or the bot came into a room."""
        self._pace = pace
        self._delivery = Delivery(api, database, outbox, pace)
        self._log = log
        self._token = ""
        """With which device and user were asked for: a new log-in may change them."""
        self._device = self._user_id = ""
        self._busy: dict[str, float] = {}
        """Rooms in which a request is under way, and since when (`time.monotonic()`): one at a
        time keeps their order."""
        self._backoff = Backoff()
        self._errands = Errands(AT_ONCE, LONGEST_WAIT, wake.set, log)
        """One for each room, which backs off by itself."""
        self.room_troubles: dict[str, str] = {}
        """Room id → why nothing goes out there at the moment."""
        self._muted = MutedRooms()
        self.trouble: str | None = None
        """Why nothing goes out at the moment."""

    @property
    def held(self) -> Mapping[str, str]:
        """The rooms that refuse what we say, and why."""
        return self._muted.why

    def release(self, room: str) -> None:
        """The power levels of a room changed: what waits for that may be said now."""
        if self._muted.release(room):
            self.wake.set()

    async def run(self, caught_up: asyncio.Event) -> None:
        """Send until cancelled. What an earlier run had begun to send may already be
        in the rooms: `caught_up` says that the inbox would know."""
        await caught_up.wait()
        try:
            while True:
                try:
                    if self._token != self._api.token:
                        await self._learn_device()
                    self._errands.check()
                    await self._fill()
                    await self.wake.wait(timeout=self._until_next())
                except Exception as err:
                    self._pause(err)
        finally:
            await self._errands.cancel()

    def _until_next(self) -> float:
        """Seconds until something may be sent that may not be now."""
        waits = [self._errands.wait(room) for room in self.room_troubles]
        waits += self._muted.waits()
        ages = [time.monotonic() - since for since in self._busy.values()]
        waits += [SLOW - age for age in ages]
        return min((wait for wait in waits if wait > 0), default=30.0) + 0.01

    async def _learn_device(self) -> None:
        await self._pace.wait()
        token = self._api.token
        answer = await self._api.whoami()
        self._device, self._user_id = str(answer.get("device_id", "")), str(answer["user_id"])
        self._token = token

    async def _fill(self) -> None:
        """Start requests until enough are under way, or nothing is left to send."""
        while self._has_place():
            await self._pace.wait()
            row = await self._take()
            if row is None:
                return
            if not self._pace.ready:
                # The limit was met meanwhile; by then something else may be more urgent.
                continue
            self._pace.started()
            self._busy[row.room_id] = time.monotonic()
            self._errands.start(row.room_id, row.room_id, self._deliver(row))

    def _has_place(self) -> bool:
        begun = time.monotonic() - SLOW
        fresh = sum(since > begun for since in self._busy.values())
        return fresh < (AT_ONCE if self._pace.free else 1) and len(self._busy) < AT_MOST

    async def _take(self) -> Outgoing | None:
        """Mark the most urgent row that can be sent now as `sending`; it stays as it is
        in the returned copy, whatever is written to it meanwhile.

        That is durable, and so is all that led to it: what others see was not lost, and a
        transaction id is never used for something else."""
        async with self._database.read() as session:
            if not await session.scalar(select(_waiting().exists())):
                self.room_troubles.clear()
                return None
        async with self._database.write() as session:
            await self._drop_expired(session)
            await self._muted.drop_stale(session, self._clock.now(), self._busy)
            row = await self._most_urgent(session)
            if row is None:
                return None
            if row.state != "sending" or self._may_repeat(row):
                if row.first_try is None or row.device_id is None:
                    row.first_try, row.device_id = self._clock.now(), self._device
                row.state = "sending"
            return row

    async def _most_urgent(self, session: WriteSession) -> Outgoing | None:
        """Nearly always one of the first few; what waits for something else stands before it."""
        for limit in _LOOKED_AT:
            for row in await session.scalars(self._candidates().limit(limit)):
                if await self._is_ready(session, row):
                    return row
        return None

    def _candidates(self) -> Select[Outgoing]:
        return (
            _waiting()
            .where(
                Outgoing.room_id.not_in(self._closed()),
                Outgoing.room_id.in_(select(Room.room_id).where(Room.membership == "join")),
            )
            .order_by(Outgoing.urgency, Outgoing.due, Outgoing.id)
        )

    def _closed(self) -> list[str]:
        """Rooms for which nothing may start now."""
        troubled = [r for r in self.room_troubles if not self._errands.may_start(r, r)]
        return [*self._busy, *troubled, *self._muted.silent()]

    async def _drop_expired(self, session: WriteSession) -> None:
        await session.execute(
            update(Outgoing)
            .where(
                IS_WAITING,
                Outgoing.expires < self._clock.now(),
                Outgoing.room_id.not_in(list(self._busy)),
            )
            .values(state="dropped", error="too late")
        )

    async def _hold(self, row: Outgoing, err: MatrixError) -> None:
        """Our power there is too little, or we are no longer in: it is said once it may be."""
        if self._muted.hold(row.room_id, str(err)):
            self._log.warning("%s lets me say nothing: %s", row.room_id, err)
        async with self._database.write() as session:
            current = await session.get(Outgoing, row.id)
            if current is not None and current.revision == row.revision:
                self._outbox.renew(current)

    async def _is_ready(self, session: WriteSession, row: Outgoing) -> bool:
        """Whether what the row refers to is there; it falls with it."""
        if row.target is None:
            return True
        find = self._outbox.find if row.kind == "redaction" else self._outbox.standing
        target = await find(session, row.target)
        is_sent = target is not None and target.state == "sent"
        if (
            target is None
            or target.state in ("failed", "dropped")
            or (is_sent and target.event_id is None)
        ):
            row.state, row.error = "dropped", "what it refers to is not there"
            return False
        return is_sent

    def _may_repeat(self, row: Outgoing) -> bool:
        """Whether a second request does nothing, if an earlier one arrived."""
        if row.kind == "state":
            return True
        if row.first_try is None or row.device_id != self._device:
            return False
        wall = self._clock.to_wall
        return wall(self._clock.now()) - wall(row.first_try) < TRANSACTION_IDS_LAST

    async def _deliver(self, row: Outgoing) -> None:
        try:
            if self._may_repeat(row):
                await self._try(row)
            else:
                await self._settle(row)
        except Exception as err:
            await self._failed(row, err)
        else:
            self._errands.forget(row.room_id)
            self.room_troubles.pop(row.room_id, None)
        finally:
            self._busy.pop(row.room_id, None)

    async def _failed(self, row: Outgoing, err: Exception) -> None:
        """Whose trouble is it: the room's, or everybody's?"""
        if is_transient(err):
            self._pause(err)
            return
        try:
            # If nothing is answered, it is no room's trouble.
            await self._api.whoami()
        except (HomeserverAway, MatrixError) as why:
            self._pause(why)
            return
        wait = self._errands.failed(row.room_id)
        self.room_troubles[row.room_id] = f"{type(err).__name__}: {err}"[:300]
        self._log.warning(
            "%s cannot be sent to %s (%s); next try in %.0f s",
            row.key,
            row.room_id,
            self.room_troubles[row.room_id],
            wait,
            exc_info=not isinstance(err, HomeserverAway | MatrixError),
        )

    async def _try(self, row: Outgoing) -> None:
        try:
            event_id = await self._delivery.request(row, self._user_id)
        except MatrixError as err:
            await self._refused(row, err)
            return
        await self._finish(row, "sent", event_id, None)
        if row.event_type == "m.room.message":
            self._muted.let_us_speak(row.room_id)
        self._backoff.reset()
        self.trouble = None

    async def _refused(self, row: Outgoing, err: MatrixError) -> None:
        if err.retry_after is not None:
            self._pace.limited(err.retry_after)
        elif err.errcode == "M_DUPLICATE_ANNOTATION" or (
            row.kind == "redaction" and err.errcode == "M_NOT_FOUND"
        ):
            # It is so already.
            await self._finish(row, "sent", None, None)
        elif err.status == 401 or err.errcode in _NOT_OF_THE_MESSAGE:
            self._pause(err)
        elif err.errcode == "M_FORBIDDEN" and row.event_type == "m.room.message":
            await self._hold(row, err)
        else:
            self._log.warning("%s was refused in %s: %s", row.key, row.room_id, err)
            await self._finish(row, "failed", None, str(err)[:500])

    async def _finish(
        self, row: Outgoing, state: str, event_id: str | None, error: str | None
    ) -> None:
        # If a power cut takes it away, the request is repeated, and does nothing then.
        async with self._database.write(durable=False) as session:
            await session.execute(
                update(Outgoing)
                # An edit may have been given newer content meanwhile; that one waits.
                .where(Outgoing.id == row.id, Outgoing.revision == row.revision)
                .values(
                    state=state,
                    event_id=func.coalesce(event_id, Outgoing.event_id),
                    sent_at=self._clock.now(),
                    error=error,
                )
            )
            if row.kind == "redaction":
                await forget_redacted(session, row.key)

    async def _settle(self, row: Outgoing) -> None:
        """Find out whether an earlier try arrived, from the room itself."""
        first_try = self._clock.to_wall(row.first_try or self._clock.now())
        age = self._clock.to_wall(self._clock.now()) - first_try
        await asyncio.sleep((UNDER_WAY - age).total_seconds())
        oldest = first_try.timestamp() * 1000 - 300_000
        server = self._user_id.partition(":")[2]

        async def stop(event: Json) -> bool:
            # Other servers may give their events any time.
            of_our_server = event["sender"].endswith(f":{server}")
            return (of_our_server and event["origin_server_ts"] < oldest) or self._is(event, row)

        history = await backwards_to(self._api, row.room_id, None, None, stop)
        if history.hole is not None and self._errands.failures(row.room_id) < ASKED_AT_MOST:
            raise history.hole
        if history.events and self._is(history.events[0], row):
            await self._finish(row, "sent", history.events[0]["event_id"], None)
            return
        async with self._database.write() as session:
            current = await session.get(Outgoing, row.id)
            if current is not None and current.revision == row.revision:
                self._outbox.renew(current)

    def _is(self, event: Json, row: Outgoing) -> bool:
        """Whether `event` is what an earlier try sent."""
        key = event["content"].get(KEY)
        return bool(event["sender"] == self._user_id and key == row.txn_id)

    def _pause(self, err: Exception) -> None:
        self.trouble = f"{type(err).__name__}: {err}"
        wait = self._backoff.next()
        known = isinstance(err, HomeserverAway | MatrixError)
        self._log.warning(
            "Nothing goes out (%s); next try in %.0f s",
            self.trouble[:300],
            wait,
            exc_info=not known,
        )
        self._pace.limited(wait)


def _waiting() -> Select[Outgoing]:
    return select(Outgoing).where(IS_WAITING)
