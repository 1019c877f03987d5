"""What a full conference costs: thousands of events of all kinds, and how long the loop is held."""

from __future__ import annotations

from bench.hall import Hall
from bench.meter import measured


async def mixed(hall: Hall, events: int) -> str:
    """So many events, of which every fourth is a vote, come in by the hundred."""
    with measured(hall.database) as meter:
        await hall.mixed(events, 100)
    return (
        f"{events:,} events of {hall.PEOPLE:,} people in {hall.size.rooms} rooms, every fourth a "
        f"vote, with their members: {meter.cpu / events * 1000:.2f} ms each; the loop was held for "
        f"at most {meter.held * 1000:.0f} ms at once."
    )
