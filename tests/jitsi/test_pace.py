"""How fast lines leave."""

from __future__ import annotations

import asyncio

from fosdembot.jitsi.pace import LinePace
from simulation.stepped_clock import SteppedClock


async def test_some_lines_leave_at_once_then_one_a_second() -> None:
    clock = SteppedClock()
    pace = LinePace(1, 4, clock)
    left: list[float] = []

    async def say(lines: int) -> None:
        for _ in range(lines):
            await pace.wait()
            pace.started()
            left.append(clock.monotonic())

    saying = asyncio.create_task(say(6))
    await clock.advance(10)
    assert left == [0, 0, 0, 0, 1, 2]
    await saying
    left.clear()
    saying = asyncio.create_task(say(5))
    await clock.advance(10)
    assert left == [10, 10, 10, 10, 11]
    await saying
