"""Injected time. Inside, every time is an aware datetime in UTC.

There are two: that of the conference, which may go faster than the wall's (the demo, rehearsals:
a talk that lasts half an hour on the programme then takes half a minute), and seconds that pass,
by which the bot waits, backs off and keeps to rate limits. Those are real however fast the
conference goes: the homeserver and the network are not faster for it.

Nothing else reads a clock or sleeps (`asyncio.sleep(0)`, which only gives way to others, does
neither), so that a test can let both times pass.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Call(Protocol):
    """Something that is called later."""

    def cancel(self) -> None:
        """It is not called any more. May be called again, and afterwards."""


class Clock(Protocol):
    """Conference time, its relation to the wall clock, and the seconds that pass."""

    def now(self) -> datetime:
        """The current conference time."""

    def to_wall(self, moment: datetime) -> datetime:
        """The wall-clock time at which it will be `moment` at the conference."""

    def from_wall(self, wall: datetime) -> datetime:
        """The conference time at wall-clock time `wall`."""

    def monotonic(self) -> float:
        """Real seconds since some moment; they are never set back."""

    async def sleep(self, seconds: float) -> None:
        """Return after so many of them."""

    def call_later(self, seconds: float, call: Callable[[], object]) -> Call:
        """Call `call` after so many of them, in the event loop."""


class RealSeconds:
    """Seconds as they pass, for clocks that say what time it is at the conference."""

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def call_later(self, seconds: float, call: Callable[[], object]) -> Call:
        return asyncio.get_running_loop().call_later(seconds, call)


@asynccontextmanager
async def at_most(clock: Clock, seconds: float) -> AsyncIterator[None]:
    """Raises `TimeoutError` if what is done in it takes longer, as `asyncio.timeout` does."""
    async with asyncio.timeout(None) as limit:
        now = asyncio.get_running_loop().time
        over = clock.call_later(seconds, lambda: limit.reschedule(now()))
        try:
            yield
        finally:
            over.cancel()


class WallClock(RealSeconds):
    """The conference takes place now."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def to_wall(self, moment: datetime) -> datetime:
        return moment

    def from_wall(self, wall: datetime) -> datetime:
        return wall


class ScaledClock(RealSeconds):
    """Conference time starts at `start` when the wall clock says `wall_start`,
    and runs `speed` times as fast."""

    def __init__(self, start: datetime, speed: float, wall_start: datetime) -> None:
        if speed <= 0:
            raise ValueError("speed must be more than 0")
        self._start = start.astimezone(UTC)
        self._wall_start = wall_start.astimezone(UTC)
        self._speed = speed

    def now(self) -> datetime:
        return self.from_wall(datetime.now(UTC))

    def to_wall(self, moment: datetime) -> datetime:
        return self._wall_start + (moment - self._start) / self._speed

    def from_wall(self, wall: datetime) -> datetime:
        return self._start + (wall - self._wall_start) * self._speed


_OLDEST_MS = 30 * 86_400_000


def from_server_ts(clock: Clock, origin_server_ts: int) -> datetime:
    """The conference time of a homeserver's timestamp (milliseconds since 1970, wall).

    A foreign server's clock may say anything: what is not of the last 30 days is
    brought to the nearest moment that is; nothing is later than now.
    """
    now = clock.to_wall(clock.now())
    now_ms = int(now.timestamp() * 1000)
    # As whole numbers: there may be more digits than a float can hold.
    age = min(max(now_ms - int(origin_server_ts), 0), _OLDEST_MS)
    return clock.from_wall(now - timedelta(milliseconds=age))
