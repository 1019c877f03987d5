"""Time passes only as it is told, in its order, and all that is set off comes to rest."""

from __future__ import annotations

import asyncio
import time

import pytest

from fosdembot.clock import at_most
from simulation.conference import START
from simulation.stepped_clock import SteppedClock
from simulation.waiting import NotSeen


async def test_sleepers_wake_in_the_order_of_their_time() -> None:
    clock, woken = SteppedClock(), []

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, clock.monotonic()))
        await clock.sleep(10)
        woken.append((seconds + 10, clock.monotonic()))

    sleepers = [asyncio.create_task(sleep(seconds)) for seconds in (5, 3, 4)]
    await clock.advance(14)
    assert woken == [(3, 3), (4, 4), (5, 5), (13, 13), (14, 14)]
    await clock.advance(1)
    await asyncio.gather(*sleepers)
    assert (clock.monotonic(), (clock.now() - START).total_seconds()) == (15, 15)


async def test_what_was_cancelled_is_not_called() -> None:
    clock, called = SteppedClock(), []
    clock.call_later(1, lambda: called.append("one")).cancel()
    clock.call_later(1, lambda: called.append("other"))
    asyncio.create_task(clock.sleep(1)).cancel()
    await clock.advance(1)
    assert called == ["other"]


async def test_work_for_threads_is_done_before_time_goes_on() -> None:
    clock, done = SteppedClock(), []

    async def work() -> None:
        await clock.sleep(1)
        await asyncio.to_thread(lambda: time.sleep(0.01))
        done.append(clock.monotonic())

    working = asyncio.create_task(work())
    await clock.advance(100)
    await working
    assert done == [1]


async def test_it_goes_on_until_something_is_so_and_no_further() -> None:
    clock = SteppedClock()
    sleeping = asyncio.create_task(clock.sleep(20))

    async def is_awake() -> bool:
        return sleeping.done()

    with pytest.raises(NotSeen, match="awake: not within 10 s"):
        await clock.until(is_awake, "awake", 10)
    assert await clock.until(is_awake, "awake")
    assert clock.monotonic() == 20


async def test_what_takes_too_long_is_cut_off_by_the_clock() -> None:
    clock, begun = SteppedClock(), asyncio.Event()

    async def work() -> str:
        try:
            async with at_most(clock, 5):
                begun.set()
                await asyncio.Event().wait()
        except TimeoutError:
            return f"cut off after {clock.monotonic():g} s"
        return "done"

    working = asyncio.create_task(work())
    await clock.advance(4.9)
    assert begun.is_set()
    assert not working.done()
    await clock.advance(0.1)
    assert await working == "cut off after 5 s"
    async with at_most(clock, 5):
        pass
    await clock.advance(10)
