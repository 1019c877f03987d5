"""Waiting for what happens elsewhere."""

from __future__ import annotations

import asyncio

import pytest

from simulation.waiting import NotSeen, wait_for


async def test_waiting_ends_with_what_was_seen_last() -> None:
    async def never() -> list[str]:
        return []

    with pytest.raises(NotSeen, match=r"a message: not within 0.1 s; at last \[\]"):
        await wait_for(never, 0.1, "a message")


async def test_what_takes_long_to_answer_is_asked_less_often() -> None:
    """Else a homeserver does little but answer."""
    asked = 0

    async def never() -> bool:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.05)
        return False

    with pytest.raises(NotSeen):
        await wait_for(never, 1, every=0.001)
    assert asked <= 6
