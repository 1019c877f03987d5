"""Wakes a task that waits for something to do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable


class Wake:
    """A signal that is not lost when it is given while nobody waits."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._heard: Callable[[], None] | None = None

    def set(self) -> None:
        self._event.set()
        if self._heard is not None:
            self._heard()

    def listen(self, hear: Callable[[], None]) -> None:
        """Call `hear` at each signal from now on, instead of a task that waits; at once, if one
        was given already."""
        self._heard = hear
        if self._event.is_set():
            hear()

    async def wait(self, timeout: float | None = None) -> bool:
        """Until the signal was given since the last wait, or for `timeout` seconds. Whether it
        was given."""
        # Not `asyncio.wait_for`: in Python 3.11 it swallows a cancellation that comes
        # together with the signal.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._event.wait()
        given = self._event.is_set()
        self._event.clear()
        return given


class Bell(Wake):
    """A `Wake` that tells whether somebody outside has set it."""

    def __init__(self) -> None:
        super().__init__()
        self._rung = False

    def set(self) -> None:
        self._rung = True
        super().set()

    def nudge(self) -> None:
        """Wake the task from inside."""
        super().set()

    def was_rung(self) -> bool:
        """Whether it was set since this was last asked."""
        rung, self._rung = self._rung, False
        return rung
