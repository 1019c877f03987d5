"""How the conference stands, for those who run it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.chat.scopes import shown
from fosdembot.conference.programme import Programme
from fosdembot.conference.schedule_warnings import number_of
from fosdembot.db.question_tables import Question
from fosdembot.db.tables import FailedEvent, Outgoing, Pause, ScheduleCopy
from fosdembot.matrix.room_addresses import room_of
from fosdembot.questions.states import ON_BOARD, State
from fosdembot.settings import Settings
from fosdembot.talks.phases import coming, on_now
from fosdembot.talks.slots import is_talk
from fosdembot.texts import commands as texts
from fosdembot.texts import warnings as news
from fosdembot.texts.render import Text, lines, say
from fosdembot.texts.words import clock_time, count

Troubles = Callable[[tzinfo], Sequence[Text]]
"""What is in trouble as a whole, see `conference/troubles.py`."""


class Status:
    def __init__(
        self,
        programme: Programme,
        settings: Settings,
        troubles: Troubles,
    ) -> None:
        self._programme = programme
        self._settings = settings
        self._troubles = troubles

    async def overview(self, session: AsyncSession, now: datetime) -> Text:
        """`!conf status`."""
        said = [
            *await self._programme_lines(session, now),
            *await self._question_lines(session),
            await self._queue_line(session),
            *await self._schedule_lines(session, now),
        ]
        paused = [shown(scope) for scope in await session.scalars(select(Pause.scope))]
        if paused:
            said.append(say(texts.STATUS_PAUSED, scopes=", ".join(paused)))
        said += self._troubles(self._programme.zone)
        return lines(said)

    async def _programme_lines(self, session: AsyncSession, now: datetime) -> list[Text]:
        if not self._programme.talks:
            return [say(texts.STATUS_NONE)]
        addresses = self._programme.addresses()
        joined, on, starts = 0, 0, []
        for address in addresses:
            joined += await room_of(session, address) is not None
            slots = (await self._programme.room(session, address)).slots
            on += len(on_now(slots, now))
            starts += [slot.start for slot in coming(slots, now)]
        # Without those that vanished: with new ids each would count twice.
        published = (await self._programme.schedule(session)).entries
        talks = [talk for talk in published if is_talk(talk, self._settings)]
        rooms = count(len(addresses), "room")
        title = self._programme.title or "–"
        zone = self._programme.zone
        soonest = clock_time(min(starts), zone, now) if starts else texts.NOBODY_NEXT
        all_in = joined == len(addresses)
        return [
            say(texts.STATUS, title=title, talks=count(len(talks), "talk"), rooms=rooms),
            say(texts.STATUS_ALL_JOINED, rooms=rooms)
            if all_in
            else say(texts.STATUS_ROOMS, joined=joined, rooms=rooms, p=self._prefix),
            say(texts.STATUS_ON, on=on, next=soonest),
        ]

    async def _question_lines(self, session: AsyncSession) -> list[Text]:
        numbers = await session.execute(
            select(Question.state, func.count().label("number")).group_by(Question.state)
        )
        by_state = {row.state: row.number for row in numbers}
        if not by_state:
            return []
        waiting = sum(by_state.get(state, 0) for state in ON_BOARD)
        pending = by_state.get(State.PENDING, 0)
        return [say(texts.STATUS_QUESTIONS, open=waiting, pending=pending)]

    async def _queue_line(self, session: AsyncSession) -> Text:
        rows = await session.execute(
            select(Outgoing.state, func.count().label("number")).group_by(Outgoing.state)
        )
        states = {row.state: row.number for row in rows}
        errors = await session.scalar(select(func.count()).select_from(FailedEvent))
        waiting = states.get("queued", 0) + states.get("sending", 0)
        failed = states.get("failed", 0)
        return say(texts.STATUS_QUEUE, waiting=waiting, failed=failed, errors=errors or 0)

    async def _schedule_lines(self, session: AsyncSession, now: datetime) -> list[Text]:
        copies = {copy.standing: copy for copy in await session.scalars(select(ScheduleCopy))}
        zone = self._programme.zone
        said = []
        if (current := copies.get("in_force")) is not None:
            said.append(say(texts.STATUS_SCHEDULE, at=clock_time(current.at, zone, now)))
            if odd := number_of(current.note):
                said.append(say(news.WARNED, warnings=count(odd, "warning"), p=self._prefix))
        if (held := copies.get("held")) is not None:
            said.append(say(texts.STATUS_HELD, why=held.note, p=self._prefix))
        if (refused := copies.get("refused")) is not None:
            said.append(say(texts.STATUS_REFUSED, note=refused.note))
        return said

    @property
    def _prefix(self) -> str:
        return self._settings.command_prefix
