"""The crier tells each room what falls due there.

The plans in memory say when to look; what is told is decided in the transaction
that puts it in the outbox, from what is then true. So a crash, a late start or a
talk that was moved in the same second can neither double nor falsify a notice.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from apscheduler.schedulers.base import BaseScheduler
from sqlalchemy import delete, select

from fosdembot.clock import Clock
from fosdembot.conference.addresses import names_of
from fosdembot.conference.asked import asked_in
from fosdembot.conference.board import Boards
from fosdembot.conference.pauses import is_paused
from fosdembot.conference.plans import Plans, RoomPlan
from fosdembot.conference.programme import Programme
from fosdembot.conference.told import forget_told, note_told, retell, told_at
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.errors import is_transient
from fosdembot.db.question_tables import Board, Shown
from fosdembot.db.tables import ToldNotice
from fosdembot.matrix.content import notice as notice_content
from fosdembot.matrix.outbox import Outbox, edit_key
from fosdembot.matrix.wake import Wake
from fosdembot.questions.shown import forget, show
from fosdembot.talks.messages import Message, wake_at
from fosdembot.talks.notices import Kind, Notice

LOOK_AGAIN = 30
"""Seconds after which the crier looks even if no timer wakes it: rooms get joined."""
GLANCE = 5
"""Seconds between two glances at the clock, which somebody may set right."""


class Crier:
    def __init__(
        self,
        database: Database,
        programme: Programme,
        plans: Plans,
        boards: Boards,
        outbox: Outbox,
        clock: Clock,
        timers: BaseScheduler,
        log: logging.Logger,
    ) -> None:
        self._database = database
        self._programme = programme
        self._room_plans = plans
        self._boards = boards
        self._outbox = outbox
        self._clock = clock
        self._timers = timers
        self._log = log
        self._wake = Wake()
        self._plans: dict[str, Sequence[Notice]] = {}
        self._told: dict[str, dict[str, str]] = {}
        """By address: key of a notice → key of the message that told it."""
        self._looked_at: dict[str, datetime] = {}
        """By address, when what its boards say was last made true."""
        self._changed: set[str] = set()
        self._latest: datetime | None = None

    @property
    def plans(self) -> Mapping[str, Sequence[Notice]]:
        """By address, all notices of a room, as they were at the last look."""
        return self._plans

    def changed(self, addresses: Iterable[str] | None) -> None:
        """The talks of these rooms (None: of any) are not what they were."""
        # Also rooms that the programme has left: something may wait there.
        everywhere = {*self._programme.addresses(), *self._plans}
        self._changed |= everywhere if addresses is None else set(addresses)
        self._wake.set()

    async def run(self) -> None:
        """Tell until cancelled."""
        self.changed(None)
        while True:
            try:
                await self.step()
            except Exception:
                self._log.exception("Notices could not be told; next try in a moment")
            await self._rest()

    async def _rest(self) -> None:
        """Until there may be something to do: also if the clock is set back meanwhile."""
        before = self._clock.now()
        for _ in range(LOOK_AGAIN // GLANCE):
            if await self._wake.wait(timeout=GLANCE) or self._clock.now() < before:
                return
            before = self._clock.now()

    async def step(self) -> None:
        """Tell what is due, once."""
        now, latest = self._clock.now(), self._latest
        self._latest = now
        if latest is not None and now < latest:
            # The clock was wrong, and is set right.
            self.changed(None)
        await self._each(self._changed, self._replan)
        due = {address for address, moment in self._moments(now) if moment <= now}
        await self._each(due, self._tell)
        self._arm()

    async def _each(self, addresses: Iterable[str], work: Callable[[str], Awaitable[None]]) -> None:
        """A room that fails by a fault of ours keeps no other from being told."""
        for address in sorted(addresses):
            try:
                await work(address)
            except Exception as err:
                if is_transient(err):
                    raise
                self._log.exception("Notices for %s could not be told", address)

    async def hold(self, session: WriteSession, addresses: Iterable[str]) -> None:
        """Take back what waits for these rooms: it is told later, if it is still true."""
        addresses = list(addresses)
        names = await names_of(session, addresses)
        rows = await session.scalars(
            select(ToldNotice.message_key).where(ToldNotice.address.in_(names))
        )
        session.after_commit(lambda: self.changed(addresses))
        await self._take_back(session, set(rows))

    async def erase(self, session: WriteSession, shown: Iterable[Shown]) -> None:
        """A question was redacted: it leaves the messages that are edited, and those that
        still wait are told without it. Earlier versions of what was edited are redacted. What
        else shows it is the caller's."""
        renewed = {entry.message_key: entry.renewed for entry in shown}
        told = await session.execute(
            select(ToldNotice.message_key, ToldNotice.address)
            .where(ToldNotice.message_key.in_(list(renewed)))
            .distinct()
        )
        addresses = {row.message_key: row.address for row in told}
        withdrawn = await self._take_back(session, addresses)
        session.after_commit(lambda: self.changed(addresses.values()))
        for key, address in addresses.items():
            if renewed[key] and key not in withdrawn:
                plan = await self._room_plans.of(session, address)
                await self._boards.erase(session, plan, key)
        await self._outbox.redact_versions(session, renewed)

    async def _replan(self, address: str) -> None:
        async with self._database.write() as session:
            plan = await self._room_plans.of(session, address)
            # What waits in the outbox may not be due as it was, nor by a clock that was wrong.
            now = self._clock.now()
            if stale := plan.told.keys() - {n.key for n in plan.notices if n.due <= now}:
                await self._take_back(session, {plan.told[key] for key in stale})
                told = await told_at(session, {plan.address: plan.names})
                plan = replace(plan, told=told[plan.address])
            await self._adopt(session, plan)
            await self._boards.keep(session, plan)
        if plan.address != address:
            self._forget(address)
        self._looked(plan)
        self._changed.discard(address)

    def _forget(self, address: str) -> None:
        """Another address of the same room stands for it now."""
        for known in (self._plans, self._told, self._looked_at):
            known.pop(address, None)

    async def _adopt(self, session: WriteSession, plan: RoomPlan) -> None:
        """A talk that a message says is on, and that now began at another time, is not told
        again: that message says it. Nor is what was told since."""
        now = self._clock.now()
        due = [n for n in plan.notices if n.due <= now < n.expires]
        earlier = {_but_start(key): message for key, message in plan.told.items()}
        for notice in due:
            if notice.kind is not Kind.NOW:
                continue
            talk = notice.slot.talk.guid
            message = await self._boards.saying(session, plan, talk)
            if message is None or plan.told.get(notice.key) == message:
                continue
            await retell(session, plan.address, plan.names, notice.key, message)
            plan.told[notice.key] = message
            for other in due:
                told_by = earlier.get(_but_start(other.key))
                if other.slot.talk.guid == talk and other.key not in plan.told and told_by:
                    await retell(session, plan.address, plan.names, other.key, told_by)
                    plan.told[other.key] = told_by

    def _looked(self, plan: RoomPlan) -> None:
        self._plans[plan.address], self._told[plan.address] = plan.notices, plan.told
        self._looked_at[plan.address] = self._clock.now()

    async def _take_back(self, session: WriteSession, message_keys: Collection[str]) -> list[str]:
        """Of these messages, those that still wait are not sent, and count as not told.
        Returns their keys."""
        withdrawn = await self._outbox.withdraw(session, message_keys)
        await forget_told(session, withdrawn)
        await session.execute(delete(Board).where(Board.message_key.in_(withdrawn)))
        await forget(session, [*withdrawn, *map(edit_key, withdrawn)])
        return withdrawn

    async def _tell(self, address: str) -> None:
        async with self._database.write() as session:
            plan = await self._room_plans.of(session, address)
            if plan.address != address:
                self._forget(address)
                self.changed([plan.address])
                return
            if plan.room is None or await is_paused(session, address, self._programme):
                self._looked_at[address] = self._clock.now()
                return
            await self._adopt(session, plan)
            now = self._clock.now()
            due = [notice for notice in plan.notices if notice.due <= now < notice.expires]
            questions = await asked_in(session, plan, due)
            for message in self._room_plans.messages(plan, now, questions.by_talk):
                told_by = await self._put(session, plan.room, message)
                note_told(session, address, message.keys, told_by)
                plan.told.update(dict.fromkeys(message.keys, told_by))
                if told_by != message.key:
                    continue
                shown = [questions.ids[number] for number in message.questions]
                await show(session, told_by, shown, renewed=False)
                if message.kind is Kind.NOW:
                    await self._boards.begin(session, plan, told_by)
            await self._boards.keep(session, plan)
        self._looked(plan)

    async def _put(self, session: WriteSession, room: str, message: Message) -> str:
        """Put it in the outbox; returns the key there of what says it."""
        content = notice_content(message.text)
        if message.edit_of is not None:
            return await self._outbox.edit(
                session, message.edit_of, content, expires=message.expires
            )
        await self._outbox.message(
            session, message.key, room, content, message.urgency, expires=message.expires
        )
        return message.key

    def _moments(self, now: datetime) -> Iterator[tuple[str, datetime]]:
        """When each room has something to be told; `now` where that is overdue."""
        for address, notices in self._plans.items():
            told, looked = self._told[address], self._looked_at[address]
            if (moment := wake_at(notices, told, now)) is not None:
                yield address, moment
            # What was told too early, as it turned out, is said of again when it begins.
            for notice in notices:
                if notice.kind is Kind.NOW and notice.key in told and notice.due > looked:
                    yield address, notice.due

    def _arm(self) -> None:
        """Wake when the next notice falls due."""
        now = self._clock.now()
        moments = [moment for _, moment in self._moments(now) if moment > now]
        if moments:
            self._timers.add_job(
                self._wake.set,
                "date",
                run_date=self._clock.to_wall(min(moments)) + timedelta(milliseconds=1),
                id="next notice",
                replace_existing=True,
                # The default passes over a job that is a second late.
                misfire_grace_time=None,
            )


def _but_start(key: str) -> str:
    """Names the notice whenever the talk starts."""
    return key.rpartition("/")[0]
