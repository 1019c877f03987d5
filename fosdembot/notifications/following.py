"""Questions go with their talk into the Matrix room in which it takes place now."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Question
from fosdembot.matrix.room_addresses import room_of
from fosdembot.matrix.wake import Wake
from fosdembot.questions.desk import Desk
from fosdembot.questions.scopes import scope_of
from fosdembot.schedule.model import Talk


class Following:
    """Looks at the start, and when it is told that something changed."""

    def __init__(
        self,
        database: Database,
        programme: Programme,
        desk: Desk,
        clock: Clock,
    ) -> None:
        self._database = database
        self._programme = programme
        self._desk = desk
        self._clock = clock
        self._left_behind: frozenset[str] = frozenset()
        """Talks of which questions stayed where they were asked: they were decided."""
        self._due: set[str] | None = None
        """The talks to look at; None: all of them."""
        self.wake = Wake()

    def talks_moved(self) -> None:
        """There is another schedule, or the bot is in other rooms."""
        self._due = None
        self.wake.set()

    def changed(self, talks: Collection[str]) -> None:
        """The questions to these talks (guids) are not what they were: one that was decided
        may wait again. Costs next to nothing: it is called for every vote."""
        if self._due is not None and not self._left_behind.isdisjoint(talks):
            self._due |= self._left_behind.intersection(talks)
            self.wake.set()

    async def step(self) -> None:
        """Let the questions of those talks follow that are not where they were asked."""
        due, self._due = self._due, set()
        try:
            async with self._database.read() as session:
                moved = await self._moved(session, due)
            if due is None:
                self._left_behind = frozenset(moved)
            for talk, room in moved.items():
                async with self._database.write() as session:
                    await self._desk.follow(session, talk, room, self._clock.now())
        except Exception:
            self._due = None
            raise

    async def _moved(self, session: AsyncSession, due: Collection[str] | None) -> dict[str, str]:
        """Talks (guids), not over, that have questions of another room → the room in which
        they are."""
        found: dict[str, str] = {}
        asked = select(Question.talk, Question.scope).distinct()
        if due is not None:
            asked = asked.where(Question.talk.in_(due))
        for guid, scope in await session.execute(asked):
            talk = self._programme.talks.get(guid)
            address = self._programme.address_for(talk) if talk is not None else None
            room = await room_of(session, address) if address is not None else None
            if talk is None or address is None or room is None:
                continue
            is_elsewhere = await scope_of(session, room) != scope
            if is_elsewhere and not await self._is_over(session, address, talk):
                found[guid] = room
        return found

    async def _is_over(self, session: AsyncSession, address: str, talk: Talk) -> bool:
        """Whether it is, as it really took place: its questions stay, since a letter may name them
        by their numbers."""
        slots = (await self._programme.room(session, address)).slots
        ends = (slot.end for slot in slots if slot.talk.guid == talk.guid)
        return next(ends, talk.end) <= self._clock.now()
