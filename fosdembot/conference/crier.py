"""The crier tells each room what falls due there.

The plans in memory say when to look; what is told is decided in the transaction
that puts it in the outbox, from what is then true. So a crash, a late start or a
talk that was moved in the same second can neither double nor falsify a notice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta

from apscheduler.schedulers.base import BaseScheduler
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.conference.pauses import is_paused
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.tables import Outgoing, ToldNotice
from fosdembot.matrix.content import notice as notice_content
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.power import is_bridged, may_send_state
from fosdembot.matrix.rooms import room_of
from fosdembot.matrix.wake import Wake
from fosdembot.settings import Settings
from fosdembot.talks.messages import Message, tell, wake_at
from fosdembot.talks.notices import Kind, Notice, plan

LOOK_AGAIN = 30
"""Seconds after which the crier looks even if no timer wakes it: rooms get joined."""


class Crier:
    """The only writer of `told_notices`."""

    def __init__(
        self,
        database: Database,
        programme: Programme,
        outbox: Outbox,
        settings: Settings,
        clock: Clock,
        timers: BaseScheduler,
        user_id: str,
        log: logging.Logger,
    ) -> None:
        self._database = database
        self._programme = programme
        self._outbox = outbox
        self._settings = settings
        self._clock = clock
        self._timers = timers
        self._user_id = user_id
        self._log = log
        self._wake = Wake()
        self._plans: dict[str, list[Notice]] = {}
        self._told: dict[str, dict[str, str]] = {}
        """By address: key of a notice → key of the message that told it."""
        self._changed: set[str] = set()

    def changed(self, addresses: Iterable[str] | None) -> None:
        """The talks of these rooms (None: of any) are not what they were."""
        self._changed |= set(self._programme.addresses() if addresses is None else addresses)
        self._wake.set()

    def look(self) -> None:
        """Something else may be different: a room was joined, a pause is over."""
        self._wake.set()

    async def run(self) -> None:
        """Tell until cancelled."""
        self.changed(None)
        while True:
            try:
                await self._replan()
                await self._tell_all()
                self._arm()
            except Exception:
                self._log.exception("Notices could not be told; next try in a moment")
            await self._wake.wait(timeout=LOOK_AGAIN)

    async def hold(self, session: WriteSession, addresses: Iterable[str]) -> None:
        """Take back what waits for these rooms: it is told later, if it is still true."""
        addresses = list(addresses)
        rows = await session.scalars(
            select(ToldNotice.message_key).where(ToldNotice.address.in_(addresses))
        )
        session.after_commit(lambda: self.changed(addresses))
        withdrawn = await self._outbox.withdraw(session, set(rows))
        await session.execute(delete(ToldNotice).where(ToldNotice.message_key.in_(withdrawn)))

    async def _replan(self) -> None:
        for address in sorted(self._changed):
            async with self._database.write() as session:
                notices = await self._plan(session, address)
                await self._withdraw(session, address, notices)
                await self._correct(session, address, notices)
                told = await self._told_at(session, address)
            self._plans[address], self._told[address] = notices, told
            self._changed.discard(address)

    async def _plan(self, session: AsyncSession, address: str) -> list[Notice]:
        programme = await self._programme.room(session, address)
        room = await room_of(session, address)
        bridged = room is not None and await is_bridged(session, room)
        return plan(programme.slots, self._settings, address, bridged, self._programme.zone)

    async def _told_at(self, session: AsyncSession, address: str) -> dict[str, str]:
        rows = await session.execute(
            select(ToldNotice.key, ToldNotice.message_key).where(ToldNotice.address == address)
        )
        return {row.key: row.message_key for row in rows}

    async def _withdraw(
        self, session: WriteSession, address: str, notices: Sequence[Notice]
    ) -> None:
        """Take back what waits in the outbox and is no longer due as it was."""
        told = await self._told_at(session, address)
        stale = {told[key] for key in told.keys() - {notice.key for notice in notices}}
        withdrawn = await self._outbox.withdraw(session, stale)
        await session.execute(delete(ToldNotice).where(ToldNotice.message_key.in_(withdrawn)))

    async def _correct(
        self, session: WriteSession, address: str, notices: Sequence[Notice]
    ) -> None:
        """The pinned message stays true: where a talk that is on now ends at another
        time, or has another title, it is edited."""
        now = self._clock.now()
        told = await self._told_at(session, address)
        room = await room_of(session, address)
        if room is None or not self._may_edit(address, await is_bridged(session, room)):
            return
        for notice in notices:
            if told.get(notice.key) != notice.key or not notice.due <= now < notice.expires:
                continue
            said = {key for key, message_key in told.items() if message_key == notice.key}
            group = [other for other in notices if other.key in said]
            if len(group) == len(said) and {other.kind for other in group} == {Kind.NOW}:
                for message in tell(group, {}, now, self._programme.zone, self._prefix):
                    await self._edit_if_other(session, notice.key, message)

    async def _edit_if_other(self, session: WriteSession, key: str, message: Message) -> None:
        content = notice_content(message.text)
        told = await self._outbox.find(session, key)
        edited = await self._outbox.find(session, f"edit:{key}")
        current = edited or told
        if told is not None and current is not None and current.content != content:
            await self._outbox.edit(session, key, content, expires=message.expires)

    def _may_edit(self, address: str, bridged: bool) -> bool:
        notices = self._settings.notices
        edits = notices.edits_by_room.get(address, notices.edits)
        return edits == "on" or (edits == "auto" and not bridged)

    async def _tell_all(self) -> None:
        now = self._clock.now()
        due = []
        for address, notices in self._plans.items():
            moment = wake_at(notices, self._told[address], now)
            if moment is not None and moment <= now:
                due.append(address)
        for address in due:
            await self._tell(address)

    async def _tell(self, address: str) -> None:
        async with self._database.write() as session:
            room = await room_of(session, address)
            if room is None or await is_paused(session, address, self._programme):
                return
            notices = await self._plan(session, address)
            told = await self._told_at(session, address)
            now = self._clock.now()
            for message in tell(notices, told, now, self._programme.zone, self._prefix):
                await self._put(session, address, room, message)
                told |= dict.fromkeys(message.keys, message.key)
        self._plans[address], self._told[address] = notices, told

    async def _put(self, session: WriteSession, address: str, room: str, message: Message) -> None:
        content = notice_content(message.text)
        if message.edit_of is not None:
            await self._outbox.edit(session, message.edit_of, content, expires=message.expires)
        elif not await self._is_told_already(session, room, message, content):
            await self._outbox.message(
                session, message.key, room, content, message.urgency, expires=message.expires
            )
            if message.pin and await self._may_pin(session, room):
                await self._outbox.pin(session, room, message.key)
        session.add_all(
            ToldNotice(key=key, address=address, message_key=message.key) for key in message.keys
        )

    async def _may_pin(self, session: AsyncSession, room: str) -> bool:
        return self._settings.notices.pin and await may_send_state(
            session, room, self._user_id, "m.room.pinned_events"
        )

    async def _is_told_already(
        self, session: AsyncSession, room: str, message: Message, content: dict[str, object]
    ) -> bool:
        """Whether the room's pinned message says the very same: a talk that was told as
        on, and that a moderator then starts, is not told again."""
        if message.kind is not Kind.NOW:
            return False
        last = await session.scalar(
            select(Outgoing)
            .where(Outgoing.room_id == room, Outgoing.key.startswith(f"{Kind.NOW}/"))
            .order_by(Outgoing.id.desc())
            .limit(1)
        )
        return last is not None and last.content == content

    def _arm(self) -> None:
        """Wake when the next notice falls due."""
        now = self._clock.now()
        moments = [
            moment
            for address, notices in self._plans.items()
            if (moment := wake_at(notices, self._told[address], now)) is not None and moment > now
        ]
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
