"""What is forgotten, and when."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from fosdembot.clock import Clock

from .engine import Database
from .tables import FailedEvent, RecentAnswer, SeenEvent

SEEN_EVENTS = timedelta(days=14)
"""Long enough to find the place again after a long downtime."""
FAILED_EVENTS = timedelta(days=30)
RECENT_ANSWERS = timedelta(hours=1)


async def forget_what_is_old(database: Database, clock: Clock) -> None:
    """Delete what can have no effect any more."""
    now = clock.now()
    async with database.write() as session:
        await session.execute(delete(SeenEvent).where(SeenEvent.at < now - SEEN_EVENTS))
        await session.execute(delete(FailedEvent).where(FailedEvent.at < now - FAILED_EVENTS))
        await session.execute(delete(RecentAnswer).where(RecentAnswer.at < now - RECENT_ANSWERS))
