"""How fast the bot may send: its own limit, and the homeserver's."""

from __future__ import annotations

from fosdembot.clock import Clock

CAREFUL_SECONDS = 60.0
"""After the homeserver's limit was met, for so long one message goes after another:
in their order, and without a burst into the limit each time."""

SOON = 0.1
"""Seconds for which requests are prepared together."""


class Pace:
    """Spaces requests out; honours `retry_after_ms` for all of them."""

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._clock = clock
        self._interval = 1 / per_second
        self._next = clock.monotonic()
        self._last_limit = self._next - CAREFUL_SECONDS

    @property
    def free(self) -> bool:
        """Whether several messages may be under way at once."""
        return self._clock.monotonic() - self._last_limit >= CAREFUL_SECONDS

    @property
    def ready(self) -> bool:
        """Whether the next request may start now."""
        return self._clock.monotonic() >= self._next

    @property
    def soon(self) -> int:
        """How many requests may start within the next moment, one after another."""
        return max(1, int(SOON / self._interval)) if self.free else 1

    def started(self) -> None:
        self._next = max(self._next, self._clock.monotonic() + self._interval)

    def limited(self, retry_after: float) -> None:
        """Nothing for `retry_after` seconds."""
        self._last_limit = self._clock.monotonic()
        self._next = max(self._next, self._last_limit + retry_after)

    async def wait(self) -> None:
        """Until the next request may start."""
        while (wait := self._next - self._clock.monotonic()) > 0:
            await self._clock.sleep(wait)
