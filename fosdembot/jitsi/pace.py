"""How fast the bot says lines in one meeting."""

from __future__ import annotations

from fosdembot.clock import Clock


class LinePace:
    """Some `at_once`, as what is urgent shall not wait for what was said a moment before; in the
    long run `per_second`."""

    def __init__(self, per_second: float, at_once: int, clock: Clock) -> None:
        self._clock = clock
        self._interval = 1 / per_second
        self._ahead = (at_once - 1) * self._interval
        self._even = clock.monotonic()
        """When the next one would leave, had all left evenly."""

    async def wait(self) -> None:
        """Until the next line may leave."""
        while (wait := self._even - self._ahead - self._clock.monotonic()) > 0:
            await self._clock.sleep(wait)

    def started(self) -> None:
        """A line leaves."""
        self._even = max(self._even, self._clock.monotonic()) + self._interval
