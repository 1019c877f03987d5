"""A day on which people mark messages with ❓."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Proposal, Question
from fosdembot.matrix.relations import replied_to
from simulation.conference import START, Planned, write_schedule
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_rooms import FakeRoom
from simulation.running import BOT, CONTROL, ORGANISER, Running, clock_from, running
from simulation.waiting import wait_for

HALL = f"#hall:{SERVER}"
LOBBY = f"#lobby:{SERVER}"
ADA = f"@ada:{SERVER}"
BOB = f"@bob:{SERVER}"
MODERATOR = f"@moderator:{SERVER}"
RELAY = f"@relay:{SERVER}"
IRC = f"@irc_carl:{SERVER}"
OFFLINE: tuple[int, dict[str, Any]] = (502, {})


@pytest.fixture
def hall(server: FakeHomeserver) -> FakeRoom:
    """A talk room, in which the bot is not yet."""
    for alias in (CONTROL, LOBBY):
        server.create_room(alias, [BOT, ORGANISER, ADA])
    hall = server.create_room(HALL, [ADA, BOB, MODERATOR, RELAY, IRC])
    levels = {"users": {MODERATOR: 50, "@admin:fake.test": 100}}
    hall.add("@admin:fake.test", "m.room.power_levels", levels, "")
    return hall


class Day:
    """A bot in the hall, at minute 15: a talk is on."""

    def __init__(
        self, server: FakeHomeserver, database: Database, hall: FakeRoom, folder: Path
    ) -> None:
        self.server, self.database, self.hall = server, database, hall
        path = folder / "schedule.xml"
        write_schedule(path, [Planned(1, "Tiny kernels", 10, 25, chat_room=HALL)])
        self._schedule = {"source": str(path)}

    @asynccontextmanager
    async def running(self, **questions: Any) -> AsyncIterator[Running]:
        clock = clock_from(START + timedelta(minutes=15))
        settings = {"relays": ["@relay:*"], **questions}
        async with running(
            self.server,
            self.database,
            clock,
            schedule=self._schedule,
            questions=settings,
        ) as bot:
            await bot.heard(CONTROL, "Schedule read")
            await bot.heard(HALL, "Now, until")
            yield bot

    async def questions(self) -> list[Question]:
        async with self.database.read() as session:
            return list(await session.scalars(select(Question).order_by(Question.id)))

    async def waiting(self) -> int:
        async with self.database.read() as session:
            return len((await session.scalars(select(Proposal))).all())

    async def taken_in(self) -> None:
        """Until all that was said so far has taken effect."""
        control = self.server.rooms[self.server.aliases[CONTROL]]
        last = control.say(ORGANISER, "!conf")

        async def answered() -> bool:
            return any(replied_to(event["content"]) == last for event in control.by(BOT))

        await wait_for(answered, what="an answer to the last command")

    async def seen_to(self) -> list[str]:
        """Until all reactions so far are taken in and settled; the texts of the questions."""
        await self.taken_in()

        async def nothing_waits() -> bool:
            return await self.waiting() == 0

        await wait_for(nothing_waits, what="nothing that waits")
        return [question.text for question in await self.questions()]

    def chips(self) -> list[tuple[str, str]]:
        return [
            (e["content"]["m.relates_to"]["event_id"], e["content"]["m.relates_to"]["key"])
            for e in self.hall.events
            if e["type"] == "m.reaction" and e["sender"] == BOT
        ]


@pytest.fixture
def day(server: FakeHomeserver, database: Database, hall: FakeRoom, tmp_path: Path) -> Day:
    return Day(server, database, hall, tmp_path)


def edit(event: str, body: str) -> dict[str, Any]:
    new = {"msgtype": "m.text", "body": body}
    return {"m.new_content": new, "m.relates_to": {"rel_type": "m.replace", "event_id": event}}
