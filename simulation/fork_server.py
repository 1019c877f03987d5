"""A process that has imported what a program imports, and forks it for each start.

`python -m simulation.fork_server FD MODULE …` imports the modules and listens at the socket FD. A
module may be `path:module`: then it comes from that folder or archive. To whoever connects it says
that it is ready, and then takes requests, one a packet, in JSON (see `forking.py`):

* `{"module": …, "arguments": […], "folder": …, "environment": {…}}` with file descriptors for what
  is written to stdout and to stderr: forks a child that becomes `python -m module arguments`;
  answers its process id.
* `{"ended": pid}`: answers how the child ended, or null. It waits for none: others ask meanwhile.
* `{"end": true}`: kills all children of this connection; answers whether nobody else is connected.

A child has a session of its own, and is killed when this process ends, or when whoever asked for
it is no longer connected. This process ends when nobody is connected any more.

It must only import: a thread, an event loop or an open connection would be shared by all children.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import struct
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from .tied import tie

PACKET = 150_000
"""Bytes of a request at most; the environment is the largest part of it."""
_ASKED_WITHIN = 60.0
"""Seconds, until somebody connects: who started this process may have been killed before."""
Request = dict[str, Any]


@dataclass
class _Asker:
    """Somebody who is connected."""

    control: socket.socket
    children: set[int] = field(default_factory=set)
    """Which nobody has waited for yet."""

    def ended(self, pid: int) -> int | None:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if not ended:
            return None
        self.children.remove(pid)
        return os.waitstatus_to_exitcode(status)

    def kill(self) -> None:
        for pid in self.children:
            # It may have ended, and nobody has asked.
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self.children.clear()


class ForkServer:
    """Answers all who are connected, in one process without threads."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._askers: dict[int, _Asker] = {}

    def serve(self) -> Request | None:
        """Answer requests. Returns the request in a child, and None when nobody is left to ask."""
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        self._listener.settimeout(_ASKED_WITHIN)
        self._accept(poll)
        while self._askers:
            for number, _ in poll.poll():
                if number == self._listener.fileno():
                    self._accept(poll)
                elif (mine := self._hear(self._askers[number], poll)) is not None:
                    return mine
        return None

    def _accept(self, poll: select.poll) -> None:
        control, _ = self._listener.accept()
        if _user(control) != os.getuid():
            control.close()
            return
        self._askers[control.fileno()] = _Asker(control)
        poll.register(control, select.POLLIN)
        control.send(b"ready")

    def _hear(self, asker: _Asker, poll: select.poll) -> Request | None:
        """Returns the request in a child."""
        try:
            packet, descriptors, _, _ = socket.recv_fds(asker.control, PACKET, 2)
        except ConnectionError:
            packet = b""
        if not packet:
            poll.unregister(asker.control)
            del self._askers[asker.control.fileno()]
            asker.kill()
            asker.control.close()
            return None
        request: Request = json.loads(packet)
        if "ended" in request:
            answer = asker.ended(request["ended"])
        elif "end" in request:
            asker.kill()
            answer = len(self._askers) == 1
        else:
            answer = _fork()
            if answer == 0:
                self._leave()
                _become(request, *descriptors)
                return request
            asker.children.add(answer)
            for descriptor in descriptors:
                os.close(descriptor)
        with suppress(ConnectionError):
            asker.control.send(json.dumps(answer).encode())
        return None

    def _leave(self) -> None:
        """In a child, which has nothing to do with those who ask."""
        self._listener.close()
        for asker in self._askers.values():
            asker.control.close()


def _fork() -> int:
    """As `os.fork()`, once the child has a session of its own: it can be killed as a group."""
    server, (begun, begins) = os.getpid(), os.pipe()
    child = os.fork()
    if child == 0:
        tie(server)
        os.setsid()
    os.close(begins)
    if child != 0:
        os.read(begun, 1)
    os.close(begun)
    return child


def _user(control: socket.socket) -> int:
    """Who is at the other end."""
    size = struct.calcsize("3i")
    return int(
        struct.unpack("3i", control.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))[1]
    )


def _become(request: Request, out: int, err: int) -> None:
    """Take what belongs to a process of its own."""
    os.chdir(request["folder"])
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.close(out)
    os.close(err)
    # Ours know what they wrote to: a file, while this may be a pipe.
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = [request["module"], *request["arguments"]]
    # Python puts the folder of `python -m` there.
    sys.path[0] = request["folder"]


def _import(module: str) -> None:
    path, _, name = module.rpartition(":")
    if not path:
        import_module(name)
        return
    sys.path.insert(0, path)
    origin = str(import_module(name).__file__)
    sys.path.remove(path)
    assert origin.startswith(path), f"{name} had been imported from {origin}"


def main() -> None:
    listener = socket.socket(fileno=int(sys.argv[1]))
    for module in sys.argv[2:]:
        _import(module)
    threads = len(list(Path("/proc/self/task").iterdir()))
    assert threads == 1, f"{threads - 1} threads would be missing in each child"
    # A collection in a child would copy every page of what is shared.
    gc.freeze()
    program = ForkServer(listener).serve()
    if program is not None:
        _run(program["module"])


def _run(module: str) -> NoReturn:
    """It ends as ever, but for its memory, which is given back as it is: the interpreter would free
    each object of what was imported, which copies every page of what is shared, and takes longer
    than the start."""
    status: Any = None
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as err:
        if not isinstance(err.code, int | None):
            # A message, which the interpreter shows.
            raise
        status = err.code
    ending: Any = threading
    ending._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit((status or 0) & 0xFF)


if __name__ == "__main__":
    main()
