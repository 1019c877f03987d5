"""A desk on a real database, for tests that read like what people do."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from fosdembot.changes import Changes, QuestionsChanged
from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Question, QuestionLog
from fosdembot.db.tables import RoomState
from fosdembot.questions import board, log, lookup
from fosdembot.questions.by import By
from fosdembot.questions.desk import Desk
from fosdembot.questions.exact import ExactCounts
from fosdembot.questions.new_question import NewQuestion
from fosdembot.questions.refusals import Refusal, Refused
from fosdembot.questions.states import Action
from fosdembot.questions.votes import Cast
from fosdembot.settings import QuestionSettings
from simulation.conference import START

ROOM = "!kernel"
TALK = "one"


class Hall:
    """Questions are named by their events, `$1` for the first thing that happens."""

    def __init__(self, database: Database, *, guests_rank: bool = False, **settings: Any) -> None:
        self.database = database
        self.changes = Changes(logging.getLogger(__name__))
        self.exact = exact = ExactCounts(database)
        self.desk = Desk(
            QuestionSettings(**settings), self.changes, exact=exact, guests_rank=guests_rank
        )
        self.changes.subscribe(self._hear, QuestionsChanged)
        self.signals: list[set[str]] = []
        self._events = itertools.count(1)

    def _hear(self, change: QuestionsChanged) -> None:
        self.signals.append(set(change.talks))

    def by(self, person: str = "@mod") -> By:
        number = next(self._events)
        return By(person, f"${number}", START + timedelta(minutes=number))

    async def ask(
        self, person: str, text: str = "How?", *, room: str = ROOM, talk: str = TALK, **more: Any
    ) -> str:
        """Returns the event."""
        event, _ = await self.asked(person, text, room=room, talk=talk, **more)
        return event

    async def asked(
        self, person: str, text: str, *, room: str = ROOM, talk: str = TALK, **more: Any
    ) -> tuple[str, int | None]:
        """Returns the event, and the number of a question that is alike."""
        by = self.by()
        new = NewQuestion(
            room, talk, text, person, more.pop("name", person), by.cause, by.at, **more
        )
        async with self.database.write() as session:
            _, alike = await self.desk.ask(session, new)
        return by.cause, alike

    async def act(self, event: str, *actions: Action, by: By | None = None) -> list[str | None]:
        """Returns the events of the questions that the last one changed."""
        changed: Sequence[Question] = []
        for action in actions:
            async with self.database.write() as session:
                question = await lookup.by_source(session, event)
                assert question is not None
                changed = await self.desk.act(session, question, action, by or self.by())
        return [question.source for question in changed]

    async def merge(self, event: str, into: str) -> None:
        async with self.database.write() as session:
            question = await lookup.by_source(session, event)
            target = await lookup.by_source(session, into)
            assert question is not None
            assert target is not None
            await self.desk.merge(session, question, target, self.by())

    async def edit(self, event: str, text: str) -> bool:
        async with self.database.write() as session:
            question = await lookup.by_source(session, event)
            assert question is not None
            return await self.desk.edit(session, question, text, self.by())

    async def redact(self, event: str) -> None:
        async with self.database.write() as session:
            question = await lookup.by_source(session, event)
            assert question is not None
            await self.desk.redact(session, question, self.by())

    async def move(
        self, event: str, talk: str, *, decided: bool = True, by: By | None = None
    ) -> None:
        async with self.database.write() as session:
            question = await lookup.by_source(session, event)
            assert question is not None
            await self.desk.move(session, question, talk, by or self.by(), decided=decided)

    async def undo(self, room: str = ROOM) -> list[str | None]:
        """Take the last decision back; returns the events of the questions that it changed."""
        async with self.database.read() as session:
            last = await log.last_decision(session, room)
        return await self.undo_cause(last.cause) if last is not None else []

    async def undo_cause(self, event: str) -> list[str | None]:
        """Take back what an event decided."""
        async with self.database.write() as session:
            entries = await log.decided_by(session, event)
            restored = await self.desk.undo(session, entries, self.by())
        return [question.source for question in restored]

    async def guests_vote(self, event: str, *guests: str, wanted: bool = True) -> None:
        async with self.database.write() as session:
            question = await lookup.by_source(session, event)
            assert question is not None
            for guest in guests:
                await self.desk.hall_vote(session, question, guest, wanted)

    async def hall_votes(self, event: str) -> int:
        return (await self.question(event)).hall_votes

    async def vote(self, event: str, *persons: str) -> list[str]:
        """Returns the events by which they vote."""
        marks = []
        for person in persons:
            marks.append(self.by().cause)
            async with self.database.write() as session:
                question = await lookup.by_source(session, event)
                assert question is not None
                await self.desk.vote(session, question, person, marks[-1])
        return marks

    async def vote_at_once(self, event: str, *persons: str) -> list[str]:
        """As a run of reactions votes; returns the events by which they do."""
        marks, committed = await self.cast_at_once(event, *persons)
        committed()
        return marks

    async def cast_at_once(self, event: str, *persons: str) -> tuple[list[str], Callable[[], None]]:
        """The same; returns as well what is to be called after the commit."""
        marks = [self.by().cause for _ in persons]

        def work(connection: Connection) -> Callable[[], None]:
            target = lookup.targets(connection, [event])[event]
            casts = [
                Cast(target.question, target.root, person, mark)
                for person, mark in zip(persons, marks, strict=True)
            ]
            return self.desk.vote_at_once(connection, casts)

        return marks, await self.database.at_once(work, durable=False)

    async def unvote(self, event: str, person: str) -> None:
        async with self.database.write() as session:
            question = await lookup.by_source(session, event)
            assert question is not None
            await self.desk.unvote(session, question, person)

    async def retract(self, mark: str) -> None:
        async with self.database.write() as session:
            await self.desk.retract_vote(session, mark)

    async def member(
        self, person: str, membership: str, *, removed: bool = False, room: str = ROOM
    ) -> None:
        async with self.database.write() as session:
            await self.desk.membership(session, room, person, membership, removed)

    async def mute(self, person: str, muted: bool = True) -> None:
        async with self.database.write() as session:
            change = self.desk.mute if muted else self.desk.unmute
            await change(session, ROOM, person, self.by())

    async def moderate(self, moderated: bool = True, room: str = ROOM) -> None:
        async with self.database.write() as session:
            await self.desk.set_moderated(session, room, moderated, self.by())

    async def close(self, closed: bool = True) -> None:
        async with self.database.write() as session:
            await self.desk.set_closed(session, ROOM, TALK, closed, self.by())

    async def created(self, room: str, predecessor: object) -> None:
        """A room says that it comes after another one."""
        async with self.database.write() as session:
            content = {"predecessor": predecessor}
            session.add(
                RoomState(
                    room_id=room, type="m.room.create", state_key="", sender="@c", content=content
                )
            )

    # How it stands.

    async def question(self, event: str) -> Question:
        async with self.database.read() as session:
            question = await lookup.by_source(session, event)
            assert question is not None
            return question

    async def state(self, event: str) -> str:
        question = await self.question(event)
        return "skipped" if question.skipped else question.state

    async def votes(self, event: str) -> int:
        return (await self.question(event)).votes

    async def board(self, talk: str = TALK) -> list[str | None]:
        async with self.database.read() as session:
            return [question.source for question in await board.on_board(session, talk)]

    async def log(self) -> Sequence[QuestionLog]:
        async with self.database.read() as session:
            return (await session.scalars(select(QuestionLog).order_by(QuestionLog.id))).all()


MakeHall = Callable[..., Hall]


def refused(why: Refusal, number: int | None = None) -> pytest.RaisesExc[Refused]:
    """Where the desk does not do something."""
    return pytest.RaisesExc(
        Refused,
        check=lambda err: err.why is why and (number is None or err.number == number),
    )
