"""A programme and the questions to its talks, on a real database, without a bot."""

from __future__ import annotations

import itertools
import logging
from datetime import timedelta
from typing import Any

import pytest

from fosdembot.changes import Changes
from fosdembot.conference.room_view import RoomView, RoomViews
from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Question
from fosdembot.questions import answers
from fosdembot.questions.by import By
from fosdembot.questions.desk import Desk
from fosdembot.questions.new_question import NewQuestion
from fosdembot.questions.states import Action
from fosdembot.questions.views import (
    Part,
    QuestionsView,
    QuestionView,
    Wanted,
)
from fosdembot.schedule.model import Schedule, Talk
from fosdembot.talks.slots import Override, S, StageSlot
from simulation.parts import SetClock
from tests.stage import MODERATOR
from tests.talks.programme import ROOM, at, settings, talk

from .programmes import programme_on

ROOM_ID = "!kernel"
OLDER = "#older:example.org"
TINY = talk("tiny", "10:00", chat_room=ROOM)
BIG = talk("big", "10:30", chat_room=ROOM)
LUNCH = talk("lunch", "12:00", 60, title="Lunch", chat_room=ROOM)
OLD = talk("old", "14:00", chat_room=ROOM)
DAY = (TINY, BIG, LUNCH, OLD)


class World:
    """A programme in force, and what reads it."""

    def __init__(self, database: Database, **sections: Any) -> None:
        self.database = database
        self._settings = settings(**sections)
        self.programme = programme_on(database, self._settings, SetClock())
        self.views = RoomViews(self.programme, self._settings)
        self.desk = Desk(self._settings.questions, Changes(logging.getLogger(__name__)))
        self._ids = itertools.count(1)

    async def publish(self, *talks: Talk) -> None:
        async with self.database.write() as session:
            schedule = Schedule(format="", title="", time_zone="Europe/Brussels", entries=talks)
            await self.programme.replace(session, schedule)

    async def decide(self, **changes: Override) -> None:
        async with self.database.write() as session:
            await self.programme.decide(session, ROOM, MODERATOR, "test", changes)

    # What people do with questions.

    def by(self, person: str = MODERATOR) -> By:
        number = next(self._ids)
        return By(person, f"${number}", at("10:00") + timedelta(seconds=number))

    async def ask(
        self, text: str = "How?", talk: str = "tiny", *, votes: int = 0, name: str = "Bob"
    ) -> int:
        """The question's id; each is asked by another person."""
        by = self.by(f"@asker{next(self._ids)}")
        async with self.database.write() as session:
            new = NewQuestion(ROOM_ID, talk, text, by.person, name, by.cause, by.at)
            question, _ = await self.desk.ask(session, new)
            for number in range(votes):
                await self.desk.vote(session, question, f"@voter{number}", f"{by.cause}/{number}")
        return question.id

    async def act(self, question: int, *actions: Action) -> None:
        async with self.database.write() as session:
            row = await session.get_one(Question, question)
            for action in actions:
                await self.desk.act(session, row, action, self.by())

    async def merge(self, question: int, into: int) -> None:
        async with self.database.write() as session:
            row = await session.get_one(Question, question)
            await self.desk.merge(session, row, await session.get_one(Question, into), self.by())

    async def answer(self, question: int, text: str, *, counts: bool = True) -> None:
        async with self.database.write() as session:
            row = await session.get_one(Question, question)
            await answers.add(session, row, text, self.by(), "Ada", counts=counts)

    async def questions(self, talk: str = "tiny", **wanted: Any) -> QuestionsView:
        async with self.database.read() as session:
            return await self.views.questions(session, talk, Wanted(**wanted))

    async def room(self, clock: str, most_talks: int = 3, **wanted: Any) -> RoomView[StageSlot]:
        async with self.database.read() as session:
            talks = await self.views.stage(session, ROOM, at(clock))
            return await self.views.room(session, talks, ROOM_ID, Wanted(**wanted), most_talks)


def ids(part: Part[QuestionView]) -> list[int]:
    return [question.id for question in part.entries]


@pytest.fixture
async def world(database: Database) -> World:
    """The audience sees everything a minute later."""
    world = World(database, notices={"stream_delay_by_room": {ROOM: 60}})
    await world.publish(*DAY)
    return world


def names(talks: tuple[S, ...]) -> list[str]:
    return [slot.talk.guid for slot in talks]
