"""The timer of everything that is due: APScheduler, by the seconds of the injected clock.

APScheduler goes by the wall clock: where that is set back by an hour, what was due in a second
is due in an hour. The clock's seconds are never set back.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from fosdembot.clock import Clock

_BEGAN = datetime(2000, 1, 1, tzinfo=UTC)
"""When the clock's seconds began, for APScheduler, which wants a date."""


class Timers:
    """Calls what is due. Each timer has a name; to set it anew moves it."""

    def __init__(self, clock: Clock) -> None:
        # At INFO it tells of every timer twice.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._clock = clock
        self._zone = _Seconds(clock)
        self._scheduler = _Scheduler(clock, self._zone)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Nothing is called any more."""
        if self._scheduler.running:
            self._scheduler.remove_all_jobs()
            self._scheduler.shutdown(wait=False)

    def set(self, name: str, seconds: float, call: Callable[[], None]) -> None:
        """Call `call` in so many seconds, never earlier."""
        self._scheduler.add_job(
            _do,
            "date",
            args=[call],
            id=name,
            run_date=self._zone.date(math.ceil((self._clock.monotonic() + seconds) * 1e6)),
            replace_existing=True,
            misfire_grace_time=None,
            # It counts as running until a moment after it has ended.
            max_instances=2,
        )


async def _do(call: Callable[[], None]) -> None:
    """In the loop, where APScheduler runs coroutines only."""
    call()


class _Scheduler(AsyncIOScheduler):  # type: ignore[misc]
    """Takes the time, and waits, by the injected clock."""

    def __init__(self, clock: Clock, zone: tzinfo) -> None:
        super().__init__(timezone=zone)
        self._clock = clock

    def _start_timer(self, wait_seconds: float | None) -> None:
        self._stop_timer()
        if wait_seconds is not None:
            self._timeout = self._clock.call_later(wait_seconds, self.wakeup)


class _Seconds(tzinfo):
    """A zone in which it is as late as the clock's seconds say: APScheduler asks for
    `datetime.now(zone)`, which asks the zone (`tzinfo.fromutc`). Dates of other zones cannot be
    turned into dates of this one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def fromutc(self, _: datetime) -> datetime:
        return self.date(math.floor(self._clock.monotonic() * 1e6))

    def date(self, microseconds: int) -> datetime:
        """The clock's seconds as a date. What is due is rounded up and what it is now down, so
        that nobody is called too early."""
        return _BEGAN.replace(tzinfo=self) + timedelta(microseconds=microseconds)

    def utcoffset(self, _: datetime | None) -> timedelta:
        return timedelta(0)

    def dst(self, _: datetime | None) -> timedelta:
        return timedelta(0)

    def tzname(self, _: datetime | None) -> str:
        return "seconds"
