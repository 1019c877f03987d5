"""Sends what is in the outbox: paced, most urgent first, each row exactly once.

A row is marked `sending`, with the device and the time of its first try, before
its request goes out. Whatever happens then, the same transaction id on the same
device sends it once (Client-Server API, "Transaction identifiers"); after a new
log-in, or half a day, the room's history tells whether it arrived.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from fosdembot.clock import Clock
from fosdembot.db.engine import Database
from fosdembot.db.errors import is_transient
from fosdembot.db.tables import Outgoing

from .api import Api, HomeserverAway, Json, MatrixError
from .backoff import Backoff
from .delivery import Delivery
from .muted import MutedRooms
from .outbox import KEY, Outbox
from .pace import Pace
from .queue import Ready, Row, Taking, anything_waits
from .request_pool import RequestPool
from .results import Results
from .timeline import backwards_to
from .wake import Wake

AT_ONCE = 16
"""Requests under way. With half as many, Synapse has less to do at once, and takes a tenth longer
for each."""
SLOW = 3.0
"""Seconds after which a request no longer counts: others may start beside it."""
_FEW = AT_ONCE // 4
"""Places; as long as fewer are free, and requests under way, those are waited for a little."""
_A_LITTLE = 0.005
"""Seconds. What is marked together costs as much as one."""
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
        self._results = Results(database, clock)
        self._log = log
        self._token = ""
        """With which device and user were asked for: a new log-in may change them."""
        self._device = self._user_id = ""
        self._busy: dict[str, float] = {}
        """Rooms in which a request is under way, and since when (by `Clock.monotonic`): one at a
        time keeps their order."""
        self._backoff = Backoff()
        self._requests = RequestPool(AT_ONCE, LONGEST_WAIT, wake.set, clock, log)
        """One for each room, which backs off by itself."""
        self.room_troubles: dict[str, str] = {}
        """Room id → why nothing goes out there at the moment."""
        self._muted = MutedRooms(clock)
        self._was_empty = True
        """Whether the last look found nothing that waits; then the next one only reads first."""
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

    async def step(self) -> float:
        """Start what may be sent now, as fast as the pace allows. Returns the seconds until more
        may be. What an earlier run had begun to send may already be in the rooms, so the first
        step must not be taken before the inbox would know."""
        try:
            if self._token != self._api.token:
                await self._learn_device()
            self._requests.check()
            await self._fill()
        except Exception as err:
            self._pause(err)
            # There the next one waits.
            return 0.0
        return self._until_next()

    async def close(self) -> None:
        """End what is under way."""
        await self._requests.cancel()
        await self._results.cancel()

    def _until_next(self) -> float:
        """Seconds until something may be sent that may not be now."""
        waits = [self._requests.wait(room) for room in self.room_troubles]
        waits += self._muted.waits()
        ages = [self._clock.monotonic() - since for since in self._busy.values()]
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
        while self._places():
            if self._pace.free and self._busy and self._places() < _FEW:
                await self._clock.sleep(_A_LITTLE)
            await self._pace.wait()
            if most := min(self._places(), self._pace.soon):
                rows = await self._take(most)
                if not rows:
                    return
                await self._start(rows)

    async def _start(self, rows: Sequence[Ready]) -> None:
        for number, each in enumerate(rows):
            if number and self._pace.free:
                await self._pace.wait()
            if not self._pace.ready or (number and not self._pace.free):
                # The limit was met meanwhile; by then something else may be more urgent.
                return
            self._pace.started()
            room = each.row.room_id
            self._busy[room] = self._clock.monotonic()
            self._requests.start(room, room, self._deliver(each))

    def _places(self) -> int:
        """How many more requests may be under way."""
        begun = self._clock.monotonic() - SLOW
        fresh = sum(since > begun for since in self._busy.values())
        at_once = AT_ONCE if self._pace.free else 1
        return max(0, min(at_once - fresh, AT_MOST - len(self._busy)))

    async def _take(self, most: int) -> list[Ready]:
        """Mark the most urgent rows that can be sent now as `sending`; they stay as they are
        in the returned copies, whatever is written to them meanwhile. They cannot be taken
        back any more, so there are no more of them than will be sent at once.

        That is durable, and so is all that led to it: what others see was not lost, and a
        transaction id is never used for something else."""
        if self._was_empty:
            async with self._database.read() as session:
                if not await anything_waits(session):
                    return self._nothing()
        now = self._clock.now()
        take = Taking(
            now,
            most,
            busy=set(self._busy),
            closed=self._closed(),
            marked=lambda row: self._marked(row, now),
            stale=self._muted.stale(now, self._busy),
        )
        rows = await self._database.at_once(take)
        if rows is None:
            return self._nothing()
        self._was_empty = False
        return rows

    def _nothing(self) -> list[Ready]:
        """Nothing waits, in whatever room."""
        self._was_empty = True
        self.room_troubles.clear()
        return []

    def _marked(self, row: Row, now: datetime) -> Row:
        """What was begun and cannot be repeated stays as it is: the room itself is asked."""
        attempt = row.attempt
        if attempt.state == "sending" and not self._may_repeat(row):
            return row
        if attempt.first_try is None or attempt.device_id is None:
            attempt = replace(attempt, first_try=now, device_id=self._device)
        return replace(row, attempt=replace(attempt, state="sending"))

    def _closed(self) -> list[str]:
        """Rooms for which nothing may start now."""
        troubled = [r for r in self.room_troubles if not self._requests.may_start(r, r)]
        return [*self._busy, *troubled, *self._muted.silent()]

    async def _hold(self, row: Row, err: MatrixError) -> None:
        """Our power there is too little, or we are no longer in: it is said once it may be."""
        if self._muted.hold(row.room_id, str(err)):
            self._log.warning("%s lets me say nothing: %s", row.room_id, err)
        async with self._database.write() as session:
            current = await session.get(Outgoing, row.id)
            if current is not None and current.revision == row.attempt.revision:
                self._outbox.renew(current)

    def _may_repeat(self, row: Row) -> bool:
        """Whether a second request does nothing, if an earlier one arrived."""
        if row.kind == "state":
            return True
        first_try = row.attempt.first_try
        if first_try is None or row.attempt.device_id != self._device:
            return False
        wall = self._clock.to_wall
        return wall(self._clock.now()) - wall(first_try) < TRANSACTION_IDS_LAST

    async def _deliver(self, ready: Ready) -> None:
        row = ready.row
        try:
            if self._may_repeat(row):
                await self._try(ready)
            else:
                await self._settle(row)
        except Exception as err:
            await self._failed(row, err)
        else:
            self._requests.forget(row.room_id)
            self.room_troubles.pop(row.room_id, None)
        finally:
            self._busy.pop(row.room_id, None)

    async def _failed(self, row: Row, err: Exception) -> None:
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
        wait = self._requests.failed(row.room_id)
        self.room_troubles[row.room_id] = f"{type(err).__name__}: {err}"[:300]
        self._log.warning(
            "%s cannot be sent to %s (%s); next try in %.0f s",
            row.key,
            row.room_id,
            self.room_troubles[row.room_id],
            wait,
            exc_info=not isinstance(err, HomeserverAway | MatrixError),
        )

    async def _try(self, ready: Ready) -> None:
        row = ready.row
        try:
            event_id = await self._delivery.request(ready, self._user_id)
        except MatrixError as err:
            await self._refused(row, err)
            return
        await self._results.finish(row, "sent", event_id, None)
        if row.event_type == "m.room.message":
            self._muted.let_us_speak(row.room_id)
        self._backoff.reset()
        self.trouble = None

    async def _refused(self, row: Row, err: MatrixError) -> None:
        if err.retry_after is not None:
            self._pace.limited(err.retry_after)
        elif err.errcode == "M_DUPLICATE_ANNOTATION" or (
            row.kind == "redaction" and err.errcode == "M_NOT_FOUND"
        ):
            # It is so already.
            await self._results.finish(row, "sent", None, None)
        elif err.status == 401 or err.errcode in _NOT_OF_THE_MESSAGE:
            self._pause(err)
        elif err.errcode == "M_FORBIDDEN" and row.event_type == "m.room.message":
            await self._hold(row, err)
        else:
            self._log.warning("%s was refused in %s: %s", row.key, row.room_id, err)
            await self._results.finish(row, "failed", None, str(err)[:500])

    async def _settle(self, row: Row) -> None:
        """Find out whether an earlier try arrived, from the room itself."""
        first_try = self._clock.to_wall(row.attempt.first_try or self._clock.now())
        age = self._clock.to_wall(self._clock.now()) - first_try
        await self._clock.sleep((UNDER_WAY - age).total_seconds())
        oldest = first_try.timestamp() * 1000 - 300_000
        server = self._user_id.partition(":")[2]

        async def stop(event: Json) -> bool:
            # Other servers may give their events any time.
            of_our_server = event["sender"].endswith(f":{server}")
            return (of_our_server and event["origin_server_ts"] < oldest) or self._is(event, row)

        history = await backwards_to(self._api, row.room_id, None, None, stop)
        if history.hole is not None and self._requests.failures(row.room_id) < ASKED_AT_MOST:
            raise history.hole
        if history.events and self._is(history.events[0], row):
            await self._results.finish(row, "sent", history.events[0]["event_id"], None)
            return
        async with self._database.write() as session:
            current = await session.get(Outgoing, row.id)
            if current is not None and current.revision == row.attempt.revision:
                self._outbox.renew(current)

    def _is(self, event: Json, row: Row) -> bool:
        """Whether `event` is what an earlier try sent."""
        key = event["content"].get(KEY)
        return bool(event["sender"] == self._user_id and key == row.attempt.txn_id)

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
