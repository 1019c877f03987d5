"""How long guests in the hall wait for the answer to their vote, when the whole hall votes at once.

`python -m bench.guests` prints it. The bot runs in this process, the guests in another one; between
them is HTTP.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import secrets
import shutil
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import select

from bench.votes import machine
from fosdembot.clock import ScaledClock
from fosdembot.db.engine import Database, sqlite
from fosdembot.db.migrate import migrate
from fosdembot.db.question_tables import Question
from fosdembot.web.cookies import Cookies
from simulation.conference import MANY, START, Planned, write_schedule
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.parts import Repository
from simulation.running import BOT, CONTROL, ORGANISER, Running, running
from simulation.waiting import wait_for

GUESTS, SECONDS = 500, 10.0
ROOM, ADA = f"#kernel:{SERVER}", f"@ada:{SERVER}"
TALK = Planned(1, "Tiny kernels", 60, 50, chat_room=ROOM)
DURING = timedelta(minutes=70)


@dataclass(frozen=True)
class Hall:
    url: str
    running: Running

    async def guests(self, number: int) -> list[str]:
        """Their cookies."""
        bot = self.running.bot
        name = Cookies(self.url).name()
        expires = bot.page_sessions.clock.now() + timedelta(hours=2)
        async with self.running.database.write() as session:
            start = bot.page_sessions.start_guest
            tokens = [await start(session, "talk-1", expires) for _ in range(number)]
        return [f"{name}={token}" for token in tokens if token is not None]

    async def counted(self) -> int:
        """The votes of the hall for its question."""
        async with self.running.database.read() as session:
            return (await session.scalars(select(Question.hall_votes))).one()


@asynccontextmanager
async def hall(folder: Path) -> AsyncIterator[Hall]:
    """A talk is on, guests may vote, and a question was asked."""
    clock = ScaledClock(START + DURING, 1, datetime.now(UTC))
    schedule, database = folder / "schedule.xml", sqlite(str(folder / "bot.db"))
    write_schedule(schedule, [TALK])
    await migrate(database, Repository())
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=1000))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = await stack.enter_async_context(FakeHomeserver(clock))
        server.create_room(CONTROL, [BOT, ORGANISER])
        server.create_room(ROOM, [BOT, ADA])
        runner = web.AppRunner(web.Application(), shutdown_timeout=5)
        stack.push_async_callback(runner.cleanup)
        settings: dict[str, Any] = {
            "schedule": {"source": str(schedule)},
            "limits": MANY,
            "pages": {"public_url": url, "guests": "ask_and_vote"},
        }
        bot = await stack.enter_async_context(running(server, database, clock, **settings))
        runner.app.router.add_route("*", "/{path:.*}", bot.bot.pages.app.handle)
        await runner.setup()
        await web.SockSite(runner, listening).start()
        await bot.heard(ROOM, "Tiny kernels")
        bot.room(ROOM).say(ADA, "!ask How small can it get?")
        await wait_for(lambda: _is_asked(database), what="the question")
        yield Hall(url, bot)


async def _is_asked(database: Database) -> bool:
    async with database.read() as session:
        return await session.scalar(select(Question.id)) is not None


async def vote_all(url: str, cookies: Sequence[str], seconds: float) -> list[float]:
    """All of these guests vote, evenly within this time. Returns how long each waited (seconds)."""
    limits, wait = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(connector=limits, timeout=wait) as http:

        async def vote(cookie: str, after: float) -> float:
            await asyncio.sleep(after)
            began = time.perf_counter()
            form = {"question": "1", "act": secrets.token_hex(8)}
            headers = {"Cookie": cookie, "Origin": url, "Accept": "application/json"}
            async with http.post(f"{url}/r/kernel/vote", data=form, headers=headers) as answer:
                await answer.read()
                assert answer.status == 200, answer.status
            return time.perf_counter() - began

        pauses = (seconds * place / len(cookies) for place in range(len(cookies)))
        votes = [vote(cookie, pause) for cookie, pause in zip(cookies, pauses, strict=True)]
        return list(await asyncio.gather(*votes))


async def in_another_process(url: str, cookies: Sequence[str], seconds: float) -> list[float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.guests", "--votes",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    told = json.dumps({"url": url, "cookies": list(cookies), "seconds": seconds})
    out, _ = await process.communicate(told.encode())
    assert process.returncode == 0
    waited: list[float] = json.loads(out)
    return waited


async def report() -> None:
    folder = Path(tempfile.mkdtemp(prefix="fosdembot-guests-"))
    try:
        async with hall(folder) as found:
            cookies, cpu = await found.guests(GUESTS), time.process_time()
            waited = await in_another_process(found.url, cookies, SECONDS)
            cpu = time.process_time() - cpu
            counted = await found.counted()
    finally:
        shutil.rmtree(folder)
    cuts = quantiles(waited, n=100)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(machine(f"SQLite {sqlite3.sqlite_version}"))
    print(f"{GUESTS} guests vote within {SECONDS:.0f} s: {counted} counted")
    print(
        f"answered after {cuts[49] * 1000:.0f} ms (p50), {cuts[98] * 1000:.0f} ms (p99), "
        f"{max(waited) * 1000:.0f} ms (longest); goal: p99 below 500 ms"
    )
    print(f"the bot: {cpu:.1f} s of CPU, {cpu / GUESTS * 1000:.1f} ms a vote; {memory:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--votes", action="store_true", help=argparse.SUPPRESS)
    if parser.parse_args().votes:
        told = json.load(sys.stdin)
        votes = vote_all(told["url"], told["cookies"], told["seconds"])
        print(json.dumps(asyncio.run(votes)))
        return
    asyncio.run(report())


if __name__ == "__main__":
    main()
