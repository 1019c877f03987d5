"""Not faster than asked, and not before the homeserver wants it."""

from __future__ import annotations

import time

from fosdembot.matrix.pace import Pace


async def test_requests_are_spaced_out() -> None:
    pace = Pace(per_second=50)
    began = time.monotonic()
    for _ in range(6):
        await pace.wait()
        assert pace.ready
        pace.started()
        assert not pace.ready
    assert time.monotonic() - began >= 5 * 0.02


async def test_a_limit_holds_for_all_and_makes_careful() -> None:
    assert Pace(per_second=1000).free
    pace = Pace(per_second=1000)
    began = time.monotonic()
    pace.limited(0.2)
    pace.limited(0.05)
    assert not pace.free
    await pace.wait()
    assert time.monotonic() - began >= 0.2
    assert not pace.free
