"""What a vote costs the whole process of the bot, on a real Synapse: votes come one after another,
so that each is an answer of `/sync` by itself.

Here is all that the other figures leave out: HTTP, JSON, the event loop, logging.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import aiohttp
from sqlalchemy import func, select
from yarl import URL

from fosdembot.db.engine import Database, sqlite
from fosdembot.db.question_tables import Question
from simulation.bot import Bot
from simulation.client import Client, RequestError
from simulation.conference import MANY, Planned, settings, write_schedule
from simulation.homeserver import Account, Homeserver
from simulation.waiting import wait_for

APART = 0.05
"""Seconds from one vote to the next."""


@dataclass(frozen=True)
class Whole:
    """Of one measurement."""

    votes: int
    cpu: float
    """CPU seconds of the bot's process for all of them."""
    idle: float
    """CPU seconds of it in as much time in which nothing happens."""

    def __str__(self) -> str:
        each = self.cpu / self.votes * 1000
        return (
            f"On a real Synapse, {self.votes} votes {APART * 1000:.0f} ms apart: {each:.1f} ms of "
            f"the bot's whole process for each; {self.idle * 1000:.0f} ms in as much time without."
        )


async def votes_on_synapse(folder: Path, people: int) -> Whole:
    """Each of so many people asks one question, and votes for those of all others."""
    where = folder / "whole"
    where.mkdir()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(Homeserver(where / "synapse"))
        accounts = [await server.register(f"person{number}") for number in range(people)]
        clients = [
            await stack.enter_async_context(Client(server.url, account)) for account in accounts
        ]
        account = await server.register("bot")
        alias = f"#hall:{server.server_name}"
        room = await clients[0].create_room(alias="hall", power={"users": {account.user_id: 50}})
        for client in clients[1:]:
            await client.join(room)
        schedule = where / "schedule.xml"
        write_schedule(schedule, [Planned(1, "Tiny kernels", 0, 60, chat_room=alias)])
        bot = Bot(where / "bot", server.url, account, settings(schedule, at=5, limits=MANY))
        await stack.enter_async_context(bot)
        await _until_it_is_in(clients[0], room, account)
        asked = [
            await client.send(room, f"!ask What about {number}?")
            for number, client in enumerate(clients)
        ]
        database = sqlite(str(where / "bot" / "bot.db"))
        stack.push_async_callback(database.close)
        await wait_for(lambda: _are_asked(database, people), 60, "the questions")
        http = await stack.enter_async_context(aiohttp.ClientSession())
        votes = [
            (voter, event)
            for number, event in enumerate(asked)
            for voter in accounts[:number] + accounts[number + 1 :]
        ]
        await _quiet(bot)
        before = cpu_of(bot.pid)
        await asyncio.sleep(APART * len(votes))
        idle = cpu_of(bot.pid) - before
        before = cpu_of(bot.pid)
        await _vote(http, server, room, votes)
        await wait_for(lambda: _are_counted(database, len(votes)), 60, "the votes")
        return Whole(len(votes), cpu_of(bot.pid) - before, idle)


def cpu_of(pid: int) -> float:
    """CPU seconds that a process has used, in all its threads (Linux, "proc(5)")."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


async def _vote(
    http: aiohttp.ClientSession,
    server: Homeserver,
    room: str,
    votes: Sequence[tuple[Account, str]],
) -> None:
    async def react(number: int, voter: Account, event: str) -> None:
        path = f"/_matrix/client/v3/rooms/{quote(room, safe='')}/send/m.reaction/{number}"
        relation = {"rel_type": "m.annotation", "event_id": event, "key": "👍"}
        headers = {"Authorization": f"Bearer {voter.access_token}"}
        url = URL(server.url + path, encoded=True)
        async with http.put(url, json={"m.relates_to": relation}, headers=headers) as response:
            response.raise_for_status()

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number, (voter, event) in enumerate(votes):
            await asyncio.sleep(began + number * APART - time.monotonic())
            group.create_task(react(number, voter, event))


async def _until_it_is_in(client: Client, room: str, account: Account) -> None:
    async def is_in() -> bool:
        try:
            member = await client.state(room, "m.room.member", account.user_id)
        except RequestError:
            return False
        return bool(member["membership"] == "join")

    await wait_for(is_in, 60, "the bot in the room")


async def _are_asked(database: Database, questions: int) -> bool:
    async with database.read() as session:
        return await session.scalar(select(func.count(Question.id))) == questions


async def _are_counted(database: Database, votes: int) -> bool:
    async with database.read() as session:
        return await session.scalar(select(func.sum(Question.votes))) == votes


async def _quiet(bot: Bot) -> None:
    """Until the bot does nothing any more."""

    async def is_quiet() -> bool:
        before = cpu_of(bot.pid)
        await asyncio.sleep(0.5)
        return cpu_of(bot.pid) - before < 0.01

    await wait_for(is_quiet, 60, "a bot that does nothing")
