"""A clock that stands still until it is told to go on.

Whoever sleeps by it, or is to be called by it, waits for that: hours pass in no time. It goes
from one moment at which something is due to the next, and waits at each until all that this sets
off has come to rest, so that everything happens in the order of its time.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from unittest.mock import patch

from .conference import START
from .waiting import NotSeen, goes_by

T = TypeVar("T")

_RESTLESS = 100_000
"""Rounds of the event loop after which what goes on is taken for an endless loop."""
_SAME = 1e-6
"""Seconds by which two moments may differ that are one."""


@dataclass(order=True, slots=True)
class _Call:
    due: float
    number: int
    call: Callable[[], object] = field(compare=False)
    is_cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.is_cancelled = True


class SteppedClock:
    """At first it is `now` at the conference, whose time then goes as the seconds do.

    Made in a running event loop, whose work for threads it does itself; see `sqlite_at_once` for
    that of the database. So there is nothing else to wait for.
    """

    def __init__(self, now: datetime = START) -> None:
        self._began = now
        self._seconds = 0.0
        self._calls: list[_Call] = []
        self._numbers = itertools.count()
        self.ahead = timedelta(0)
        """By which somebody has put it forward."""
        threads_at_once()
        goes_by(self)

    # As every clock.

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self._seconds) + self.ahead

    def to_wall(self, moment: datetime) -> datetime:
        return moment

    def from_wall(self, wall: datetime) -> datetime:
        return wall

    def monotonic(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.Event()
        call = self.call_later(seconds, woken.set)
        try:
            await woken.wait()
        finally:
            call.cancel()

    def call_later(self, seconds: float, call: Callable[[], object]) -> _Call:
        made = _Call(self._seconds + max(seconds, 0.0), next(self._numbers), call)
        heapq.heappush(self._calls, made)
        return made

    # What a test does.

    async def advance(self, seconds: float) -> None:
        """Let so many seconds pass."""
        until = self._seconds + seconds
        await self.rest()
        while (due := self._next()) is not None and due <= until + _SAME:
            await self._go_to(due)
        self._seconds = max(self._seconds, until)

    async def advance_to(self, minutes: float) -> None:
        """Let it become so many minutes after `START`."""
        await self.advance((START + timedelta(minutes=minutes) - self.now()).total_seconds())

    async def until(
        self, condition: Callable[[], Awaitable[T]], what: str, seconds: float = 60
    ) -> T:
        """Let time pass until the answer is true, and return it. Raises `NotSeen` once `seconds`
        have passed."""
        until = self._seconds + seconds
        while True:
            await self.rest()
            answer = await condition()
            if answer:
                return answer
            due = self._next()
            if due is None or due > until:
                raise NotSeen(f"{what}: not within {seconds:g} s; at last {answer!r:.500}")
            await self._go_to(due)

    def hold(self, seconds: float) -> None:
        """So many pass while something holds the event loop: nobody is called meanwhile."""
        self._seconds += seconds

    async def rest(self) -> None:
        """Until everybody waits for this clock, or for somebody who does."""
        loop: Any = asyncio.get_running_loop()
        for _ in range(_RESTLESS):
            await asyncio.sleep(0)
            # The callbacks that are ready now: asyncio itself does not say whether there are any.
            if not loop._ready:
                return
        raise AssertionError("it does not come to rest")

    def _next(self) -> float | None:
        """When the next call is due."""
        while self._calls and self._calls[0].is_cancelled:
            heapq.heappop(self._calls)
        return self._calls[0].due if self._calls else None

    async def _go_to(self, moment: float) -> None:
        self._seconds = max(self._seconds, moment)
        while (due := self._next()) is not None and due <= self._seconds + _SAME:
            heapq.heappop(self._calls).call()
        await self.rest()


def threads_at_once() -> None:
    """The running event loop does the work for its threads itself, before it goes on."""
    loop: Any = asyncio.get_running_loop()
    loop.run_in_executor = _at_once


def _at_once(_: object, work: Callable[..., T], *args: Any) -> asyncio.Future[T]:
    """In place of `run_in_executor`: done before it returns, whichever thread it is for."""
    done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    try:
        done.set_result(work(*args))
    except Exception as err:
        done.set_exception(err)
    return done


@contextmanager
def sqlite_at_once() -> Iterator[None]:
    """aiosqlite does the work of its threads before it returns: of connections that are made in
    this block, a stepped clock need not wait for anything."""
    with (
        patch("aiosqlite.core.SimpleQueue", _NoQueue),
        patch("aiosqlite.core.Thread", _NoThread),
    ):
        yield


class _NoThread:
    """In place of the thread of a connection, which has nothing to do."""

    def __init__(self, **_: object) -> None:
        self.daemon = True

    def start(self) -> None:
        pass


class _NoQueue:
    """In place of what leads to the thread of a connection."""

    def put_nowait(self, item: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, function = item
        try:
            result = function()
        except BaseException as err:
            if future is not None:
                future.set_exception(err)
        else:
            if future is not None:
                future.set_result(result)
