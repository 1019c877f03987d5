"""Waiting for what happens elsewhere: in another process, or in a task that cannot call us."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")
LONGEST_PAUSE = 1.0
"""Seconds between two questions, however long an answer takes."""


class Moves(Protocol):
    """A clock that stands still until it is told to go on (see `stepped_clock.py`)."""

    async def until(
        self, condition: Callable[[], Awaitable[T]], what: str, seconds: float
    ) -> T: ...


_STEPPED: WeakKeyDictionary[asyncio.AbstractEventLoop, Moves] = WeakKeyDictionary()


def goes_by(clock: Moves) -> None:
    """Who waits in this event loop from now on moves `clock` on, and does not wait."""
    _STEPPED[asyncio.get_running_loop()] = clock


class NotSeen(AssertionError):
    """What was waited for did not come in time: a test that waits has failed."""


async def wait_for(
    condition: Callable[[], Awaitable[T]],
    seconds: float = 30,
    what: str = "the condition",
    every: float = 0.05,
) -> T:
    """Ask again and again until the answer is true, and return it.

    Asks every `every` seconds, or less often where an answer takes long: to ask takes a fifth of
    the time at most. To read a room is work for a homeserver, which has to do what is waited for.
    Raises `NotSeen` after `seconds`; the message tells `what`, and the last answer.
    """
    if (clock := _STEPPED.get(asyncio.get_running_loop())) is not None:
        return await clock.until(condition, what, seconds)
    deadline = time.monotonic() + seconds
    while True:
        asked = time.monotonic()
        answer = await condition()
        if answer:
            return answer
        now = time.monotonic()
        if now > deadline:
            raise NotSeen(f"{what}: not within {seconds:g} s; at last {answer!r:.500}")
        await asyncio.sleep(min(max(every, 4 * (now - asked)), LONGEST_PAUSE))
