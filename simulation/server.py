"""A real server as a child process: started, watched, frozen, killed, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from . import tied
from .forking import Child, fork_server
from .waiting import NotSeen, wait_for

_TAIL_BYTES = 6000


class ServerError(Exception):
    """A server did not start; the message ends with the last lines of its log."""


class Server(ABC):
    """A child process whose data lives in `folder`; `async with` starts and stops it.

    It may be stopped and started any number of times, on the same data and port.
    No object of it belongs to an event loop.
    """

    name: str
    user = ""
    """Who runs the process, where it is not the one who starts it."""
    start_seconds = 60.0
    """It must answer within so many seconds."""
    stop_seconds = 20.0
    """It is killed when it has not ended so many seconds after SIGTERM."""
    imports: Sequence[str] = ()
    """Modules that `python -m …` imports at its start, `path:module` where they come from a folder
    or an archive. Where starts are forked (`forking.py`), it is forked with these already imported,
    if there are any. An object that must be started as a user starts it has none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / f"{self.name}.log"
        self._child: Child | None = None
        self._log_start = 0

    @abstractmethod
    def _command(self) -> Sequence[str]:
        """The program and its arguments, without a shell."""

    @abstractmethod
    async def _is_ready(self) -> bool:
        """Whether the server answers; called every 50 ms until it does."""

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int:
        """The process id; `ServerError` when it was not started."""
        if self._child is None:
            raise ServerError(f"{self.name} was not started")
        return self._child.pid

    def launch(self) -> None:
        """Start the process, and do not wait until it answers."""
        if self.running:
            raise ServerError(f"{self.name} runs already")
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._child = self._forked(log.fileno()) or self._spawned(log.fileno())

    def _forked(self, log: int) -> Child | None:
        server = fork_server(self.imports)
        if server is None:
            return None
        interpreter, option, module, *arguments = self._command()
        assert (interpreter, option) == (sys.executable, "-m")
        return server.start(module, arguments, self.folder, log)

    def _spawned(self, log: int) -> Child:
        return subprocess.Popen(
            [sys.executable, "-I", tied.__file__, str(os.getpid()), self.user, *self._command()],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A group of its own: the terminal's Ctrl-C is for us, who end it in order.
            start_new_session=True,
        )

    async def wait_ready(self) -> None:
        """Wait until it answers; `ServerError`, and the process ended, when it does not."""

        async def answers() -> bool:
            if not self.running:
                raise ServerError(f"{self.name} ended while it started:\n{self.log_tail()}")
            return await self._is_ready()

        try:
            await wait_for(answers, self.start_seconds)
        except NotSeen:
            self.kill()
            raise ServerError(
                f"{self.name} did not answer in {self.start_seconds:g} s:\n{self.log_tail()}"
            ) from None
        except BaseException:
            self.kill()
            raise

    async def start(self) -> None:
        """Start it and wait until it answers; `ServerError` when it does not."""
        self.launch()
        await self.wait_ready()

    async def stop(self) -> None:
        """End it in order (SIGTERM), or by force when that takes too long."""
        if not self.running:
            return
        self.resume()
        self._signal(signal.SIGTERM)

        async def ended() -> bool:
            return not self.running

        try:
            with suppress(NotSeen):
                await wait_for(ended, self.stop_seconds, every=0.02)
        finally:
            self.kill()

    def kill(self) -> None:
        """End it at once, as a crash would (SIGKILL)."""
        if self._child is not None and self.running:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def pause(self) -> None:
        """Freeze it (SIGSTOP); its connections stay open and unanswered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        # `running` reaps a child that ended, so this cannot reach another's process.
        if self.running:
            os.killpg(self.pid, number)

    def log_text(self) -> str:
        """What it has written since it was last started."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def log_tail(self) -> str:
        """The last lines that it has written."""
        text = self.log.read_bytes()[-_TAIL_BYTES:].decode(errors="replace")
        return "\n".join(text.splitlines()[-40:])

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()
