"""A bot that makes the transcripts of two long talks, as a process of its own (`transcripts.py`).

`python -m bench.transcript_bot FOLDER URL VOTES`: the history is that of a homeserver at `URL`. It
prints one JSON object. With `VOTES` seconds of votes, the second one is made while people vote.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from yarl import URL

from bench.hall import Hall, Size, hall
from fosdembot.db.engine import sqlite
from fosdembot.db.migrate import migrate
from fosdembot.garbage import SetAside
from fosdembot.transcripts import model_file
from fosdembot.transcripts.folder import Folder
from simulation.parts import Repository

APART = 0.05
"""Seconds from one vote to the next."""
_AFTER = 125
"""Minutes after the conference's start: when both talks and their chats are over."""


@dataclass
class _Account:
    base_url: URL
    token: str = "token"


_STEPS = 3
"""Votes have the first transcript made again, perhaps before the second one is."""


class _Took(NamedTuple):
    """What one making took."""

    wall: float
    cpu: float


async def run(folder: Path, url: str, votes: float) -> dict[str, object]:
    database = sqlite(str(folder / "bot.db"))
    await migrate(database, Repository())
    settings = {
        "transcripts": {"folder": str(folder / "out"), "chat": "publish"},
        "privacy": {"contact": "privacy@example.org"},
    }
    out = Folder(folder / "out")
    async with hall(database, Size(2, 10), _Account(URL(url)), **settings) as world:
        await world.vote(100, 10)
        # As the bot does when it has started.
        SetAside().set_aside()
        world.clock.set(_AFTER)
        before = _memory("VmRSS")
        made = await _make(world, out, "talk-0")
        found: dict[str, object] = {
            "wall": made.wall,
            "cpu": made.cpu,
            "before": before,
            "peak": _memory("VmHWM"),
            "lines": sum(1 for _ in model_file.lines(out.model("talk-0"))),
        }
        if votes:
            world.clock.forward(1)
            ends = time.monotonic() + votes
            found["alone"] = await _vote(world, lambda: time.monotonic() < ends)
            making = asyncio.create_task(_make(world, out, "talk-1"))
            found["beside"] = await _vote(world, lambda: not making.done())
            await making
        if await world.counted() != world.votes:
            raise RuntimeError(f"{await world.counted()} of {world.votes} votes were counted")
    await database.close()
    return found


async def _make(world: Hall, out: Folder, name: str) -> _Took:
    """All the way, with the index. Others may be made first, again."""
    for _ in range(_STEPS):
        began, cpu = time.monotonic(), time.process_time()
        await world.bot.transcripts.step()
        took = _Took(time.monotonic() - began, time.process_time() - cpu)
        if name in out.names() and (out.talk(name) / "index.html").exists():
            return took
    raise RuntimeError(f"{name} was not made")


async def _vote(world: Hall, goes_on: Callable[[], bool]) -> list[float]:
    """Seconds from the moment at which each vote is there until it is committed; a vote that waits
    for another one, or for its turn, was there before."""
    delays: list[float] = []
    there = time.monotonic()
    while goes_on():
        there += APART
        await asyncio.sleep(max(0.0, there - time.monotonic()))
        await world.vote(1, 1)
        delays.append(time.monotonic() - there)
    return delays


def _memory(what: str) -> int:
    """Bytes of this process (Linux, "proc_pid_status(5)")."""
    found = re.search(rf"^{what}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])))))
