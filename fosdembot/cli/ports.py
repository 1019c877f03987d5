"""TCP ports of this machine: which is taken, which is free."""

from __future__ import annotations

import errno
import socket


def is_taken(host: str, port: int) -> bool:
    """Whether somebody listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as err:
            return isinstance(err, OSError) and err.errno == errno.EADDRINUSE
    return False


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listened a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def first_free_port(first: int) -> int:
    """The lowest free port of 127.0.0.1 from `first` on: one that people can remember."""
    return next(port for port in range(first, 65536) if not is_taken("127.0.0.1", port))
