"""The tasks of what runs all the time, or regularly."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.base import BaseScheduler

from fosdembot.clock import Clock
from fosdembot.db.engine import Database
from fosdembot.db.retention import forget_what_is_old

Run = Callable[[], Awaitable[None]]


class Tasks:
    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, name: str, run: Run, after: asyncio.Event | None = None) -> None:
        """Run it from now on, or from the moment at which `after` is set."""
        self._tasks.append(asyncio.create_task(self._keep_running(name, run, after), name=name))

    async def stop(self) -> None:
        """End all of them, and wait until they have ended."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep_running(self, name: str, run: Run, after: asyncio.Event | None) -> None:
        """A part that ends, which is a fault of ours, must not stay away."""
        if after is not None:
            await after.wait()
        while True:
            try:
                await run()
            except Exception:
                self._log.critical("%s ended; it is started again", name, exc_info=True)
            await asyncio.sleep(1)


def forget_regularly(
    timers: BaseScheduler,
    database: Database,
    clock: Clock,
    names_before: Callable[[], datetime | None],
) -> None:
    """In a minute, then every six hours."""
    timers.add_job(
        forget_what_is_old,
        "interval",
        args=(database, clock, names_before),
        hours=6,
        next_run_time=clock.to_wall(clock.now()) + timedelta(minutes=1),
        misfire_grace_time=None,
    )
