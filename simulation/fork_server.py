"""A process that has imported what a program imports, and forks it for each start.

`python -m simulation.fork_server FD MODULE …` imports the modules and takes requests from the
socket FD, one a packet, in JSON (see `forking.py`):

* `{"module": …, "arguments": […], "folder": …, "environment": {…}}` with a log's file
  descriptor: forks a child that becomes `python -m module arguments`; answers its process id.
* `{"wait": pid, "block": true or false}`: answers how the child ended, or null.

A child has a session of its own, and is killed when this process ends. This process ends when
nobody is left at the other end of the socket.

It must only import: a thread, an event loop or an open connection would be shared by all children.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from .tied import tie

PACKET = 150_000
"""Bytes of a request at most; the environment is the largest part of it."""


def serve(control: socket.socket) -> dict[str, Any] | None:
    """Answer requests. Returns the request in a child, and None when nobody asks any more."""
    server = os.getpid()
    while True:
        packet, descriptors, _, _ = socket.recv_fds(control, PACKET, 1)
        if not packet:
            return None
        request: dict[str, Any] = json.loads(packet)
        if "wait" in request:
            pid, status = os.waitpid(request["wait"], 0 if request["block"] else os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        else:
            answer = os.fork()
            if answer == 0:
                tie(server)
                control.close()
                _become(request, descriptors[0])
                return request
            os.close(descriptors[0])
        control.send(json.dumps(answer).encode())


def _become(request: dict[str, Any], log: int) -> None:
    """Take what belongs to a process of its own."""
    os.setsid()
    os.chdir(request["folder"])
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = [request["module"], *request["arguments"]]
    # Python puts the folder of `python -m` there.
    sys.path[0] = request["folder"]


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    for module in sys.argv[2:]:
        import_module(module)
    threads = len(list(Path("/proc/self/task").iterdir()))
    assert threads == 1, f"{threads - 1} threads would be missing in each child"
    # A collection in a child would copy every page of what is shared.
    gc.freeze()
    program = serve(control)
    if program is not None:
        # It ends as it likes: what it raises is for the interpreter, as ever.
        runpy.run_module(program["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
