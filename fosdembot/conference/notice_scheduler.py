"""The notice scheduler tells each room what falls due there.

The plans in memory say when to look; what is told is decided in the transaction
that puts it in the outbox, from what is then true. So a crash, a late start or a
talk that was moved in the same second can neither double nor falsify a notice.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from fosdembot.clock import Clock
from fosdembot.conference.addresses import names_of
from fosdembot.conference.notice_writer import NoticeWriter
from fosdembot.conference.plans import RoomPlan
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.errors import is_transient
from fosdembot.db.question_tables import Shown
from fosdembot.db.tables import ToldNotice
from fosdembot.matrix.wake import Wake
from fosdembot.talks.messages import most_urgent, wake_at
from fosdembot.talks.notices import Kind, Notice

LOOK_AGAIN = timedelta(seconds=30)
"""After this, on the wall, the notice scheduler looks even if nothing is due: rooms get joined."""
GLANCE = 5.0
"""Seconds between two glances at the clock, which somebody may set right."""
TOGETHER = 50
"""Rooms in one transaction: the first of three hundred are sent while the last are planned."""

Together = Callable[[Collection[str]], Awaitable[None]]


class NoticeScheduler:
    def __init__(
        self,
        database: Database,
        notice_writer: NoticeWriter,
        clock: Clock,
        log: logging.Logger,
    ) -> None:
        self._database = database
        self._writer = notice_writer
        self._clock = clock
        self._log = log
        self.wake = Wake()
        self._plans: dict[str, Sequence[Notice]] = {}
        self._told: dict[str, dict[str, str]] = {}
        """By address: key of a notice → key of the message that told it."""
        self._looked_at: dict[str, datetime] = {}
        """By address, when what its boards say was last made true."""
        self._changed: set[str] = set()
        self._latest: datetime | None = None
        """What the clock said at the latest step."""
        self._look_at: datetime | None = None

    @property
    def plans(self) -> Mapping[str, Sequence[Notice]]:
        """By address, all notices of a room, as they were at the last look."""
        return self._plans

    def changed(self, addresses: Iterable[str] | None) -> None:
        """The talks of these rooms (None: of any) are not what they were."""
        self._changed |= self._everywhere() if addresses is None else set(addresses)
        self.wake.set()

    def moved(self, addresses: Collection[str] | None) -> None:
        """Addresses (None: any) lead to other rooms; of talks or not."""
        if addresses is None:
            self.changed(None)
        elif here := self._everywhere().intersection(addresses):
            self.changed(here)

    def _everywhere(self) -> set[str]:
        # Also rooms that the programme has left: something may wait there.
        return {*self._writer.programme.addresses(), *self._plans}

    async def step(self) -> float:
        """Tell what is due, once. Returns the seconds until the next glance at the clock."""
        now, latest = self._clock.now(), self._latest
        self._latest = now
        if latest is None or now < latest:
            # At the start; or the clock was wrong, and is set right.
            self.changed(None)
        if self._changed or self._look_at is None or self._look_at <= now:
            # If this fails, it is tried again.
            self._look_at = None
            await self._each(sorted(self._changed), self._replan)
            due = {address for address, moment in self._moments(now) if moment <= now}
            await self._each(sorted(due, key=self._urgency), self._tell)
            # By the same moment: what fell due meanwhile comes next.
            self._look_at = self._next(now)
        left = self._clock.to_wall(self._look_at) - self._clock.to_wall(self._clock.now())
        return min(max(left.total_seconds(), 0.0), GLANCE)

    def _urgency(self, address: str) -> tuple[int, str]:
        """The most urgent come first, over all rooms."""
        plan, told = self._plans[address], self._told[address]
        return most_urgent(plan, told, self._clock.now()), address

    async def _each(self, addresses: Sequence[str], work: Together) -> None:
        """A room that fails by a fault of ours keeps no other from being told: those that
        fail together are tried one by one."""
        for first in range(0, len(addresses), TOGETHER):
            some = addresses[first : first + TOGETHER]
            try:
                await work(some)
            except Exception as err:
                if is_transient(err):
                    raise
                self._log.warning("%d rooms failed together, one by one now: %s", len(some), err)
                for address in some:
                    await self._alone(address, work)

    async def _alone(self, address: str, work: Together) -> None:
        try:
            await work([address])
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
        await self._writer.take_back(session, set(rows))

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
        withdrawn = await self._writer.take_back(session, addresses)
        session.after_commit(lambda: self.changed(addresses.values()))
        for key, address in addresses.items():
            if renewed[key] and key not in withdrawn:
                plan = await self._writer.plans.of(session, address)
                await self._writer.boards.erase(session, plan, key)
        await self._writer.outbox.redact_versions(session, renewed)

    async def _replan(self, addresses: Collection[str]) -> None:
        async with self._database.write() as session:
            plans = await self._writer.look_again(session, addresses)
        self._looked(plans)
        for address in set(addresses) - {plan.address for plan in plans}:
            self._forget(address)
        self._changed -= set(addresses)

    async def _tell(self, addresses: Collection[str]) -> None:
        async with self._database.write() as session:
            plans = await self._writer.tell(session, addresses)
        self._looked([plan for plan in plans if plan.address in addresses])
        there = {plan.address for plan in plans}
        for address in set(addresses) - there:
            self._forget(address)
        if others := there - set(addresses):
            self.changed(others)

    def _forget(self, address: str) -> None:
        """Another address of the same room stands for it now."""
        for known in (self._plans, self._told, self._looked_at):
            known.pop(address, None)

    def _looked(self, plans: Iterable[RoomPlan]) -> None:
        now = self._clock.now()
        for plan in plans:
            self._plans[plan.address], self._told[plan.address] = plan.notices, plan.told
            self._looked_at[plan.address] = now

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

    def _next(self, now: datetime) -> datetime:
        """When the next notice falls due, or rooms are looked at in any case."""
        again = self._clock.from_wall(self._clock.to_wall(now) + LOOK_AGAIN)
        return min([again, *(moment for _, moment in self._moments(now) if moment > now)])
