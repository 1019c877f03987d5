"""A talk room with a board, and an audience that asks and votes.

It begins at 9:00; "Tiny kernels" is on from 10:00 to 10:25, then come "Big kernels".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select

from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Board, Question
from fosdembot.db.tables import Outgoing
from fosdembot.questions.by import By
from fosdembot.questions.new_question import NewQuestion
from fosdembot.questions.states import Action
from simulation.conference import Planned
from tests.committed import Said
from tests.stage import BOT, KERNEL, MODERATOR, MakeStage, Stage, room_id, talks
from tests.unheard import unheard

TINY = Planned(1, "Tiny kernels", 60, 25)
BIG = Planned(2, "Big kernels", 85, 25)
PROGRAMME = talks(TINY, BIG, Planned(3, "Old kernels", 300, 25))
SECOND = 1 / 60
BRIDGE = ("m.bridge", {"protocol": {"id": "irc"}}, "irc")


class Audience:
    """Asks and votes for one talk, at the bot's desk."""

    def __init__(self, stage: Stage, talk: str = "talk-1", room: str = KERNEL) -> None:
        self.stage = stage
        self.talk = talk
        self.room = room

    def by(self) -> By:
        event = f"$by-{self.talk}-{next(self.stage.ids)}"
        return By("@somebody:example.org", event, self.stage.clock.now())

    async def ask(self, *texts: str) -> list[int]:
        """Questions, each by another person; their ids."""
        found = []
        async with self.stage.database.write() as session:
            for text in texts:
                event = f"$ask-{self.talk}-{next(self.stage.ids)}"
                new = NewQuestion(
                    room=room_id(self.room),
                    talk=self.talk,
                    text=text,
                    asker=f"@{event[1:]}:example.org",
                    name="Bob",
                    cause=event,
                    at=self.stage.clock.now(),
                )
                with unheard(self.stage.bot.desk) as desk:
                    question, _ = await desk.ask(session, new)
                found.append(question.id)
        return found

    async def vote(self, question: int, votes: int = 1) -> None:
        async with self.stage.database.write() as session:
            row = await session.get_one(Question, question)
            for _ in range(votes):
                voter = f"@voter-{self.talk}-{next(self.stage.ids)}:example.org"
                await self.stage.bot.desk.vote(session, row, voter, f"$by{voter}")

    async def act(self, question: int, action: Action) -> None:
        async with self.stage.database.write() as session:
            row = await session.get_one(Question, question)
            with unheard(self.stage.bot.desk) as desk:
                await desk.act(session, row, action, self.by())

    async def edit(self, question: int, text: str) -> None:
        async with self.stage.database.write() as session:
            row = await session.get_one(Question, question)
            with unheard(self.stage.bot.desk) as desk:
                await desk.edit(session, row, text, self.by())

    async def close(self) -> None:
        async with self.stage.database.write() as session:
            by = self.by()
            await self.stage.bot.desk.set_closed(session, room_id(KERNEL), self.talk, True, by)

    async def redact(self, question: int) -> None:
        """The asker's message is redacted, as the homeserver tells it."""
        async with self.stage.database.read() as session:
            source = (await session.get_one(Question, question)).source
        event = f"$redaction{next(self.stage.ids)}"
        async with self.stage.database.write() as session:
            await redact(self.stage, session, str(source), event)


async def redact(stage: Stage, session: WriteSession, source: str, event: str) -> None:
    content = {
        "event_id": event,
        "type": "m.room.redaction",
        "sender": MODERATOR,
        "origin_server_ts": stage.clock.now().timestamp() * 1000,
        "content": {"redacts": source},
        "redacts": source,
    }
    await stage.router.handle(session, room_id(KERNEL), content)


@pytest.fixture
async def hall(make_stage: MakeStage) -> Stage:
    return await open_hall(make_stage)


async def open_hall(make_stage: MakeStage, **settings: Any) -> Stage:
    return await make_stage(prepared=hall_opens, **settings)


async def hall_opens(stage: Stage) -> None:
    await stage.publish(*PROGRAMME)
    await stage.open(KERNEL, {BOT: 50, MODERATOR: 50})


@pytest.fixture
async def audience(make_stage: MakeStage) -> Audience:
    """Of a talk that began a minute ago."""
    return await open_audience(make_stage)


async def open_audience(make_stage: MakeStage, **settings: Any) -> Audience:
    return Audience(await make_stage(prepared=talk_begins, **settings))


async def talk_begins(stage: Stage) -> None:
    await hall_opens(stage)
    await listening(stage)


async def listening(stage: Stage) -> Audience:
    await stage.tell(60)
    await stage.deliver()
    stage.clock.set(61)
    return Audience(stage)


async def look(stage: Stage, minutes: float | None = None) -> list[Said]:
    """The boards are looked at, now or at so many minutes after the start; what is new."""
    if minutes is not None:
        stage.clock.set(minutes)
    await stage.bot.boards.step()
    said = await stage.news()
    await stage.deliver()
    return said


async def board(stage: Stage, minutes: float | None = None) -> list[str]:
    """The lines of the board that is edited then, under its head; none if it is not."""
    said = await look(stage, minutes)
    if not said:
        return []
    [edit] = said
    assert edit.kind == "edit"
    return [line for line in edit.body.split("\n")[2:] if line]


async def row(stage: Stage) -> Board:
    async with stage.database.read() as session:
        return (await session.scalars(select(Board))).one()


async def outbox_rows(stage: Stage) -> int:
    async with stage.database.read() as session:
        return await session.scalar(select(func.count(Outgoing.id))) or 0


def numbers(lines: Sequence[str]) -> list[str]:
    """What of these lines are questions, by number."""
    return [word for line in lines for word in line.split()[:1] if word.isdecimal()]
