"""Runs what works by steps: each looks at what there is to do, does it, and says when to look
again.

A step is taken when it is due, by one timer for all of them (`timers.py`), or because its part
was woken. A part takes one step at a time. One that fails is tried again, later and later, and
holds up no other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from fosdembot.clock import Clock
from fosdembot.db.errors import is_transient
from fosdembot.matrix.api import HomeserverAway, MatrixError
from fosdembot.matrix.backoff import Backoff
from fosdembot.matrix.wake import Wake
from fosdembot.timers import Timers

Take = Callable[[], Awaitable[float | None]]
"""Takes a step. Returns the seconds until the next is due; 0: at once; None: not before the part
is woken. May raise anything."""
Close = Callable[[], Awaitable[None]]


@dataclass(slots=True, eq=False)
class _Part:
    name: str
    take: Take
    close: Close | None
    backoff: Backoff
    task: asyncio.Task[None] | None = None
    """What takes steps at the moment."""
    is_woken: bool = False
    """Whether it was woken since its last step began."""
    due: float | None = None
    """When the next step is, by the clock's seconds."""
    rings: float | None = None
    """When its timer rings. That is not set anew where it rings early enough: most parts are woken
    far more often than they fall due."""


class Steps:
    def __init__(self, clock: Clock, log: logging.Logger) -> None:
        self._clock = clock
        self._log = log
        self._timers = Timers(clock)
        self._parts: list[_Part] = []
        self._waiting: list[asyncio.Task[None]] = []
        """Parts whose first step waits for an event."""

    def start(self) -> None:
        """From now on parts may be added."""
        self._timers.start()

    def add(
        self,
        name: str,
        take: Take,
        wake: Wake | None = None,
        *,
        after: asyncio.Event | None = None,
        first: float = 0.0,
        longest: float = 300.0,
        close: Close | None = None,
    ) -> None:
        """Take steps from now on, or from the moment at which `after` is set, the first in
        `first` seconds, and whenever `wake` is set. After a failure the next try is at most
        `longest` seconds away. `close` ends what the steps have begun."""
        part = _Part(name, take, close, Backoff(longest))
        self._parts.append(part)
        begin = self._begin(part, wake, after, first)
        self._waiting.append(asyncio.create_task(begin, name=name))

    async def stop(self) -> None:
        """Take no more steps. Those under way, and what they have begun, are cancelled, and have
        ended when this returns."""
        parts, self._parts = self._parts, []
        tasks = [*self._waiting, *(part.task for part in parts if part.task is not None)]
        self._timers.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        ends = [part.close() for part in parts if part.close is not None]
        for ended in await asyncio.gather(*ends, return_exceptions=True):
            if isinstance(ended, Exception):
                self._log.error("What was begun did not end well", exc_info=ended)

    async def _begin(
        self, part: _Part, wake: Wake | None, after: asyncio.Event | None, first: float
    ) -> None:
        if after is not None:
            await after.wait()
        self._due(part, first)
        if wake is not None:
            wake.listen(lambda: self._woken(part))

    def _woken(self, part: _Part) -> None:
        part.is_woken = True
        if part.task is None:
            self._start(part)

    def _due(self, part: _Part, seconds: float | None) -> None:
        if seconds is not None and seconds <= 0:
            self._start(part)
            return
        part.due = None if seconds is None else self._clock.monotonic() + seconds
        if part.due is not None and (part.rings is None or part.due < part.rings):
            part.rings = part.due
            self._timers.set(part.name, seconds or 0.0, partial(self._rang, part))

    def _rang(self, part: _Part) -> None:
        part.rings = None
        # After the step that is being taken it is due anew.
        if part.task is None and part.due is not None:
            self._due(part, part.due - self._clock.monotonic())

    def _start(self, part: _Part) -> None:
        if part in self._parts:
            part.due = None
            part.task = asyncio.create_task(self._take_steps(part), name=part.name)

    async def _take_steps(self, part: _Part) -> None:
        """Those that follow each other at once."""
        try:
            while True:
                part.is_woken = False
                wait = await self._take(part)
                if not part.is_woken and (wait is None or wait > 0):
                    break
                # Others have their turn.
                await asyncio.sleep(0)
        finally:
            part.task = None
        self._due(part, wait)

    async def _take(self, part: _Part) -> float | None:
        try:
            wait = await part.take()
        except asyncio.CancelledError as err:
            if part not in self._parts:
                raise
            # Nobody ends this part: something that it waited for was cancelled.
            return self._failed(part, err)
        except Exception as err:
            return self._failed(part, err)
        part.backoff.reset()
        return wait

    def _failed(self, part: _Part, err: BaseException) -> float:
        limited = err.retry_after if isinstance(err, MatrixError) else None
        again = max(part.backoff.next(), limited or 0.0)
        known = isinstance(err, HomeserverAway | MatrixError) or is_transient(err)
        self._log.warning(
            "%s: %s; next try in %.0f s", part.name, err, again, exc_info=None if known else err
        )
        return again
