"""Lets the event loop go on while a thread computes.

Python lets one thread run at a time. One that wants to run waits until the other has had its turn,
5 ms (`sys.setswitchinterval`), and so does the loop after each time that it has waited for
something: several times for one vote.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SHORT = 0.001
"""Seconds of a turn. Shorter ones would cost more than they bring."""


class _Turns:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._before = 0.0

    @contextmanager
    def short(self) -> Iterator[None]:
        with self._lock:
            if not self._users:
                self._before = sys.getswitchinterval()
                sys.setswitchinterval(min(SHORT, self._before))
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    sys.setswitchinterval(self._before)


short_turns = _Turns().short
"""`with short_turns():` while something long is computed in a thread. It is so for the whole
process, which several bots may share: the last one to end gives back what was set before."""
