"""How many requests to the homeserver votes lead to, counted there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

from fosdembot.clock import ScaledClock
from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Question
from simulation.conference import START, Planned, write_schedule
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.running import BOT, CONTROL, ORGANISER, Running, running
from simulation.waiting import wait_for

HALL = f"#hall:{SERVER}"
SPEED = 60
"""Half a minute, in which a board is edited at most once, is half a second."""
AT_ONCE = 50
"""Votes; of more than 100 `/sync` shows only some, and the others are asked for."""


@dataclass(frozen=True)
class Requests:
    """By endpoint, other than `/sync`."""

    same_order: Counter[str]
    """For votes that leave the order of the questions as it is."""
    other_order: Counter[str]
    """For one more that turn it around: the board is edited, at most every half minute."""


async def count_requests(database: Database, folder: Path, votes: int) -> Requests:
    """What so many votes lead to, twice: `database` is migrated and empty."""
    schedule = folder / "schedule.xml"
    write_schedule(schedule, [Planned(1, "Tiny kernels", 10, 100, chat_room=HALL)])
    clock = ScaledClock(START + timedelta(minutes=10), SPEED, datetime.now(UTC))
    async with FakeHomeserver() as server:
        for alias in (CONTROL, HALL):
            server.create_room(alias, [BOT, ORGANISER])
        async with running(server, database, clock, schedule={"source": str(schedule)}) as bot:
            await bot.heard(HALL, "Now, until")
            room = bot.room(HALL)
            asked = [room.say(f"@asker{n}:{SERVER}", f"!ask Why {n}?") for n in range(3)]
            await bot.heard(HALL, "Why 2?")
            same_order = await _vote(bot, asked[0], votes)
            edits = len(bot.said(HALL))
            before = bot.server.requests.copy()
            await _vote(bot, asked[2], votes + 1)
            await wait_for(lambda: _has_said(bot, edits + 1), what="the edit of the board")
            return Requests(same_order, _beyond_sync(bot, before))


async def _vote(bot: Running, question: str, votes: int) -> Counter[str]:
    """So many people vote; the requests until all of it is counted and sent."""
    await bot.quiet()
    before, counted = bot.server.requests.copy(), await _counted(bot)
    for first in range(0, votes, AT_ONCE):
        last = min(first + AT_ONCE, votes)
        for n in range(first, last):
            bot.room(HALL).react(f"@voter{n}:{SERVER}", question, "👍")
        await wait_for(partial(_is_counted, bot, counted + last), what="all votes")
    await bot.quiet()
    return _beyond_sync(bot, before)


async def _is_counted(bot: Running, votes: int) -> bool:
    return await _counted(bot) == votes


async def _has_said(bot: Running, messages: int) -> bool:
    return len(bot.said(HALL)) >= messages


def _beyond_sync(bot: Running, before: Counter[str]) -> Counter[str]:
    requests = bot.server.requests - before
    del requests["sync"]
    return requests


async def _counted(bot: Running) -> int:
    async with bot.database.read() as session:
        return await session.scalar(select(func.sum(Question.votes))) or 0
