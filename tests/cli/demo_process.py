"""`fosdembot demo` in a process of its own, started and read as somebody does."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from simulation.forking import Child, ForkServer, fork_server
from tests.simulation.test_server import gone

from .forked_demo import IMPORTS


class Demo:
    """`fosdembot demo` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.output = ""
        self.environment = os.environ | {"TMPDIR": str(self.temporary)}
        self._said: asyncio.StreamReader
        self._child: Child

    async def start(self, *options: str) -> None:
        """As a user does."""
        command = [sys.executable, "-m", "fosdembot.cli", "demo", *options]
        with await self._pipe() as out:
            self._child = subprocess.Popen(
                command,
                cwd=self.folder,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=self.environment,
            )

    async def fork(self, run: str, *arguments: str) -> None:
        """It, and its servers, without imports: see `forked_demo.py`."""
        server = fork_server(IMPORTS)
        assert isinstance(server, ForkServer)
        with await self._pipe() as out:
            self._child = server.start(
                "tests.cli.forked_demo",
                [run, *arguments],
                self.folder,
                out.fileno(),
                environment=self.environment,
            )

    async def _pipe(self) -> Any:
        """To write to what is read here."""
        reads, writes = os.pipe()
        self._said = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(self._said), os.fdopen(reads, "rb")
        )
        return os.fdopen(writes, "wb")

    async def read_until(self, words: str) -> None:
        """Read its output up to the line with these words; fails where it ends before."""
        while words not in self.output:
            line = await asyncio.wait_for(self._said.readline(), 60)
            assert line, f"it ended without {words!r}:\n{self.output}"
            self.output += line.decode()

    def send(self, signal: int) -> None:
        os.kill(self._child.pid, signal)

    async def end(self) -> int:
        """Wait for its end; returns its exit code, as a shell has it."""
        self.output += (await asyncio.wait_for(self._said.read(), 240)).decode()
        return self._child.wait()

    def kill(self) -> None:
        if self._child.poll() is None:
            self.send(9)
            self._child.wait()

    def servers(self) -> Mapping[str, int]:
        """The ids of those that run, by their names."""
        found = {}
        for link in Path("/proc").glob("[0-9]*/cwd"):
            # Another process may have ended by now, or be another's.
            with suppress(OSError):
                folder = link.readlink()
                if folder.is_relative_to(self.temporary):
                    name = folder.name if folder.name in ("synapse", "bot") else "prosody"
                    found[name] = int(link.parent.name)
        return found

    def summary(self, name: str = "demo-summary.json") -> Any:
        return json.loads((self.folder / name).read_text())

    def assert_nothing_left(self, servers: Iterable[int] = ()) -> None:
        assert [pid for pid in servers if not gone(pid)] == []
        assert self.servers() == {}
        assert list(self.temporary.iterdir()) == []


@asynccontextmanager
async def demo_in(folder: Path) -> AsyncIterator[Demo]:
    """It is ended with the block, and what it said is shown where a test fails."""
    demo = Demo(folder)
    try:
        yield demo
    finally:
        print(demo.output)
        demo.kill()
