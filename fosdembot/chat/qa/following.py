"""Questions go with their talk into the Matrix room in which it takes place now."""

from __future__ import annotations

import logging

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.chat.qa.cards import Cards
from fosdembot.clock import Clock
from fosdembot.conference.asked import SHOWN
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.matrix.rooms import room_of
from fosdembot.matrix.wake import Wake
from fosdembot.questions.board import on_board
from fosdembot.questions.desk import Desk
from fosdembot.questions.rehoming import waiting
from fosdembot.questions.scopes import scope_of
from fosdembot.questions.states import UNDECIDED

_AGAIN_SECONDS = 30.0
"""After something went wrong."""


class Following:
    """Looks when woken: at a new schedule, or when the bot has come into rooms."""

    def __init__(
        self,
        database: Database,
        programme: Programme,
        desk: Desk,
        cards: Cards,
        clock: Clock,
        log: logging.Logger,
    ) -> None:
        self._database = database
        self._programme = programme
        self._desk = desk
        self._cards = cards
        self._clock = clock
        self._log = log
        self.wake = Wake()

    async def run(self) -> None:
        """Follow the talks until cancelled."""
        while True:
            wait = None
            try:
                await self.step()
            except Exception:
                self._log.exception("Questions could not follow their talk; next try in a moment")
                wait = _AGAIN_SECONDS
            await self.wake.wait(timeout=wait)

    async def step(self) -> None:
        """Let the questions of those talks follow that are not where they were asked."""
        async with self._database.read() as session:
            moved = await self._moved(session)
        for talk, room in moved.items():
            async with self._database.write() as session:
                await self._follow(session, talk, room)

    async def _moved(self, session: AsyncSession) -> dict[str, str]:
        """Talks (guids) that have questions of another room → the room in which they are."""
        found: dict[str, str] = {}
        asked = select(Question.talk, Question.scope).where(Question.state.in_(UNDECIDED))
        for guid, scope in await session.execute(asked.distinct()):
            talk = self._programme.talks.get(guid)
            address = self._programme.address_for(talk) if talk is not None else None
            room = await room_of(session, address) if address is not None else None
            if room is not None and await scope_of(session, room) != scope:
                found[guid] = room
        return found

    async def _follow(self, session: WriteSession, talk: str, room: str) -> None:
        """The best are said in the new room, to be voted on there; the others are listed."""
        for question in await waiting(session, talk):
            moved = await self._desk.rehome(session, question, room, self._clock.now())
            await self._cards.followed(session, moved)
        for question in await on_board(session, talk, SHOWN):
            await self._cards.confirm(session, question)
