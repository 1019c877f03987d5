"""Starts without imports: a test run starts bots by the hundred, and nine tenths of the CPU time
of a start are imports.

While `starts_are_forked()` holds, a program of which we know what it imports is forked by a
process that has imported it already (`fork_server.py`): it has an id, a session, an environment, a
folder and a log of its own, runs the same code from its first line on, and is stopped, frozen,
killed and waited for like any other. What differs: its modules are those of the fork server, and
so is the seed of its hashes; what the interpreter itself reads at its start (PYTHON… in the
environment) is read once.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from . import tied

_ROOT = Path(__file__).parents[1]
_ANSWERS_WITHIN = 60.0
"""Seconds; the first answer comes after the imports."""


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
        return self._ask(block=False)

    def wait(self) -> int:
        ended = self._ask(block=True)
        assert ended is not None
        return ended

    def _ask(self, *, block: bool) -> int | None:
        if self._ended is None:
            self._ended = self._server.ask({"wait": self.pid, "block": block})
        return self._ended


class ForkServer:
    """A process that has imported some modules, and forks children; it ends with this one."""

    def __init__(self, imports: Sequence[str]) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(_ANSWERS_WITHIN)
        with theirs:
            number = theirs.fileno()
            program = [sys.executable, "-m", "simulation.fork_server", str(number), *imports]
            self._process = subprocess.Popen(
                [sys.executable, "-I", tied.__file__, str(os.getpid()), "", *program],
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[number],
                start_new_session=True,
            )

    def ask(self, request: dict[str, Any], *descriptors: int) -> Any:
        try:
            socket.send_fds(self._control, [json.dumps(request).encode()], descriptors)
            answer = self._control.recv(1000)
        except ConnectionError:
            answer = b""
        if not answer:
            raise RuntimeError("the fork server has ended: its last words are above")
        return json.loads(answer)

    def start(self, module: str, arguments: Sequence[str], folder: Path, log: int) -> Forked:
        """Start `python -m module arguments` in a folder; it writes to the file `log`."""
        request = {
            "module": module,
            "arguments": list(arguments),
            "folder": str(folder),
            "environment": dict(os.environ),
        }
        return Forked(self, self.ask(request, log))

    def close(self) -> None:
        """End it, and with it all of its children."""
        self._control.close()
        self._process.wait()


_servers: dict[tuple[str, ...], ForkServer] | None = None
"""By what they have imported; None where starts are not forked."""


@contextmanager
def starts_are_forked() -> Iterator[None]:
    """In this block, programs whose imports are known are forked. Only on Linux."""
    global _servers  # noqa: PLW0603 -- how processes are started is the whole process's
    assert _servers is None
    _servers = {} if sys.platform == "linux" else None
    try:
        yield
    finally:
        for server in (_servers or {}).values():
            server.close()
        _servers = None


def fork_server(imports: Sequence[str]) -> ForkServer | None:
    """The one that has imported these; None where starts are not forked."""
    if _servers is None or not imports:
        return None
    key = tuple(imports)
    if key not in _servers:
        _servers[key] = ForkServer(imports)
    return _servers[key]
