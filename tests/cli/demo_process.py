"""`fosdembot demo` in a process of its own, started and read as somebody does."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.simulation.test_server import gone

COMMAND = ("-m", "fosdembot.cli", "demo")


class Demo:
    """`fosdembot demo` in a folder of its own, started by `run`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.output = ""
        self.process: asyncio.subprocess.Process

    async def run(self, *arguments: str) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=os.environ | {"TMPDIR": str(self.temporary)},
        )

    async def read_until(self, words: str) -> None:
        """Read its output up to the line with these words; fails where it ends before."""
        assert self.process.stdout is not None
        while words not in self.output:
            line = await asyncio.wait_for(self.process.stdout.readline(), 60)
            assert line, f"it ended without {words!r}:\n{self.output}"
            self.output += line.decode()

    async def end(self) -> int:
        """Wait for its end; returns its exit code."""
        assert self.process.stdout is not None
        self.output += (await asyncio.wait_for(self.process.stdout.read(), 240)).decode()
        return await self.process.wait()

    def children(self) -> Sequence[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def summary(self, name: str = "demo-summary.json") -> Any:
        return json.loads((self.folder / name).read_text())

    def assert_nothing_left(self, children: Sequence[int]) -> None:
        assert [pid for pid in children if not gone(pid)] == []
        assert list(self.temporary.iterdir()) == []


@asynccontextmanager
async def demo_in(folder: Path) -> AsyncIterator[Demo]:
    """It is ended with the block, and what it said is shown where a test fails."""
    demo = Demo(folder)
    try:
        yield demo
    finally:
        print(demo.output)
        if demo.process.returncode is None:
            demo.process.kill()
            await demo.process.wait()
