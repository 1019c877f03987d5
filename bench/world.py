"""A whole bot in many rooms, whose clock can be set."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.meter import idle
from fosdembot.bot import Bot
from fosdembot.clock import RealSeconds
from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Question, QuestionRoom
from fosdembot.matrix.api import Account
from fosdembot.matrix.identity import Identity
from fosdembot.settings import load
from simulation.conference import START, Planned

FREE = {"messages_per_second": 1000}
BEGINS = 60
"""Minutes after `START` at which all talks begin."""


class Clock(RealSeconds):
    """Goes on as any clock does, and can be set."""

    def __init__(self, now: datetime) -> None:
        self.set(now)

    def set(self, now: datetime) -> None:
        self._ahead = now - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def to_wall(self, moment: datetime) -> datetime:
        return moment - self._ahead

    def from_wall(self, wall: datetime) -> datetime:
        return wall + self._ahead


@asynccontextmanager
async def running(
    http: Any,
    account: Account,
    user: str,
    database: Database,
    clock: Clock,
    schedule: Path,
    **more: Any,
) -> AsyncIterator[Bot]:
    """A bot that is started and has nothing to do any more; `more`: settings."""
    settings, problems = load({"schedule": {"source": str(schedule)}, "limits": FREE} | more)
    assert not problems
    identity = Identity(http, account, user, "salt")
    bot = Bot(identity, database, settings, [], clock, logging.getLogger("bench"))
    await bot.start()
    try:
        await idle()
        yield bot
    finally:
        await bot.stop()


def one_talk_each(addresses: Iterable[str]) -> list[Planned]:
    """A talk in each room, all at the same time."""
    return [
        Planned(number, f"Talk {number}", BEGINS, 50, f"Hall {number}", address)
        for number, address in enumerate(addresses)
    ]


async def ask(database: Database, rooms: Sequence[str], questions: int) -> None:
    """Put so many questions to each talk; `rooms` are in the order of the talks."""
    async with database.write() as session:
        for talk, room in enumerate(rooms):
            session.add(QuestionRoom(room_id=room, scope=room, last_number=questions))
            asked = [
                Question(
                    scope=room,
                    number=number,
                    talk=f"talk-{talk}",
                    room_id=room,
                    text=f"What about {number}, and how does it compare to the others?",
                    asker=f"@asker{number}:example.org",
                    asker_name=f"Asker {number}",
                    source=f"$asked-{talk}-{number}",
                    asked_at=START,
                    state="open",
                    state_at=START,
                )
                for number in range(1, questions + 1)
            ]
            session.add_all(asked)
            await session.flush()
            for question in asked:
                question.root = question.id


async def begin(bot: Bot, clock: Clock) -> float:
    """All talks begin in a second; returns `time.monotonic()` of that moment, which is over."""
    start = START + timedelta(minutes=BEGINS)
    clock.set(start - timedelta(seconds=1))
    # The timer is set anew.
    bot.notice_scheduler.changed(())
    while clock.now() < start:
        await asyncio.sleep((start - clock.now()).total_seconds())
    return asyncio.get_running_loop().time() - (clock.now() - start).total_seconds()
