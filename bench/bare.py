"""What the machine itself takes: a process that does nothing but commit a line and pass it on.

Where others run on the same processors, or a virtual machine finds memory anew for whoever has
slept, each process wakes up slowly, and nothing that a bot does helps against it.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

_PROGRAM = """
import sqlite3, sys

database = sqlite3.connect(sys.argv[1])
database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
database.execute("CREATE TABLE lines (line)")
for line in sys.stdin:
    database.execute("INSERT INTO lines VALUES (?)", (line,))
    database.commit()
    print(line, end="", flush=True)
"""


@dataclass(frozen=True)
class Bare:
    _to: asyncio.StreamWriter
    _from: asyncio.StreamReader

    async def median(self, lines: int, rate: float) -> float:
        """Seconds from a line to its answer, of so many lines, so many in a second."""
        delays = []
        for _ in range(lines):
            await asyncio.sleep(1 / rate)
            began = time.perf_counter()
            self._to.write(b"one vote\n")
            await self._from.readline()
            delays.append(time.perf_counter() - began)
        return statistics.median(delays)


@asynccontextmanager
async def bare(database: Path) -> AsyncIterator[Bare]:
    """The database is a file that is not there yet."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PROGRAM,
        database,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Bare(process.stdin, process.stdout)
    finally:
        process.kill()
        await process.wait()
