"""Runs what works by steps: each looks at what there is to do, does it, and says when to look
again.

One timer (APScheduler) for all of them. A step may also be due because its part was woken. A part
takes one step at a time; one that fails is tried again, later and later, and holds up no other.
Tests call the steps themselves, so that no real second passes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.base import BaseScheduler

from fosdembot.db.errors import is_transient
from fosdembot.matrix.api import HomeserverAway, MatrixError
from fosdembot.matrix.backoff import Backoff
from fosdembot.matrix.wake import Wake

Take = Callable[[], Awaitable[float | None]]
"""Takes a step. Returns the seconds (on the wall) until the next is due; None: not before the part
is woken. May raise anything."""


@dataclass(slots=True, eq=False)
class _Part:
    name: str
    take: Take
    backoff: Backoff
    is_running: bool = False
    is_woken: bool = False
    """Whether it was woken since its last step began."""
    tasks: set[asyncio.Task[object]] = field(default_factory=set)


class Steps:
    def __init__(self, timers: BaseScheduler, log: logging.Logger) -> None:
        self._timers = timers
        self._log = log
        self._parts: list[_Part] = []
        self._waiting: list[asyncio.Task[None]] = []
        """Parts whose first step waits for an event."""

    def add(
        self,
        name: str,
        take: Take,
        wake: Wake | None = None,
        *,
        after: asyncio.Event | None = None,
        longest: float = 300.0,
    ) -> None:
        """Take steps from now on, or from the moment at which `after` is set, and whenever `wake`
        is set. After a failure the next try is at most `longest` seconds away."""
        part = _Part(name, take, Backoff(longest))
        self._parts.append(part)
        self._waiting.append(asyncio.create_task(self._begin(part, wake, after), name=name))

    async def stop(self) -> None:
        """Take no more steps; those under way are cancelled, and have ended when this returns."""
        tasks: list[asyncio.Task[object]] = [*self._waiting]
        for part in self._parts:
            tasks += part.tasks
            if self._timers.get_job(part.name) is not None:
                self._timers.remove_job(part.name)
        self._parts.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self, part: _Part, wake: Wake | None, after: asyncio.Event | None) -> None:
        if after is not None:
            await after.wait()
        if wake is not None:
            wake.listen(lambda: self._woken(part))
        self._due(part, 0.0)

    def _woken(self, part: _Part) -> None:
        if not part.is_woken and part in self._parts:
            part.is_woken = True
            if not part.is_running:
                self._due(part, 0.0)

    def _due(self, part: _Part, seconds: float) -> None:
        self._timers.add_job(
            self._step,
            "date",
            args=[part],
            id=part.name,
            run_date=datetime.now(UTC) + timedelta(seconds=seconds),
            replace_existing=True,
            misfire_grace_time=None,
            # The timer counts a step as running until a moment after it has ended.
            max_instances=2,
        )

    async def _step(self, part: _Part) -> None:
        task = asyncio.current_task()
        assert task is not None
        part.tasks.add(task)
        part.is_running, part.is_woken = True, False
        try:
            wait = await self._take(part)
        except asyncio.CancelledError:
            if part in self._parts:
                raise
            # By `stop`; the timer would log it as a fault.
            return
        finally:
            part.is_running = False
            part.tasks.discard(task)
        if part in self._parts and (wait is not None or part.is_woken):
            self._due(part, 0.0 if part.is_woken or wait is None else wait)

    async def _take(self, part: _Part) -> float | None:
        try:
            wait = await part.take()
        except Exception as err:
            limited = err.retry_after if isinstance(err, MatrixError) else None
            again = max(part.backoff.next(), limited or 0.0)
            known = isinstance(err, HomeserverAway | MatrixError) or is_transient(err)
            self._log.warning(
                "%s: %s; next try in %.0f s", part.name, err, again, exc_info=not known
            )
            return again
        part.backoff.reset()
        return wait
