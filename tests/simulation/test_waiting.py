"""Waiting for what happens elsewhere."""

from __future__ import annotations

import pytest

from simulation.waiting import NotSeen, wait_for


async def test_waiting_ends_with_what_was_seen_last() -> None:
    async def never() -> list[str]:
        return []

    with pytest.raises(NotSeen, match=r"a message: not within 0.1 s; at last \[\]"):
        await wait_for(never, 0.1, "a message")
