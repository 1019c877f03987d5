"""What a full conference costs: thousands of events of all kinds, and how long the loop is held."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.hall import Hall

EVERY = 0.002
"""Seconds between two looks at whether the loop was held."""


@dataclass
class Held:
    """CPU seconds for which the loop was held at once, at most: other processes, which have
    their turn meanwhile, do not count."""

    longest: float = 0.0


@asynccontextmanager
async def holds() -> AsyncIterator[Held]:
    held = Held()

    async def look() -> None:
        before = time.thread_time()
        while True:
            await asyncio.sleep(EVERY)
            now = time.thread_time()
            held.longest, before = max(held.longest, now - before), now

    looking = asyncio.create_task(look())
    try:
        yield held
        await asyncio.sleep(2 * EVERY)
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def mixed(hall: Hall, events: int) -> str:
    """So many events, of which every fourth is a vote, come in by the hundred."""
    async with holds() as held:
        began = time.process_time()
        await hall.mixed(events, 100)
        each = (time.process_time() - began) / events
    return (
        f"{events:,} events of {hall.PEOPLE:,} people in {hall.size.rooms} rooms, every fourth a "
        f"vote, with their members: {each * 1000:.2f} ms each; the loop was held for at most "
        f"{held.longest * 1000:.0f} ms at once."
    )
