"""What a room is told: decided, and put in the outbox, in the transaction that it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from fosdembot.clock import Clock
from fosdembot.conference.board import Boards
from fosdembot.conference.board_messages import read_boards_ahead, replaced_by
from fosdembot.conference.pauses import covers, paused_scopes
from fosdembot.conference.plans import Plans, RoomPlan
from fosdembot.conference.programme import Programme
from fosdembot.conference.question_summaries import read_ahead, summaries_of
from fosdembot.conference.told_notices import forget_told, hand_over, note_told, retell, told_at
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Board
from fosdembot.db.tables import RoomState
from fosdembot.matrix.content import notice as notice_content
from fosdembot.matrix.outbox import Outbox, edit_key, pin_key
from fosdembot.matrix.outbox_read_ahead import look_up
from fosdembot.matrix.power import DECIDE_POWER
from fosdembot.questions.shown import forget, show
from fosdembot.talks.messages import Message
from fosdembot.talks.notices import Kind

_FLUSHED = 3
"""Rooms after which what they are told goes to the database: for all fifty at once it would
hold the loop for a tenth of a second."""
_POWER = select(RoomState).where(
    RoomState.room_id.in_(bindparam("rooms", expanding=True)), RoomState.type.in_(DECIDE_POWER)
)
"""Made once: to make it takes longer than to execute it."""


@dataclass(frozen=True, slots=True)
class NoticeWriter:
    programme: Programme
    plans: Plans
    boards: Boards
    outbox: Outbox
    clock: Clock

    async def look_again(self, session: WriteSession, addresses: Collection[str]) -> list[RoomPlan]:
        """The talks of these rooms are not what they were: take back what waits and is not
        true any more, and correct what their boards say. Returns the plans."""
        return await self._each(session, addresses, self._look_again)

    async def tell(self, session: WriteSession, addresses: Collection[str]) -> list[RoomPlan]:
        """Tell these rooms what is due there. Returns their plans."""
        scopes = await paused_scopes(session)

        async def tell_one(session: WriteSession, plan: RoomPlan) -> RoomPlan:
            if (
                plan.address in addresses
                and plan.room is not None
                and not covers(scopes, plan.names, self.programme)
            ):
                await self._tell(session, plan, plan.room)
            return plan

        return await self._each(session, addresses, tell_one)

    async def _each(
        self,
        session: WriteSession,
        addresses: Collection[str],
        work: Callable[[WriteSession, RoomPlan], Awaitable[RoomPlan]],
    ) -> list[RoomPlan]:
        plans = await self.plans.of_all(session, addresses)
        await self._read_ahead(session, plans)
        done = []
        for number, plan in enumerate(plans, 1):
            done.append(await work(session, plan))
            # On SQLite nothing here waits, and others wait for their turn.
            await asyncio.sleep(0)
            if number % _FLUSHED == 0:
                await session.flush()
                await asyncio.sleep(0)
        return done

    async def _read_ahead(self, session: WriteSession, plans: Sequence[RoomPlan]) -> None:
        now = self.clock.now()
        await read_ahead(session, plans, now)
        await asyncio.sleep(0)
        await read_boards_ahead(session, plans)
        await asyncio.sleep(0)
        rooms = {plan.room: plan.bridged for plan in plans if plan.room is not None}
        # Held by the session: they are not asked for again.
        (await session.scalars(_POWER, {"rooms": list(rooms)})).all()
        await asyncio.sleep(0)
        messages = {
            notice.key
            for plan in plans
            for notice in plan.notices
            if notice.due <= now < notice.expires
        }
        messages |= {key for plan in plans for key in plan.told.values()}
        keys = messages | {edit_key(key) for key in messages} | {pin_key(room) for room in rooms}
        await look_up(session, keys, rooms)

    async def take_back(self, session: WriteSession, message_keys: Collection[str]) -> list[str]:
        """Of these messages, those that still wait are not sent, and count as not told.
        Returns their keys."""
        withdrawn = await self.outbox.withdraw(session, message_keys)
        # What such a message had taken the place of is in its room, and told it before.
        for key, before in (await replaced_by(session, withdrawn)).items():
            await hand_over(session, key, before)
        await forget_told(session, withdrawn)
        await session.execute(delete(Board).where(Board.message_key.in_(withdrawn)))
        await forget(session, [*withdrawn, *map(edit_key, withdrawn)])
        return withdrawn

    async def _look_again(self, session: WriteSession, plan: RoomPlan) -> RoomPlan:
        # What waits in the outbox may not be due as it was, nor by a clock that was wrong.
        now = self.clock.now()
        if stale := _stale(plan, now):
            await self.take_back(session, stale)
            plan.ahead.boards = None
            told = await told_at(session, {plan.address: plan.names})
            plan = replace(plan, told=told[plan.address])
        await self._adopt(session, plan)
        await self.boards.keep(session, plan)
        return plan

    async def _adopt(self, session: WriteSession, plan: RoomPlan) -> None:
        """A talk that a message says is on, and that now began at another time, is not told
        again: that message says it. Nor is what was told since."""
        now = self.clock.now()
        due = [n for n in plan.notices if n.due <= now < n.expires]
        earlier = {_but_start(key): message for key, message in plan.told.items()}
        for notice in due:
            if notice.kind is not Kind.NOW:
                continue
            talk = notice.slot.talk.guid
            message = await self.boards.saying(session, plan, talk)
            if message is None or plan.told.get(notice.key) == message:
                continue
            await retell(session, plan.address, plan.names, notice.key, message)
            plan.told[notice.key] = message
            for other in due:
                told_by = earlier.get(_but_start(other.key))
                if other.slot.talk.guid == talk and other.key not in plan.told and told_by:
                    await retell(session, plan.address, plan.names, other.key, told_by)
                    plan.told[other.key] = told_by

    async def _tell(self, session: WriteSession, plan: RoomPlan, room: str) -> None:
        await self._adopt(session, plan)
        now = self.clock.now()
        due = [notice for notice in plan.notices if notice.due <= now < notice.expires]
        questions = await summaries_of(session, plan, due)
        for message in self.plans.messages(plan, now, questions.by_talk):
            told_by = await self._put(session, room, message)
            note_told(session, plan.address, message.keys, told_by)
            plan.told.update(dict.fromkeys(message.keys, told_by))
            if message.edit_of is not None:
                continue
            shown = [questions.ids[number] for number in message.questions]
            await show(session, told_by, shown, renewed=False)
            if message.kind is Kind.NOW:
                await self.boards.begin(session, plan, told_by)
        await self.boards.keep(session, plan)

    async def _put(self, session: WriteSession, room: str, message: Message) -> str:
        """Put it in the outbox; returns the key there of what says it."""
        content = notice_content(message.text)
        if message.edit_of is not None:
            return await self.outbox.edit(
                session, message.edit_of, content, expires=message.expires
            )
        key, number = message.key, 1
        while not await self.outbox.message(
            session, key, room, content, message.urgency, expires=message.expires
        ):
            if await self.outbox.unredacted(session, key) is not None:
                break
            # It was told, and taken out of the room, and what was to replace it was not sent.
            number += 1
            key = f"{message.key}/{number}"
        return key


def _stale(plan: RoomPlan, now: datetime) -> set[str]:
    """The messages that tell what is not due any more. The former time of a talk that was
    retimed is none of that, where the same message tells it at its new one."""
    due = {notice.key for notice in plan.notices if notice.due <= now}
    kept = {(_but_start(key), message) for key, message in plan.told.items() if key in due}
    return {
        message
        for key, message in plan.told.items()
        if key not in due and (_but_start(key), message) not in kept
    }


def _but_start(key: str) -> str:
    """Names the notice whenever the talk starts."""
    return key.rpartition("/")[0]
