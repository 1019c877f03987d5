"""Not faster than asked, and not before the homeserver wants it."""

from __future__ import annotations

import asyncio

import pytest

from fosdembot.matrix.pace import CAREFUL_SECONDS, Pace
from simulation.stepped_clock import SteppedClock


async def _started(clock: SteppedClock, pace: Pace, requests: int) -> list[float]:
    """When so many requests started that were made at once."""
    moments = []

    async def make() -> None:
        for _ in range(requests):
            await pace.wait()
            before = pace.ready
            pace.started()
            assert (before, pace.ready) == (True, False)
            moments.append(clock.monotonic())

    making = asyncio.create_task(make())
    await clock.advance(CAREFUL_SECONDS - 1)
    await making
    return moments


async def test_requests_are_spaced_out() -> None:
    clock = SteppedClock()
    moments = await _started(clock, Pace(50, clock), 6)
    assert moments == pytest.approx([0, 0.02, 0.04, 0.06, 0.08, 0.1])


async def test_a_limit_holds_for_all_and_makes_careful() -> None:
    clock = SteppedClock()
    pace = Pace(1000, clock)
    frees = [pace.free]
    pace.limited(30)
    pace.limited(5)
    frees.append(pace.free)
    assert await _started(clock, pace, 1) == [30]
    frees.append(pace.free)
    await clock.advance(1)
    assert [*frees, pace.free] == [True, False, False, True]


async def test_as_many_are_prepared_as_go_out_in_a_tenth_of_a_second() -> None:
    clock = SteppedClock()
    assert [Pace(rate, clock).soon for rate in (1, 50, 1000)] == [1, 5, 100]
    limited = Pace(1000, clock)
    limited.limited(0.001)
    assert limited.soon == 1
