"""Injected time. Inside, every time is an aware datetime in UTC.

The demo, rehearsals and tests run the same code on a `ScaledClock`: a talk that
lasts half an hour on the programme then takes half a minute on the wall.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Conference time, and its relation to the wall clock."""

    def now(self) -> datetime:
        """The current conference time."""

    def to_wall(self, moment: datetime) -> datetime:
        """The wall-clock time at which it will be `moment` at the conference."""

    def from_wall(self, wall: datetime) -> datetime:
        """The conference time at wall-clock time `wall`."""


class WallClock:
    """The conference takes place now."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def to_wall(self, moment: datetime) -> datetime:
        return moment

    def from_wall(self, wall: datetime) -> datetime:
        return wall


class ScaledClock:
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
