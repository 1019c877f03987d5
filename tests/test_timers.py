"""The timer goes by the seconds of its clock: no other clock can hold it up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import pytest

from fosdembot.timers import Timers
from simulation.stepped_clock import SteppedClock


@pytest.fixture
async def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
async def timers(clock: SteppedClock) -> AsyncIterator[Timers]:
    timers = Timers(clock)
    timers.start()
    yield timers
    timers.stop()


async def test_each_is_called_in_its_time(clock: SteppedClock, timers: Timers) -> None:
    """Here years pass while the clock on the wall stands still."""
    called: list[tuple[str, float]] = []

    def call(name: str) -> None:
        called.append((name, clock.monotonic()))

    for name, seconds in {"late": 1e8, "soon": 0.0, "tiny": 1e-9, "hour": 3600.25}.items():
        timers.set(name, seconds, partial(call, name))
    await clock.advance(2e8)
    assert [name for name, _ in called] == ["soon", "tiny", "hour", "late"]
    assert [at for _, at in called] == pytest.approx([0, 0, 3600.25, 1e8], abs=0.001)


async def test_one_that_is_set_anew_is_called_once(clock: SteppedClock, timers: Timers) -> None:
    called = []
    for seconds in (10.0, 30.0, 20.0):
        timers.set("one", seconds, lambda: called.append(clock.monotonic()))
    await clock.advance(100)
    assert called == pytest.approx([20], abs=0.001)


async def test_one_may_be_set_where_it_is_called(clock: SteppedClock, timers: Timers) -> None:
    called = []

    def call() -> None:
        called.append(round(clock.monotonic()))
        timers.set("one", 60.0, call)

    timers.set("one", 60.0, call)
    await clock.advance(240.5)
    assert called == [60, 120, 180, 240]


async def test_what_is_stopped_calls_nobody(clock: SteppedClock) -> None:
    timers, called = Timers(clock), []
    timers.start()
    timers.set("one", 1.0, lambda: called.append("one"))
    await clock.rest()
    timers.stop()
    await clock.advance(10)
    assert called == []
