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
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.conference.asked import asked_in
from fosdembot.conference.board import Boards
from fosdembot.conference.pauses import is_paused
from fosdembot.conference.plans import Plans, RoomPlan, told_at
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.errors import is_transient
from fosdembot.db.question_tables import Board, Shown
from fosdembot.db.tables import Outgoing, ToldNotice
from fosdembot.matrix.content import notice as notice_content
from fosdembot.matrix.outbox import Outbox, edit_key
from fosdembot.matrix.power import may_send_state
from fosdembot.matrix.wake import Wake
from fosdembot.questions.shown import forget, show
from fosdembot.settings import Settings
from fosdembot.talks.asked import Asked, without_texts
from fosdembot.talks.messages import Message, tell, wake_at
from fosdembot.talks.notices import Kind, Notice

LOOK_AGAIN = 30
"""Seconds after which the crier looks even if no timer wakes it: rooms get joined."""


class Crier:
    """The only writer of `told_notices`."""

    def __init__(
        self,
        database: Database,
        programme: Programme,
        plans: Plans,
        boards: Boards,
        outbox: Outbox,
        settings: Settings,
        clock: Clock,
        timers: BaseScheduler,
        user_id: str,
        log: logging.Logger,
    ) -> None:
        self._database = database
        self._programme = programme
        self._room_plans = plans
        self._boards = boards
        self._outbox = outbox
        self._settings = settings
        self._clock = clock
        self._timers = timers
        self._user_id = user_id
        self._log = log
        self._wake = Wake()
        self._plans: dict[str, Sequence[Notice]] = {}
        self._told: dict[str, dict[str, str]] = {}
        """By address: key of a notice → key of the message that told it."""
        self._changed: set[str] = set()

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

    def look(self) -> None:
        """Something else may be different: a room was joined, a pause is over."""
        self._wake.set()

    async def run(self) -> None:
        """Tell until cancelled."""
        self.changed(None)
        while True:
            try:
                await self.step()
            except Exception:
                self._log.exception("Notices could not be told; next try in a moment")
            await self._wake.wait(timeout=LOOK_AGAIN)

    async def step(self) -> None:
        """Tell what is due, once."""
        await self._each(self._changed, self._replan)
        now = self._clock.now()
        due = [address for address, moment in self._moments(now) if moment <= now]
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
        rows = await session.scalars(
            select(ToldNotice.message_key).where(ToldNotice.address.in_(addresses))
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
            # What waits in the outbox may not be due as it was.
            if stale := plan.told.keys() - {notice.key for notice in plan.notices}:
                await self._take_back(session, {plan.told[key] for key in stale})
                plan = replace(plan, told=await told_at(session, address))
            await self._boards.keep(session, plan)
        self._plans[address], self._told[address] = plan.notices, plan.told
        self._changed.discard(address)

    async def _take_back(self, session: WriteSession, message_keys: Collection[str]) -> list[str]:
        """Of these messages, those that still wait are not sent, and count as not told.
        Returns their keys."""
        withdrawn = await self._outbox.withdraw(session, message_keys)
        await session.execute(delete(ToldNotice).where(ToldNotice.message_key.in_(withdrawn)))
        await session.execute(delete(Board).where(Board.message_key.in_(withdrawn)))
        await forget(session, [*withdrawn, *map(edit_key, withdrawn)])
        return withdrawn

    async def _tell(self, address: str) -> None:
        async with self._database.write() as session:
            plan = await self._room_plans.of(session, address)
            if plan.room is None or await is_paused(session, address, self._programme):
                return
            now = self._clock.now()
            due = [notice for notice in plan.notices if notice.due <= now < notice.expires]
            questions = await asked_in(session, plan, due)
            for message in self._messages(plan, now, questions.by_talk):
                told_by = await self._put(session, plan.room, plan, message)
                session.add_all(
                    ToldNotice(key=key, address=address, message_key=told_by)
                    for key in message.keys
                )
                plan.told.update(dict.fromkeys(message.keys, told_by))
                if told_by != message.key:
                    continue
                shown = [questions.ids[number] for number in message.questions]
                await show(session, told_by, shown, renewed=False)
                if message.kind is Kind.NOW:
                    await self._boards.begin(session, plan, told_by)
        self._plans[address], self._told[address] = plan.notices, plan.told

    def _messages(
        self, plan: RoomPlan, now: datetime, asked: Mapping[str, Asked]
    ) -> Iterator[Message]:
        """What is to be told; a board at first without the texts of questions."""
        zone, bridged = self._programme.zone, not plan.edits
        bare = {talk: without_texts(these) for talk, these in asked.items()}
        full, without = (
            tell(plan.notices, plan.told, now, zone, self._prefix, these, bridged)
            for these in (asked, bare)
        )
        for message, board in zip(full, without, strict=True):
            yield board if board.kind is Kind.NOW and plan.edits else message

    async def _put(self, session: WriteSession, room: str, plan: RoomPlan, message: Message) -> str:
        """Put it in the outbox; returns the key there of what says it."""
        content = notice_content(message.text)
        if message.edit_of is not None:
            return await self._outbox.edit(
                session, message.edit_of, content, expires=message.expires
            )
        if (same := await self._told_by(session, room, plan, message)) is not None:
            return same
        await self._outbox.message(
            session, message.key, room, content, message.urgency, expires=message.expires
        )
        if message.pin and await self._may_pin(session, room):
            await self._outbox.pin(session, room, message.key)
        return message.key

    async def _may_pin(self, session: AsyncSession, room: str) -> bool:
        return self._settings.notices.pin and await may_send_state(
            session, room, self._user_id, "m.room.pinned_events"
        )

    async def _told_by(
        self, session: AsyncSession, room: str, plan: RoomPlan, message: Message
    ) -> str | None:
        """The room's pinned message, if it says the very same: a talk that was told as
        on, and that a moderator then starts, is not told again."""
        if message.kind is not Kind.NOW:
            return None
        last = await session.scalar(
            select(Outgoing.key)
            .where(Outgoing.room_id == room, Outgoing.key.startswith(f"{Kind.NOW}/"))
            .order_by(Outgoing.id.desc())
            .limit(1)
        )
        if last is None or await self._outbox.standing(session, last) is None:
            return None
        return last if await self._boards.is_said_by(session, plan, message, last) else None

    def _moments(self, now: datetime) -> Iterator[tuple[str, datetime]]:
        """When each room has something to be told; `now` where that is overdue."""
        for address, notices in self._plans.items():
            if (moment := wake_at(notices, self._told[address], now)) is not None:
                yield address, moment

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

    @property
    def _prefix(self) -> str:
        return self._settings.command_prefix
