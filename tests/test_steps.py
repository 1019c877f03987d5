"""Steps are taken when they are due and when a part is woken, one at a time, whatever fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from fosdembot.matrix.api import MatrixError
from fosdembot.matrix.wake import Wake
from fosdembot.steps import Steps
from simulation.waiting import wait_for


class Part:
    """Notes its steps; each waits until it is let go, if it shall."""

    def __init__(self, *waits: float | Exception | None) -> None:
        self.wake = Wake()
        self.steps = 0
        self.running = 0
        self.most_at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self._waits = list(waits)

    async def step(self) -> float | None:
        self.steps += 1
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            await self.gate.wait()
        finally:
            self.running -= 1
        wait = self._waits.pop(0) if self._waits else None
        if isinstance(wait, Exception):
            raise wait
        return wait

    async def until(self, steps: int) -> None:
        await until(lambda: self.steps >= steps and not self.running, f"{steps} steps")


async def until(so: Callable[[], bool], what: str) -> None:
    async def is_so() -> bool:
        return so()

    await wait_for(is_so, 10, what, every=0.005)


@pytest.fixture
async def steps() -> AsyncIterator[Steps]:
    timers = AsyncIOScheduler(timezone="UTC")
    timers.start()
    steps = Steps(timers, logging.getLogger("fosdembot.test"))
    yield steps
    await steps.stop()
    timers.shutdown(wait=False)


async def test_the_first_step_is_taken_at_once_the_next_when_it_is_due(steps: Steps) -> None:
    part = Part(0.0, 0.01, None)
    steps.add("part", part.step, part.wake)
    await part.until(3)


async def test_who_waits_for_nothing_but_to_be_woken_is_left_alone(steps: Steps) -> None:
    sleeper, busy = Part(None), Part(*[0.0] * 20)
    steps.add("sleeper", sleeper.step, sleeper.wake)
    steps.add("busy", busy.step, busy.wake)
    await busy.until(20)
    assert sleeper.steps == 1
    sleeper.wake.set()
    await sleeper.until(2)


async def test_a_part_that_is_woken_does_not_wait_until_it_is_due(steps: Steps) -> None:
    part = Part(3600.0, 3600.0)
    steps.add("part", part.step, part.wake)
    await part.until(1)
    part.wake.set()
    await part.until(2)


async def test_woken_in_a_step_it_takes_one_more_and_never_two_at_once(steps: Steps) -> None:
    part = Part(None, None)
    part.gate.clear()
    steps.add("part", part.step, part.wake)
    await until(lambda: part.running == 1, "the first step")
    for _ in range(5):
        part.wake.set()
    part.gate.set()
    await part.until(2)
    other = Part(*[0.0] * 5)
    steps.add("other", other.step)
    await other.until(5)
    assert (part.steps, part.most_at_once) == (2, 1)


async def test_what_was_signalled_before_it_began_is_not_lost(steps: Steps) -> None:
    part, begun = Part(None, None), asyncio.Event()
    part.wake.set()
    steps.add("part", part.step, part.wake, after=begun)
    other = Part(*[0.0] * 5)
    steps.add("other", other.step)
    await other.until(5)
    assert part.steps == 0
    begun.set()
    await part.until(1)


async def test_a_step_that_fails_is_taken_again_and_the_others_go_on(
    steps: Steps, caplog: pytest.LogCaptureFixture
) -> None:
    failing, other = Part(ValueError("a fault"), None), Part(*[0.0] * 5)
    steps.add("failing", failing.step, failing.wake, longest=0.01)
    steps.add("other", other.step, other.wake)
    await other.until(5)
    await failing.until(2)
    assert "failing: a fault" in caplog.text


async def test_a_homeserver_that_wants_to_be_left_alone_is(
    steps: Steps, caplog: pytest.LogCaptureFixture
) -> None:
    limited = MatrixError(429, "M_LIMIT_EXCEEDED", "Too many requests", 90.0)
    part = Part(limited)
    steps.add("part", part.step, part.wake)
    await part.until(1)
    await until(lambda: "next try" in caplog.text, "the failure in the log")
    assert "next try in 90 s" in caplog.text


async def test_at_the_end_nothing_is_left_running_and_nothing_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    timers = AsyncIOScheduler(timezone="UTC")
    timers.start()
    steps = Steps(timers, logging.getLogger("fosdembot.test"))
    part, waiting, never = Part(), Part(), asyncio.Event()
    part.gate.clear()
    steps.add("part", part.step, part.wake)
    steps.add("waiting", waiting.step, after=never)
    await until(lambda: part.running == 1, "the step")
    await steps.stop()
    assert part.running == 0
    assert caplog.records == []
    part.wake.set()
    assert timers.get_jobs() == []
    timers.shutdown(wait=False)
