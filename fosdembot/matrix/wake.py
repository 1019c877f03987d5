"""Wakes a task that waits for something to do."""

from __future__ import annotations

import asyncio
import contextlib


class Wake:
    """A signal that is not lost when it is given while nobody waits."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

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
