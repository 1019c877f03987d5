"""Requests for many rooms, some at a time, so that the trouble of one is that one's.

Each errand has a key, a back-off of its own, and belongs to a group, for example the server
that it depends on. Those that failed before, and those of one group, take at most half of
the places.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass, field
from typing import Any

from fosdembot.clock import Clock

from .backoff import Backoff


@dataclass(slots=True)
class _Trouble:
    backoff: Backoff
    until: float = -math.inf
    """When the next try is due, by `Clock.monotonic`."""
    failures: int = 0


@dataclass(slots=True)
class RequestPool:
    at_once: int
    longest: float
    """Seconds between two tries, at most."""
    ended: Callable[[], None]
    """Called when there is a place again."""
    clock: Clock
    log: logging.Logger
    _under_way: dict[str, tuple[str, asyncio.Task[None]]] = field(init=False, default_factory=dict)
    _trouble: dict[str, _Trouble] = field(init=False, default_factory=dict)
    _not_before: float = field(init=False, default=-math.inf)
    _died: BaseException | None = field(init=False, default=None)

    def may_start(self, key: str, group: str) -> bool:
        """Whether it is due, and there is a place for it."""
        if key in self._under_way or self.wait(key) > 0 or len(self._under_way) >= self.at_once:
            return False
        half = self.at_once // 2
        if sum(other == group for other, _ in self._under_way.values()) >= half:
            return False
        troubled = sum(self.failures(other) > 0 for other in self._under_way)
        return self.failures(key) == 0 or troubled < half

    async def start_if_due(
        self,
        key: str,
        group: str,
        work: Callable[[], Coroutine[Any, Any, None]],
        pause: float = 0.0,
    ) -> float:
        """Start `work` if it is due, and there is a place for it; the next may start `pause`
        seconds later. Returns the seconds until it is due, or infinity: the end of an errand will
        tell, of this one, or of one that takes its place."""
        if self.may_start(key, group):
            self.start(key, group, work())
            if pause > 0:
                await self.clock.sleep(pause)
        elif key not in self._under_way and (wait := self.wait(key)) > 0:
            return wait
        return math.inf

    def start(self, key: str, group: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._run(key, work))
        self._under_way[key] = (group, task)

    async def _run(self, key: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            self.log.exception("%s failed", key)
            self.failed(key)
        except asyncio.CancelledError:
            raise
        except BaseException as err:
            self._died = err
        finally:
            self._under_way.pop(key, None)
            self.ended()

    def check(self) -> None:
        """Raise what ended the process, as a whole, in one of them."""
        if self._died is not None:
            raise self._died

    def failures(self, key: str) -> int:
        """Failures in a row."""
        trouble = self._trouble.get(key)
        return trouble.failures if trouble is not None else 0

    def failed(self, key: str) -> float:
        """Put the next try off, longer each time; returns the seconds."""
        trouble = self._trouble.setdefault(key, _Trouble(Backoff(self.longest)))
        trouble.failures += 1
        wait = trouble.backoff.next()
        trouble.until = self.clock.monotonic() + wait
        return wait

    def rest(self, key: str, seconds: float) -> None:
        """Put the next try off, without a failure."""
        trouble = self._trouble.setdefault(key, _Trouble(Backoff(self.longest)))
        trouble.until = self.clock.monotonic() + seconds

    def rest_all(self, seconds: float) -> None:
        """Start nothing for so long."""
        self._not_before = max(self._not_before, self.clock.monotonic() + seconds)

    def forget(self, key: str) -> None:
        """It came to an end, or something has changed: what failed before counts no more."""
        self._trouble.pop(key, None)

    def keep(self, keys: Collection[str]) -> None:
        """Forget of all others what failed."""
        self._trouble = {key: trouble for key, trouble in self._trouble.items() if key in keys}

    def forget_all(self) -> None:
        """Somebody wants all of it tried now, also what the homeserver asked to wait for."""
        self._trouble.clear()
        self._not_before = -math.inf

    def wait(self, key: str) -> float:
        """Seconds until it is due."""
        trouble = self._trouble.get(key)
        until = max(trouble.until if trouble is not None else -math.inf, self._not_before)
        return max(0.0, until - self.clock.monotonic())

    @property
    def busy(self) -> bool:
        """Whether any is under way."""
        return bool(self._under_way)

    async def cancel(self) -> None:
        """End all that is under way."""
        tasks = [task for _, task in self._under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
