"""Waiting for what happens elsewhere: in another process, or in a task that cannot call us."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class NotSeen(AssertionError):
    """What was waited for did not come in time: a test that waits has failed."""


async def wait_for(
    condition: Callable[[], Awaitable[T]],
    seconds: float = 30,
    what: str = "the condition",
    every: float = 0.05,
) -> T:
    """Ask again and again until the answer is true, and return it.

    Raises `NotSeen` after `seconds`; the message tells `what`, and the last answer.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = await condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise NotSeen(f"{what}: not within {seconds:g} s; at last {answer!r:.500}")
        await asyncio.sleep(every)
