"""What speakers' meetings cost: many at once, on one bot, at a real prosody.

`python -m bench.meetings` prints the table; `make bench` does so after that of starts. The bot is
a process of its own, people are in this one. What it says in one meeting is a second apart at
least, so questions are taken in one meeting after another.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.meeting_bot import HOST, QUESTIONS
from bench.votes import machine
from bench.whole import cpu_of
from simulation import tied
from simulation.meetings import Focus, MeetingPerson
from simulation.parts import ROOT
from simulation.prosody import DOMAIN, MUC, Prosody, is_installed
from simulation.waiting import wait_for

NOT_INSTALLED = (
    "What meetings cost is not measured: prosody is missing. "
    "On Debian and Ubuntu: sudo apt install --no-install-recommends prosody"
)
_LINES_APART = 1.5
"""Seconds between two questions taken in one room: the bot says no two lines within one."""


@dataclass(frozen=True)
class Cost:
    """Of a bot in so many meetings."""

    meetings: int
    memory: int
    """Bytes of the process when it is in all of them."""
    idle: float
    """CPU seconds of it per minute in which nothing happens."""
    delays: Sequence[float] = ()
    """Seconds from the commit of a take to the line at a client in the meeting."""
    cpu: float = 0.0
    """CPU seconds of it for each question taken, with the line in the meeting and all that the
    talk room is told."""


@dataclass(frozen=True)
class _Bot:
    """The other process."""

    process: asyncio.subprocess.Process

    async def says(self) -> str:
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), 180)
        if not line:
            raise RuntimeError("the bot ended")
        return line.decode().strip()

    async def take(self, room: int, number: int) -> float:
        """`time.monotonic()` of the commit; both processes have the same."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([room, number]).encode() + b"\n")
        return float(await self.says())

    @property
    def memory(self) -> int:
        """Bytes (Linux, "proc_pid_smaps(5)"): what it alone has, and its part of what it shares."""
        rollup = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
        assert found is not None
        return int(found[1]) * 1024


@asynccontextmanager
async def _bot(folder: Path, prosody: Prosody, rooms: int, meetings: int) -> AsyncIterator[_Bot]:
    """In all of its meetings."""
    folder.mkdir()
    jitsi = {
        "servers": {HOST: {"websocket": prosody.websocket, "domain": DOMAIN, "muc": MUC}},
        "table": {f"Hall {n}": f"https://{HOST}/hall{n}" for n in range(meetings)},
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", tied.__file__, str(os.getpid()), ""),
        *(sys.executable, "-m", "bench.meeting_bot", str(folder), str(rooms), json.dumps(jitsi)),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        bot = _Bot(process)
        if await bot.says() != "in":
            raise RuntimeError("the bot did not come in")
        yield bot
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def measure(
    bot: _Bot, people: Sequence[MeetingPerson], seconds: float, takes: int, apart: float
) -> Cost:
    """A person is in each meeting. `seconds`: for which nothing happens; `takes`: questions taken
    in each room."""
    for person in people:
        await person.sees(lambda line: "Questions now" in line.text, 60)
    await asyncio.sleep(min(3, seconds))
    memory, idle = bot.memory, await _cpu(bot, seconds) / seconds
    delays: list[float] = []
    if not takes:
        return Cost(len(people), memory, idle * 60)
    began, before = time.monotonic(), cpu_of(bot.process.pid)
    for number in range(2, takes + 2):
        for room, person in enumerate(people):
            next_one = time.monotonic() + max(apart, _LINES_APART / len(people))
            delays.append(await _delay(bot, person, room, number))
            await asyncio.sleep(max(0.0, next_one - time.monotonic()))
    beside = (time.monotonic() - began) * idle
    cpu = (cpu_of(bot.process.pid) - before - beside) / len(delays)
    return Cost(len(people), memory, idle * 60, delays, cpu)


async def _cpu(bot: _Bot, seconds: float) -> float:
    before = cpu_of(bot.process.pid)
    await asyncio.sleep(seconds)
    return cpu_of(bot.process.pid) - before


async def _delay(bot: _Bot, person: MeetingPerson, room: int, number: int) -> float:
    seen = len(person.lines)
    committed = await bot.take(room, number)

    async def line() -> float | None:
        new = (line.at for line in person.lines[seen:] if f"What about {number}," in line.text)
        return next(new, None)

    came = await wait_for(line, 20, f"question {number} in {person.room}", every=0.01)
    assert came is not None
    return came - committed


def table(costs: Sequence[Cost]) -> list[str]:
    rows = [
        "| meetings | memory | each beyond the first | CPU of a minute without news |",
        "|--:|--:|--:|--:|",
    ]
    first = costs[0]
    for cost in costs:
        more = cost.meetings - first.meetings
        each = f"{(cost.memory - first.memory) / more / 1e6:.2f} MB" if more else "–"
        rows.append(
            f"| {cost.meetings} | {cost.memory / 1e6:.1f} MB | {each} | {cost.idle:.2f} s |"
        )
    return rows


def described(cost: Cost) -> str:
    """From the commit of a take to the line."""
    delays = sorted(cost.delays)
    median, p99 = statistics.median(delays), delays[min(len(delays) - 1, len(delays) * 99 // 100)]
    return (
        f"{len(delays)} questions taken in the rooms of {cost.meetings} meetings, seen there after "
        f"{median * 1000:.0f} ms (p50), {p99 * 1000:.0f} ms (p99); {cost.cpu * 1000:.1f} ms CPU of "
        "the bot for each, with what its talk room is told."
    )


async def run(
    meetings: int = 60, seconds: float = 60, takes: int = 5, apart: float = 0.1
) -> AsyncIterator[str]:
    """The lines to print: of one meeting, and of so many."""
    assert takes < QUESTIONS
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fosdembot-bench-")))
        folder.chmod(0o755)
        prosody = await stack.enter_async_context(Prosody(folder / "prosody"))
        focus = await stack.enter_async_context(Focus(prosody))
        people = []
        for number in range(meetings):
            person = MeetingPerson(prosody, f"Speaker {number}")
            people.append(await stack.enter_async_context(person))
            await person.join(focus, f"hall{number}")
        sqlite = f"SQLite {sqlite3.sqlite_version}"
        yield f"Meetings. {machine(sqlite)}, aiohttp {version('aiohttp')}, {prosody_version()}."
        yield ""
        async with _bot(folder / "one", prosody, meetings, 1) as bot:
            one = await measure(bot, people[:1], seconds, 0, apart)
        people[0].lines.clear()
        async with _bot(folder / "many", prosody, meetings, meetings) as bot:
            many = await measure(bot, people, seconds, takes, apart)
        for line in table([one, many]):
            yield line
        yield ""
        yield described(many)


def prosody_version() -> str:
    about = subprocess.run(["prosodyctl", "about"], capture_output=True, text=True, check=False)
    found = re.search(r"Prosody (\d[\w.]*)", about.stdout)
    return f"prosody {found[1]}" if found else "prosody"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.meetings", description=__doc__)
    parser.add_argument("--meetings", type=int, default=60)
    chosen = parser.parse_args()
    if not is_installed():
        print(NOT_INSTALLED)
        return

    async def show() -> None:
        async for text in run(chosen.meetings):
            print(text, flush=True)

    asyncio.run(show())


if __name__ == "__main__":
    main()
