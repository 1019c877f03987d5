"""Starts without imports: a test run starts bots by the hundred, and nine tenths of the CPU time
of a start are imports.

While `starts_are_forked()` holds, a program of which we know what it imports is forked by a
process that has imported it already (`fork_server.py`): it has an id, a session, an environment, a
folder and a log of its own, runs the same code from its first line on, and is stopped, frozen,
killed and waited for like any other. What differs: its modules are those of the fork server, and
so is the seed of its hashes; what the interpreter itself reads at its start (PYTHON… in the
environment) is read once; at its end threads are waited for and `atexit` is honoured, but nothing
is finalised.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

_ROOT = Path(__file__).parents[1]
_ANSWERS_WITHIN = 60.0
"""Seconds; the first answer comes after the imports."""
_ENDS_WITHIN = 5.0
"""Seconds."""
_LOOK_AGAIN = 0.01
"""Seconds between two looks whether a child has ended."""
_ANSWER_BYTES = 1000
_LEFT: list[subprocess.Popen[bytes]] = []
"""Started here, and still used by others of the run. Python warns of such that nobody refers to."""
_ENDED = "the fork server has ended: its last words are above"


class Child(Protocol):
    """A process that was started here: `subprocess.Popen`, or one that was forked."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None:
        """How it ended, if it has; only then may another process get its id."""

    def wait(self) -> int: ...


class Forked:
    """A child of a fork server."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        self._server = server
        self.pid = pid
        self._ended: int | None = None

    def poll(self) -> int | None:
        if self._ended is None:
            self._ended = self._server.ask({"ended": self.pid})
        return self._ended

    def wait(self) -> int:
        while (ended := self.poll()) is None:
            time.sleep(_LOOK_AGAIN)
        return ended


class ForkServer:
    """A connection to a process that has imported some modules, and forks children for us.

    All of one `run` share that process; without, it is one's own. It ends when nobody is connected
    any more. Raises `RuntimeError` where it cannot import them.
    """

    def __init__(self, imports: Sequence[str], run: str = "") -> None:
        named = json.dumps([run or secrets.token_hex(), *imports])
        # An abstract address: no file that somebody would have to remove.
        address = f"\0fosdembot-{hashlib.sha256(named.encode()).hexdigest()}"
        while True:
            self._process = _start(imports, address)
            self._control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._control.settimeout(_ANSWERS_WITHIN)
            with suppress(ConnectionError):
                self._control.connect(address)
                if self._control.recv(_ANSWER_BYTES):
                    return
            self._control.close()
            if self._process is not None:
                self._process.wait()
                raise RuntimeError(_ENDED)
            # Another had started it, and it has just ended.

    def ask(self, request: Mapping[str, Any], *descriptors: int) -> Any:
        try:
            socket.send_fds(self._control, [json.dumps(request).encode()], descriptors)
            answer = self._control.recv(_ANSWER_BYTES)
        except ConnectionError:
            answer = b""
        if not answer:
            raise RuntimeError(_ENDED)
        return json.loads(answer)

    def start(
        self,
        module: str,
        arguments: Sequence[str],
        folder: Path,
        out: int,
        err: int | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> Forked:
        """Start `python -m module arguments` in a folder; it writes to the files `out` and `err`,
        or all to the first."""
        request = {
            "module": module,
            "arguments": list(arguments),
            "folder": str(folder),
            "environment": dict(environment),
        }
        return Forked(self, self.ask(request, out, out if err is None else err))

    def close(self) -> None:
        """End all children that were started here."""
        if self._control.fileno() == -1:
            return
        is_last = True
        with suppress(RuntimeError):
            is_last = self.ask({"end": True})
        self._control.close()
        if self._process is None:
            return
        try:
            self._process.wait(_ENDS_WITHIN if is_last else 0)
        except subprocess.TimeoutExpired:
            _LEFT.append(self._process)


def _start(imports: Sequence[str], address: str) -> subprocess.Popen[bytes] | None:
    """A fork server that can be reached there; None where one can already."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        try:
            listener.bind(address)
        except OSError:
            return None
        listener.listen()
        number = listener.fileno()
        return subprocess.Popen(
            [sys.executable, "-m", "simulation.fork_server", str(number), *imports],
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[number],
            start_new_session=True,
        )


class _Run:
    """Fork servers by what they have imported."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._servers: dict[tuple[str, ...], ForkServer] = {}

    def server(self, imports: Sequence[str]) -> ForkServer:
        key = tuple(imports)
        if key not in self._servers:
            self._servers[key] = ForkServer(imports, self._name)
        return self._servers[key]

    def close(self) -> None:
        for server in self._servers.values():
            server.close()


_run: _Run | None = None
"""None where starts are not forked."""


@contextmanager
def starts_are_forked(run: str = "") -> Iterator[None]:
    """In this block, programs whose imports are known are forked. Only on Linux.

    All processes that name the same `run` share those that have imported something.
    """
    global _run  # noqa: PLW0603 -- how processes are started is the whole process's
    assert _run is None
    here = _Run(run or secrets.token_hex())
    _run = here if sys.platform == "linux" else None
    try:
        yield
    finally:
        here.close()
        _run = None


def fork_server(imports: Sequence[str]) -> ForkServer | None:
    """The one that has imported these; None where starts are not forked."""
    return None if _run is None or not imports else _run.server(imports)
