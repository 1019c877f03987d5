"""A bot in many speakers' meetings, as a process of its own, which is told what to do by lines on
its standard input (`meetings.py`).

Each talk has a talk room, on a homeserver that answers from memory, and questions; some have a
meeting, on a real prosody.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench.canned import BOT, Canned
from bench.world import BEGINS, Clock, ask, one_talk_each, running
from fosdembot.bot import Bot
from fosdembot.db.engine import Database, sqlite
from fosdembot.db.migrate import migrate
from fosdembot.db.question_tables import Question
from fosdembot.questions.by import By
from fosdembot.questions.states import Action
from simulation.conference import START, write_schedule
from simulation.parts import Repository
from simulation.waiting import wait_for

HOST = "meet.example.org"
QUESTIONS = 20
"""To each talk."""


async def take(bot: Bot, database: Database, room: int, number: int, cause: str) -> float:
    """Somebody takes a question in a talk room; `time.monotonic()` of the commit."""
    committed: list[float] = []
    query = select(Question).where(Question.talk == f"talk-{room}", Question.number == number)
    async with database.write() as session:
        session.after_commit(lambda: committed.append(time.monotonic()))
        question = (await session.scalars(query)).one()
        by = By("@moderator:example.org", cause, bot._clock.now())
        await bot.desk.act(session, question, Action.TAKE, by)
    return committed[0]


async def run(folder: Path, rooms: int, jitsi: dict[str, Any]) -> None:
    addresses = [f"#room{number}:example.org" for number in range(rooms)]
    homeserver = Canned({address: "!" + address[1:] for address in addresses})
    schedule, database = folder / "schedule.xml", sqlite(str(folder / "bot.db"))
    write_schedule(schedule, one_talk_each(addresses))
    await migrate(database, Repository())
    await ask(database, list(homeserver.rooms.values()), QUESTIONS)
    # The Q&A has begun.
    clock = Clock(START + timedelta(minutes=BEGINS + 10))
    settings = {"jitsi": jitsi, "notices": {"qa_minutes": 45}}
    causes = (f"$take{number}" for number in itertools.count())
    async with running(homeserver, homeserver, BOT, database, clock, schedule, **settings) as bot:

        async def are_in() -> bool:
            states = bot.meetings.states.values()
            return sum(state.is_in for state in states) == len(jitsi["table"])

        await wait_for(are_in, 120, "the bot in all meetings")
        print("in", flush=True)
        lines = await _input()
        while line := await lines.readline():
            room, number = json.loads(line)
            print(await take(bot, database, room, number, next(causes)), flush=True)
    await database.close()


async def _input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    return reader


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])))
