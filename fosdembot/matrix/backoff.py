"""How long to wait before another try."""

from __future__ import annotations

import random


class Backoff:
    """Grows from one second to `longest` seconds, and is scattered by a fifth, so that
    many that failed together do not come back together."""

    def __init__(self, longest: float = 30) -> None:
        self._longest = longest
        self._wait = 1.0

    def next(self) -> float:
        wait = self._wait
        self._wait = min(self._wait * 2, self._longest)
        return wait * random.uniform(0.8, 1.2)

    def reset(self) -> None:
        self._wait = 1.0
