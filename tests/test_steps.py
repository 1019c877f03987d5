"""Steps are taken when they are due and when a part is woken, one at a time, whatever fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from fosdembot.matrix.api import MatrixError
from fosdembot.matrix.wake import Wake
from fosdembot.steps import Steps
from simulation.stepped_clock import SteppedClock


class Part:
    """Notes its steps; each waits until it is let go, if it shall."""

    def __init__(self, clock: SteppedClock, *waits: float | BaseException | None) -> None:
        self.wake = Wake()
        self.begun: list[float] = []
        """When each step began."""
        self.running = 0
        self.most_at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.closed = 0
        self._clock = clock
        self._waits = list(waits)

    async def step(self) -> float | None:
        self.begun.append(round(self._clock.monotonic(), 3))
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            await self.gate.wait()
        finally:
            self.running -= 1
        wait = self._waits.pop(0) if self._waits else None
        if isinstance(wait, BaseException):
            raise wait
        return wait

    async def close(self) -> None:
        assert self.running == 0
        self.closed += 1


@pytest.fixture
async def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
async def steps(clock: SteppedClock) -> AsyncIterator[Steps]:
    steps = Steps(clock, logging.getLogger("fosdembot.test"))
    steps.start()
    yield steps
    await steps.stop()


async def test_the_first_step_is_taken_at_once_the_next_when_it_is_due(
    clock: SteppedClock, steps: Steps
) -> None:
    part = Part(clock, 0.0, 0.01, 3600.0, 1.5, None)
    steps.add("part", part.step, part.wake)
    await clock.advance(10_000)
    assert part.begun == [0, 0, 0.01, 3600.01, 3601.51]


async def test_the_first_step_may_be_due_later(clock: SteppedClock, steps: Steps) -> None:
    late, woken = Part(clock, 60.0), Part(clock, 60.0)
    steps.add("late", late.step, late.wake, first=30)
    steps.add("woken", woken.step, woken.wake, first=30)
    await clock.advance(10)
    woken.wake.set()
    await clock.advance(110)
    assert (late.begun, woken.begun) == ([30, 90], [10, 70])


async def test_who_waits_for_nothing_but_to_be_woken_is_left_alone(
    clock: SteppedClock, steps: Steps
) -> None:
    sleeper, busy = Part(clock, None), Part(clock, *[1.0] * 20)
    steps.add("sleeper", sleeper.step, sleeper.wake)
    steps.add("busy", busy.step, busy.wake)
    await clock.advance(100)
    assert (sleeper.begun, len(busy.begun)) == ([0], 21)
    sleeper.wake.set()
    await clock.advance(100)
    assert sleeper.begun == [0, 100]


async def test_a_part_that_is_woken_does_not_wait_until_it_is_due(
    clock: SteppedClock, steps: Steps
) -> None:
    """And is then due when its latest step says, be that earlier or later than before."""
    part = Part(clock, 100.0, 1000.0, 10.0, None)
    steps.add("part", part.step, part.wake)
    await clock.advance(50)
    part.wake.set()
    await clock.advance(500)
    part.wake.set()
    await clock.advance(5000)
    assert part.begun == [0, 50, 550, 560]


async def test_a_step_that_wants_no_other_is_not_followed_by_one_that_was_due(
    clock: SteppedClock, steps: Steps
) -> None:
    part = Part(clock, 100.0, None)
    steps.add("part", part.step, part.wake)
    await clock.advance(50)
    part.wake.set()
    await clock.advance(5000)
    assert part.begun == [0, 50]


async def test_woken_in_a_step_it_takes_one_more_and_never_two_at_once(
    clock: SteppedClock, steps: Steps
) -> None:
    part = Part(clock, None, None)
    part.gate.clear()
    steps.add("part", part.step, part.wake)
    await clock.advance(1)
    assert part.running == 1
    for _ in range(5):
        part.wake.set()
    await clock.advance(1)
    part.gate.set()
    await clock.advance(1000)
    assert (part.begun, part.most_at_once) == ([0, 2], 1)


async def test_a_step_that_is_still_taken_when_it_would_be_due_is_not_taken_twice(
    clock: SteppedClock, steps: Steps
) -> None:
    part = Part(clock, 10.0, 10.0)
    steps.add("part", part.step, part.wake)
    await clock.advance(5)
    part.gate.clear()
    part.wake.set()
    await clock.advance(20)
    part.gate.set()
    await clock.advance(10)
    assert (part.begun, part.most_at_once) == ([0, 5, 35], 1)


async def test_what_was_signalled_before_it_began_is_not_lost(
    clock: SteppedClock, steps: Steps
) -> None:
    part, begun = Part(clock, None, None), asyncio.Event()
    part.wake.set()
    steps.add("part", part.step, part.wake, after=begun)
    await clock.advance(10)
    assert part.begun == []
    begun.set()
    await clock.advance(10)
    assert part.begun == [10]


async def test_one_that_always_has_something_to_do_lets_the_others_go_on(
    clock: SteppedClock, steps: Steps
) -> None:
    busy, other = Part(clock, *[0.0] * 1000), Part(clock, *[0.0] * 5)
    steps.add("busy", busy.step)
    steps.add("other", other.step)
    while len(other.begun) < 6:
        await asyncio.sleep(0)
    assert len(busy.begun) < 20
    await clock.rest()
    assert len(busy.begun) == 1001


@pytest.mark.parametrize("fault", [ValueError("a fault"), asyncio.CancelledError("a fault")])
async def test_a_step_that_fails_is_taken_again_later_and_later_and_the_others_go_on(
    fault: BaseException, clock: SteppedClock, steps: Steps, caplog: pytest.LogCaptureFixture
) -> None:
    """Also if it fails because something that it waited for was cancelled."""
    failing, other = Part(clock, *[fault] * 6, 1.0, fault), Part(clock, *[0.5] * 100)
    steps.add("failing", failing.step, failing.wake, longest=8)
    steps.add("other", other.step, other.wake)
    await clock.advance(60)
    assert len(other.begun) == 101
    assert caplog.text.count("failing: a fault") == 7
    waits = [b - a for a, b in zip(failing.begun, failing.begun[1:], strict=False)]
    for wait, about in zip(waits, [1, 2, 4, 8, 8, 8, 1, 1], strict=True):
        assert about * 0.8 <= wait <= about * 1.2


async def test_a_homeserver_that_wants_to_be_left_alone_is(
    clock: SteppedClock, steps: Steps, caplog: pytest.LogCaptureFixture
) -> None:
    part = Part(clock, MatrixError(429, "M_LIMIT_EXCEEDED", "Too many requests", 90.0))
    steps.add("part", part.step, part.wake)
    await clock.advance(1000)
    assert part.begun == [0, 90]
    assert "next try in 90 s" in caplog.text


async def test_at_the_end_nothing_is_left_running_and_nothing_is_logged(
    clock: SteppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    before = asyncio.all_tasks()
    steps = Steps(clock, logging.getLogger("fosdembot.test"))
    steps.start()
    part, waiting, due, never = Part(clock), Part(clock), Part(clock, 5.0), asyncio.Event()
    part.gate.clear()
    steps.add("part", part.step, part.wake, close=part.close)
    steps.add("waiting", waiting.step, waiting.wake, after=never, close=waiting.close)
    steps.add("due", due.step, due.wake)
    await clock.advance(1)
    assert part.running == 1
    await steps.stop()
    assert (part.running, part.closed, waiting.closed) == (0, 1, 1)
    never.set()
    for each in (part, waiting, due):
        each.wake.set()
    await clock.advance(100)
    assert (part.begun, waiting.begun, due.begun) == ([0], [], [0])
    assert asyncio.all_tasks() == before
    assert caplog.records == []


async def test_what_does_not_end_well_does_not_keep_the_others_from_ending(
    clock: SteppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    steps = Steps(clock, logging.getLogger("fosdembot.test"))
    steps.start()
    part = Part(clock)

    async def fail() -> None:
        raise ValueError("a fault")

    steps.add("failing", part.step, close=fail)
    steps.add("part", part.step, close=part.close)
    await clock.advance(1)
    await steps.stop()
    assert part.closed == 1
    assert "a fault" in caplog.text


async def test_what_was_never_started_may_be_stopped() -> None:
    await Steps(SteppedClock(), logging.getLogger("fosdembot.test")).stop()
