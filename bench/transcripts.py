"""What a transcript costs: of talks with few and with very many events, and while people vote.

`python -m bench.transcripts` prints the table; `make bench` does so last. The bot is a process of
its own for each size, and so is its homeserver, which answers from memory.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

from bench.transcript_bot import APART
from bench.votes import machine
from simulation import tied
from simulation.parts import ROOT

SIZES = (5_000, 20_000, 80_000)
ALONE = 15.0
"""Seconds of votes while nothing else is done."""
_WITHIN = 600
"""Seconds until a process has said something."""


@dataclass(frozen=True)
class Cost:
    """Of one transcript, all the way: read, staged, stored and published, with the index."""

    events: int
    lines: int
    """Of its chat."""
    wall: float
    cpu: float
    before: int
    """Bytes that the bot had before."""
    peak: int
    """Bytes that it had at most."""
    alone: Sequence[float] = ()
    """Seconds from a vote's arrival to its commit, while nothing else is done,"""
    beside: Sequence[float] = ()
    """and while a transcript of the same size is made."""


@asynccontextmanager
async def _process(*command: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A module in this folder, which ends when its input does."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", tied.__file__, str(os.getpid()), ""),
        *(sys.executable, "-m", *command),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        limit=1 << 22,
    )
    try:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _says(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), _WITHIN)
    if not line:
        raise RuntimeError("a process of the bench ended")
    return line.decode().strip()


async def measure(events: int, votes: float) -> Cost:
    """Of a talk with so many events; with `votes` seconds of votes before another one is made."""
    with tempfile.TemporaryDirectory(prefix="fosdembot-bench-") as folder:
        async with (
            _process("bench.long_talk", str(events)) as server,
            _process("bench.transcript_bot", folder, await _says(server), str(votes)) as bot,
        ):
            return Cost(events, **json.loads(await _says(bot)))


def table(costs: Sequence[Cost]) -> list[str]:
    """In Markdown, with the growth of the peak from the first to the last."""
    rows = [
        "| events | lines | time | CPU | events a second | of CPU | more memory | memory at most |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    rows += [
        f"| {cost.events:,} | {cost.lines:,} | {cost.wall:.1f} s | {cost.cpu:.1f} s "
        f"| {cost.events / cost.wall:,.0f} | {cost.events / cost.cpu:,.0f} "
        f"| {(cost.peak - cost.before) / 1e6:.1f} MB | {cost.peak / 1e6:.1f} MB |"
        for cost in costs
    ]
    growth = costs[-1].peak / costs[0].peak - 1
    rows.append(f"| growth | | | | | | | {growth * 100:+.1f} % |")
    return rows


def described(cost: Cost) -> str:
    """What votes wait for."""
    alone, beside = _delays(cost.alone), _delays(cost.beside)
    return (
        f"Votes {APART * 1000:.0f} ms apart, from arrival to commit: {alone} while nothing else is "
        f"done ({len(cost.alone)} votes), {beside} while a transcript of {cost.events:,} events "
        f"is made ({len(cost.beside)} votes)."
    )


def _delays(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    p50, p99 = (ordered[min(len(ordered) - 1, len(ordered) * n // 100)] * 1000 for n in (50, 99))
    return f"{p50:.1f} ms (p50), {p99:.1f} ms (p99), {ordered[-1] * 1000:.1f} ms at most"


async def run(sizes: Sequence[int] = SIZES, alone: float = ALONE) -> AsyncIterator[str]:
    """The lines to print: people vote while the last one is made."""
    versions = f"aiohttp {version('aiohttp')}, pydantic {version('pydantic')}"
    yield f"Transcripts. {machine(f'SQLite {sqlite3.sqlite_version}')}, {versions}."
    yield ""
    costs = [await measure(size, alone if size == sizes[-1] else 0) for size in sizes]
    for line in table(costs):
        yield line
    yield ""
    yield described(costs[-1])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.transcripts", description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=SIZES)
    chosen = parser.parse_args()

    async def show() -> None:
        async for text in run(chosen.events):
            print(text, flush=True)

    asyncio.run(show())


if __name__ == "__main__":
    main()
