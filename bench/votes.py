"""What a vote, and a line of chat, costs: CPU time of the bot, and requests to the homeserver.

`make bench` prints the table; ARGS=--postgresql measures on PostgreSQL instead.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import os
import platform
import re
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import astuple, dataclass
from importlib.metadata import version
from pathlib import Path

from bench.crowd import mixed
from bench.hall import Hall, Size, hall
from bench.requests import count_requests
from fosdembot.db.engine import Database, postgresql, sqlite
from fosdembot.db.migrate import migrate
from simulation.parts import Repository
from simulation.postgres import Postgres

STORM = 100
"""Votes in one answer of `/sync`: as many as its timeline holds."""

MakeDatabase = Callable[[], Awaitable[Database]]
"""Makes an empty one, migrated."""


@dataclass(frozen=True)
class Cost:
    """CPU seconds, the medians of all rounds."""

    alone: float
    """Of a vote that comes in alone."""
    with_member: float
    """Of one that comes in with its sender's member event."""
    storm: float
    """Of a vote that comes in with 99 others."""
    line: float
    """Of a line of chat that comes in alone."""
    lines: float
    """Of one that comes in with 99 others."""
    look: float
    """Of a look at one board."""


async def measure(
    make: MakeDatabase, sizes: Sequence[Size], rounds: int, votes: int
) -> dict[Size, Cost]:
    """What a vote costs in halls of these sizes, by `rounds` of `votes`. The sizes take
    turns, so that what else the machine does meets all of them."""
    async with AsyncExitStack() as stack:
        halls = [await stack.enter_async_context(hall(await make(), size)) for size in sizes]
        for each in halls:
            await each.vote(STORM, STORM)
            await each.speak()
            await each.settle()
        found: dict[Size, list[Cost]] = defaultdict(list)
        for _ in range(rounds):
            for each in halls:
                found[each.size].append(await _round(each, votes))
        for each in halls:
            if await each.counted() != each.votes:
                raise RuntimeError(f"{await each.counted()} of {each.votes} votes were counted")
    return {size: _median(costs) for size, costs in found.items()}


async def _round(hall: Hall, votes: int) -> Cost:
    gc.collect()
    few = max(1, votes // 4)
    alone = await _cpu_time(hall.vote(few, 1)) / few
    with_member = await _cpu_time(hall.vote(few, 1, members=True)) / few
    storm = await _cpu_time(hall.vote(votes, STORM)) / votes
    line = await _cpu_time(hall.chat(few, 1)) / few
    lines = await _cpu_time(hall.chat(votes, STORM)) / votes
    await hall.settle()
    look = await _cpu_time(hall.look_at_a_board())
    return Cost(alone, with_member, storm, line, lines, look)


async def by_voters(
    make: MakeDatabase, voters: Sequence[int], rounds: int, votes: int
) -> AsyncIterator[str]:
    """What a vote costs where so many have voted for the question."""
    yield "| voters of the question | a vote alone | one of 100 at once |"
    yield "|--:|--:|--:|"
    for number in voters:
        async with hall(await make(), Size(1, 1)) as one:
            await one.fill(number)
            await one.vote(STORM, STORM)
            costs = [await _round(one, votes) for _ in range(rounds)]
            if await one.counted() != one.votes:
                raise RuntimeError(f"{await one.counted()} of {one.votes} votes were counted")
        cost = _median(costs)
        yield f"| {number:,} | {cost.alone * 1000:.2f} ms | {cost.storm * 1000:.2f} ms |"


async def _cpu_time(work: Awaitable[None]) -> float:
    """Of the whole process, and so also of the database's thread."""
    begun = time.process_time()
    await work
    return time.process_time() - begun


def _median(costs: Iterable[Cost]) -> Cost:
    columns = zip(*(astuple(cost) for cost in costs), strict=True)
    return Cost(*(statistics.median(column) for column in columns))


def table(costs: Mapping[Size, Cost]) -> list[str]:
    """In Markdown: a row for each size, and the growth from the first to the last."""
    rows = [
        # Questions: open, in each room. Vote, line of chat: alone, and as one of a hundred.
        "| rooms | questions | vote | with member | of 100 | line | of 100 | look at a board |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for size, cost in costs.items():
        times = " | ".join(f"{seconds * 1000:.2f} ms" for seconds in astuple(cost))
        rows.append(f"| {size.rooms} | {size.questions:,} | {times} |")
    first, *_, last = costs.values()
    ratios = zip(astuple(first), astuple(last), strict=True)
    rows.append("| | growth | " + " | ".join(f"{b / a:.2f} ×" for a, b in ratios) + " |")
    return rows


def machine(database: str) -> str:
    """What it was measured on."""
    listed = Path("/proc/cpuinfo")
    known = listed.read_text() if listed.exists() else ""
    models = re.findall(r"^model name\s*: (.+)$", known, re.MULTILINE)
    pages = "large" if "hugetlb=1" in os.environ.get("GLIBC_TUNABLES", "") else "small"
    return (
        f"{models[0] if models else platform.machine()}, {os.cpu_count()} cores, {pages} pages of "
        f"memory; Python {platform.python_version()}, {database}, "
        f"SQLAlchemy {version('sqlalchemy')}"
    )


@asynccontextmanager
async def databases(on_postgresql: bool) -> AsyncIterator[tuple[MakeDatabase, str, Path]]:
    """What makes empty databases, what they are, and a folder for other things."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fosdembot-bench-")))
        folder.chmod(0o755)
        numbers = itertools.count()
        server = await stack.enter_async_context(Postgres(folder)) if on_postgresql else None

        empty = folder / "empty"
        if server is None:
            database = sqlite(str(empty))
            await migrate(database, Repository())
            await database.close()

        async def make() -> Database:
            name = f"bench{next(numbers)}"
            if server is None:
                database = sqlite(str(shutil.copy(empty, folder / name)))
            else:
                database = postgresql(await server.create_database(name))
                await migrate(database, Repository())
            stack.push_async_callback(database.close)
            return database

        yield make, "PostgreSQL" if on_postgresql else f"SQLite {sqlite3.sqlite_version}", folder


async def run(
    on_postgresql: bool,
    rounds: int,
    votes: int,
    questions: Sequence[int] = (10, 100, 1000),
    rooms: Sequence[int] = (10, 600),
    voters: Sequence[int] = (10, 1000, 10_000),
    events: int = 20_000,
) -> AsyncIterator[str]:
    """The lines to print, as they are measured: with so many `questions` in one room, and
    with ten in each of so many `rooms`; and so many `events` of all kinds."""
    in_one_room, in_many = [Size(1, n) for n in questions], [Size(n, 10) for n in rooms]
    async with databases(on_postgresql) as (make, database, folder):
        yield f"CPU time of the bot. {machine(database)}; medians of {rounds} rounds."
        gc.collect()
        # What is there already is no round's garbage: each would look through it once more.
        gc.freeze()
        for sizes in (in_one_room, in_many):
            yield ""
            for line in table(await measure(make, sizes, rounds, votes)):
                yield line
        yield ""
        async for line in by_voters(make, voters, rounds, votes):
            yield line
        yield ""
        async with hall(await make(), Size(20, 10)) as full:
            yield await mixed(full, events)
            if await full.counted() != full.votes:
                raise RuntimeError(f"{await full.counted()} of {full.votes} votes were counted")
        found = await count_requests(await make(), folder, votes)
        yield ""
        yield f"Requests to the homeserver beyond /sync, for {votes} votes:"
        yield f"- that change no order: {named(found.same_order)}"
        yield f"- that change the order: {named(found.other_order)}, the edit of the board"


def named(requests: Mapping[str, int]) -> str:
    """`0`, or `1 send`."""
    return ", ".join(f"{n} {endpoint}" for endpoint, n in sorted(requests.items())) or "0"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--votes", type=int, default=200, help="in each round")
    chosen = parser.parse_args()

    async def show() -> None:
        async for line in run(chosen.postgresql, chosen.rounds, chosen.votes):
            print(line, flush=True)

    asyncio.run(show())


if __name__ == "__main__":
    main()
