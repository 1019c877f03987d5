"""What open pages cost: from a vote in a room to the event at each page, and the bot's CPU and
memory.

`python -m bench.pages` prints the tables; `make bench` does so after that of transcripts. The bot
is a process of its own; its homeserver, and those who have pages open, are in this one.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.bare import bare
from bench.votes import machine
from bench.whole import cpu_of
from simulation.bot import Bot
from simulation.conference import MANY, Planned, settings, write_schedule
from simulation.events import Json
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_requests import Answered
from simulation.fake_rooms import FakeRoom
from simulation.homeserver import Account
from simulation.running import BOT
from simulation.waiting import wait_for

HALL = f"#hall:{SERVER}"
ACCOUNT = Account(BOT, "DEVICE", f"{BOT}|DEVICE", "")
DURING = 65
"""Minutes after the start of the day at which the talk is on."""
SAMPLED = 100
"""Pages of which it is noted when they were told: more would cost the readers more than the bot."""
_VOTES = re.compile(rb'data-votes=\\"(\d+)\\"')


@dataclass(frozen=True)
class Cost:
    pages: int
    rate: float
    """Votes in a second."""
    delays: Sequence[float]
    """Seconds from the homeserver's answer to `/sync`, with a vote, to the event at a page."""
    cpu: float
    """Of one core, in which the bot was busy."""
    memory: int
    """Bytes of its process."""


@dataclass
class Votes:
    """On one question."""

    sent: int = 0
    answered: list[float] = field(default_factory=list)
    """When the bot was told of each."""
    delays: list[float] = field(default_factory=list)


class Homeserver(FakeHomeserver):
    """Notes when it has told of votes. What it does itself before that is no work of the bot's."""

    def __init__(self, votes: Votes) -> None:
        super().__init__()
        self._votes = votes

    async def answer(
        self, token: str, raw_path: str, query: dict[str, str], body: Json
    ) -> Answered:
        answered = await super().answer(token, raw_path, query, body)
        if raw_path.endswith("/sync"):
            untold = self._votes.sent - len(self._votes.answered)
            self._votes.answered += [time.monotonic()] * untold
        return answered


class Page(asyncio.Protocol):
    """An open stream, read as cheaply as can be."""

    def __init__(self, votes: Votes, path: str) -> None:
        self._votes = votes
        self._path = path
        self.seen = 0
        self.is_noted = False
        self.has_begun = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(f"GET {self._path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self.has_begun = self.has_begun or b"\ndata: " in data
        if not (found := _VOTES.findall(data)):
            return
        seen = int(found[-1])
        if self.is_noted:
            self._votes.delays += [now - at for at in self._votes.answered[self.seen : seen]]
        self.seen = seen


@dataclass
class Hall:
    """A talk room, its question, and who looks at its page."""

    bot: Bot
    room: FakeRoom
    question: str
    votes: Votes
    pages: list[Page] = field(default_factory=list)

    async def open(self, stack: AsyncExitStack, number: int) -> None:
        """More pages, up to so many."""
        loop = asyncio.get_running_loop()
        while len(self.pages) < number:
            transport, page = await loop.create_connection(
                lambda: Page(self.votes, "/r/hall/events"), "127.0.0.1", self.bot.port
            )
            stack.callback(transport.abort)
            self.pages.append(page)
            if len(self.pages) % 50 == 0:
                await self._until(lambda: all(each.has_begun for each in self.pages))
        await self._until(lambda: all(each.has_begun for each in self.pages))
        # Each shows what there is: no vote is under way.
        for page in self.pages:
            page.seen = self.votes.sent
        for number, page in enumerate(self.pages):
            page.is_noted = number % max(1, len(self.pages) // SAMPLED) == 0

    async def vote(self, votes: int, rate: float) -> Cost:
        """So many, one after the other."""
        self.votes.delays = []
        began, cpu = time.monotonic(), cpu_of(self.bot.pid)
        for number in range(votes):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            voter = f"@voter{self.votes.sent}:{SERVER}"
            self.votes.sent += 1
            self.room.react(voter, self.question, "👍")
        await asyncio.sleep(max(0.0, began + votes / rate - time.monotonic()))
        busy = (cpu_of(self.bot.pid) - cpu) / (time.monotonic() - began)
        everything = self.votes.sent
        await self._until(lambda: all(page.seen == everything for page in self.pages))
        return Cost(len(self.pages), rate, self.votes.delays, busy, memory_of(self.bot.pid))

    async def _until(self, condition: Callable[[], bool]) -> None:
        async def is_so() -> bool:
            return condition()

        await wait_for(is_so, 60, "all pages", every=0.01)


def memory_of(pid: int) -> int:
    """Bytes."""
    found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


@asynccontextmanager
async def hall() -> AsyncIterator[Hall]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fosdembot-bench-")))
        votes = Votes()
        server = await stack.enter_async_context(Homeserver(votes))
        room = server.create_room(HALL, [BOT, f"@ada:{SERVER}"])
        schedule = folder / "schedule.xml"
        write_schedule(schedule, [Planned(1, "Tiny kernels", 60, 50, chat_room=HALL)])
        bot = Bot(folder / "bot", server.url, ACCOUNT, {})
        limits = {"pages": {"public_url": bot.url}, "limits": MANY}
        bot.plugin_config = settings(schedule, at=DURING) | limits
        await stack.enter_async_context(bot)

        async def is_on() -> bool:
            return any("Tiny kernels" in said["content"]["body"] for said in room.by(BOT))

        await wait_for(is_on, what="the talk")
        # As mostly: what makes the tables stays in memory until the first start's end.
        await bot.stop()
        await bot.start()
        question = room.say(f"@ada:{SERVER}", "!ask How small can it get, and how fast is it then?")

        async def is_asked() -> bool:
            ours = (e["content"] for e in room.events if e["sender"] == BOT)
            return any(c.get("m.relates_to", {}).get("event_id") == question for c in ours)

        await wait_for(is_asked, what="the question")
        yield Hall(bot, room, question, votes)


async def run(
    pages: Sequence[int] = (1, 100, 1000), seconds: float = 20, rates: Sequence[float] = (1, 50)
) -> AsyncIterator[str]:
    """The lines to print, as they are measured."""
    yield f"Open pages. {machine(f'SQLite {sqlite3.sqlite_version}')}"
    yield (
        "Bare: the median of a process that only commits a vote and passes it on, just before, as "
        "the machine's own."
    )
    yield ""
    yield "| pages | votes a second | bare | p50 | p99 | CPU | memory |"
    yield "|--:|--:|--:|--:|--:|--:|--:|"
    async with hall() as it, bare(it.bot.folder / "bare.db") as floor, AsyncExitStack() as stack:
        for number in pages:
            await it.open(stack, number)
            # The first vote of all compiles statements.
            await it.vote(2, 10)
            for rate in rates:
                own = await floor.median(max(2, round(rate * seconds / 4)), rate)
                yield row(await it.vote(max(2, round(rate * seconds)), rate), own)


def row(cost: Cost, own: float) -> str:
    """`own`: the machine's seconds for a vote."""
    ordered = sorted(cost.delays)
    middle = statistics.median(ordered) * 1000
    slow = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000
    return (
        f"| {cost.pages:,} | {cost.rate:g} | {own * 1000:.1f} ms | {middle:.0f} ms "
        f"| {slow:.0f} ms | {cost.cpu:.0%} | {cost.memory / 1e6:.0f} MB |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="of voting, for each row")
    asked = parser.parse_args()

    async def show() -> None:
        async for line in run(seconds=asked.seconds):
            print(line, flush=True)

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(show())


if __name__ == "__main__":
    main()
