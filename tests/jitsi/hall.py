"""A hall whose talks share one meeting, with the bot's bridge into a stand-in for it.

From 10:00 on: "Tiny kernels" until 10:25, "Big kernels" until 10:50, after a gap "Old kernels"
from 11:20 to 11:45; each with five minutes for questions at its end. It is 9:00 at first.
"""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from fosdembot.db.meeting_tables import MeetingLine
from fosdembot.jitsi.bridge import Bridge
from fosdembot.jitsi.meeting import Participant, Said
from fosdembot.meeting_url import MeetingUrl
from fosdembot.questions.by import By
from fosdembot.questions.new_question import NewQuestion
from fosdembot.questions.states import Action
from simulation.conference import Planned
from tests.chat.floor import HOSTS, one, state
from tests.stage import BOT, CLOUD, KERNEL, MODERATOR, STRANGER, Stage, room_id, talks

from .settings import MEETING
from .stand_in import MIRA, StandIn, StandInConnection

PLACE = "Hall"
PROGRAMME = talks(
    Planned(1, "Tiny kernels", 60, 25, place=PLACE),
    Planned(2, "Big kernels", 85, 25, place=PLACE),
    Planned(3, "Old kernels", 140, 25, place=PLACE),
    room=KERNEL,
)
DURING, QA = 65, 80
"""Minutes after 9:00 at which the first talk is on, and at which its Q&A begins."""


async def open_talks(stage: Stage) -> None:
    await stage.publish(*PROGRAMME)
    for alias in (KERNEL, CLOUD, HOSTS):
        await stage.open(alias, {BOT: 50, MODERATOR: 50})
    await stage.news()


class Hall:
    """What a test does in the talk room, at the desk and in the meeting."""

    def __init__(self, stage: Stage, meeting: str = MEETING, asked: int = 0) -> None:
        """`asked`: so many questions were asked before."""
        self.stage = stage
        self.url = MeetingUrl.parse(meeting)
        self.meeting = StandIn()
        self._ids = itertools.count(1 + 2 * asked)
        self._connect()

    def _connect(self, name: str = "") -> None:
        self.bridge: Bridge = self.stage.bot.attendance.bridge_of(self.url)
        self.connection: StandInConnection = self.meeting.connect(name)

    async def restart(self) -> None:
        """Another process on the same database comes into the same meeting."""
        self.connection.lose()
        self.meeting.connections.remove(self.connection)
        await self.stage.restart()
        self._connect()
        await self.come()

    async def reconnect(self) -> None:
        """The same process comes back."""
        self.connection.lose()
        self.meeting.connections.remove(self.connection)
        self.connection = self.meeting.connect()
        await self.come()

    async def come(self) -> None:
        """What the bridge does first."""
        await self.bridge.note_known(self.connection)

    def at(self, minutes: float) -> None:
        self.stage.clock.set(minutes)

    def later(self, minutes: float) -> None:
        self.stage.clock.forward(minutes)

    # In the room, and at the desk.

    async def ask(
        self, *texts: str, name: str = "Bob", talk: int = 1, direct: str | None = None
    ) -> None:
        """Each by another person, or in a direct chat with one."""
        async with self.stage.database.write() as session:
            for text in texts:
                new = NewQuestion(
                    room=room_id(KERNEL),
                    talk=f"talk-{talk}",
                    text=text,
                    asker=direct or f"@asker{next(self._ids)}:example.org",
                    direct=direct is not None,
                    name=name,
                    cause=f"$asked{next(self._ids)}",
                    at=self.stage.clock.now(),
                )
                await self.stage.bot.desk.ask(session, new)

    async def vote(self, number: int, votes: int = 1) -> None:
        async with self.stage.database.write() as session:
            question = await one(session, number)
            for _ in range(votes):
                voter = f"@voter{next(self._ids)}:example.org"
                await self.stage.bot.desk.vote(session, question, voter, f"$by{voter}")

    async def act(self, number: int, *actions: Action, into: int | None = None) -> None:
        """Somebody decides in the room."""
        desk = self.stage.bot.desk
        for action in actions:
            async with self.stage.database.write() as session:
                await desk.act(session, await one(session, number), action, self._by())
        if into is not None:
            async with self.stage.database.write() as session:
                question, target = await one(session, number), await one(session, into)
                await desk.merge(session, question, target, self._by())

    async def move(self, number: int, talk: int) -> None:
        async with self.stage.database.write() as session:
            question = await one(session, number)
            desk = self.stage.bot.desk
            await desk.move(session, question, f"talk-{talk}", self._by(), decided=True)

    async def edit(self, number: int, text: str) -> None:
        async with self.stage.database.write() as session:
            await self.stage.bot.desk.edit(session, await one(session, number), text, self._by())

    async def redact(self, number: int) -> None:
        async with self.stage.database.write() as session:
            await self.stage.bot.desk.redact(session, await one(session, number), self._by())

    async def state(self, number: int) -> str:
        return await state(self.stage, number)

    async def states(self, *numbers: int) -> list[str]:
        return [await self.state(number) for number in numbers]

    async def command(self, body: str) -> None:
        """A moderator commands in the talk room."""
        await self.stage.say(KERNEL, MODERATOR, body)

    def _by(self) -> By:
        """Not at once with what somebody does in the meeting."""
        now = self.stage.clock.now()
        before = now - timedelta(minutes=1)
        return By(STRANGER, f"$desk{next(self._ids)}", now, acted_at=before)

    # In the meeting.

    async def look(self) -> list[str]:
        """The bridge says all that there is to say; returns it."""
        before = len(self.meeting.lines)
        self.bridge.changed()
        while await self.bridge.step(self.connection) == 0:
            pass
        return [line.text for line in self.meeting.lines[before:]]

    async def put(self) -> None:
        """What is to be said now waits; nothing is said."""
        now, lines = self.stage.clock.now(), self.bridge.telling.lines
        async with self.stage.database.write() as session:
            look = await self.bridge.telling.look(session, now, anybody=True)
            await lines.settle(session, look.lines, now)

    async def hears(self, text: str, sender: Participant = MIRA, **more: Any) -> list[str]:
        """Somebody writes in the meeting; what is said then."""
        said = Said(f"said{next(self._ids)}", sender, text, **more)
        await self.hear(said)
        return await self.look()

    async def hear(self, said: Said) -> None:
        await self.bridge.hear(said)

    async def rows(self) -> list[MeetingLine]:
        async with self.stage.database.read() as session:
            found = await session.scalars(select(MeetingLine).order_by(MeetingLine.id))
            return list(found)
