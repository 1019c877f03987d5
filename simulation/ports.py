"""Ports for servers of the demo, the tests and the bench."""

from __future__ import annotations

import os
from itertools import count

from fosdembot.cli.ports import is_taken

WORKER = "FOSDEMBOT_TEST_WORKER"
"""The environment variable with the number of a worker of a run of tests, which its children have,
too. It is not set elsewhere."""
_FIRST, _LAST = 10_000, 32_000
"""Below those that Linux gives to whoever connects (32,768 to 60,999): while a server is down for a
moment, its port stays its own."""
_MOST_WORKERS = 8
_EACH = (_LAST - _FIRST) // _MOST_WORKERS
_numbers = count()


def free_port() -> int:
    """A port of 127.0.0.1 that is free, that this process gives to nobody else, and no other worker
    of the same run of tests at all."""
    worker = int(os.environ.get(WORKER, "0"))
    first = _FIRST + worker % _MOST_WORKERS * _EACH
    while True:
        # Processes of one worker, as a demo, begin at different places.
        port = first + (os.getpid() * 61 + next(_numbers)) % _EACH
        if not is_taken("127.0.0.1", port):
            return port
