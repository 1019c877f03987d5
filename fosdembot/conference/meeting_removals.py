"""From which meetings somebody removed the bot. The only writer of `meeting_removals`.

Kept in the database: a restart is no reason to come back among people who sent the bot away.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.meeting_tables import MeetingRemoval
from fosdembot.meeting_url import MeetingUrl


async def removals(session: AsyncSession) -> Mapping[str, MeetingRemoval]:
    """By the meeting's address."""
    rows = await session.scalars(select(MeetingRemoval))
    return {row.meeting: row for row in rows}


async def note(session: WriteSession, meeting: MeetingUrl, talk: str, at: datetime) -> None:
    """Somebody removed the bot, when a talk (its guid) was on, or came next."""
    await session.merge(MeetingRemoval(meeting=str(meeting), talk=talk, at=at))


async def forget(session: WriteSession, meeting: MeetingUrl) -> None:
    """Somebody wants it there again."""
    await session.execute(delete(MeetingRemoval).where(MeetingRemoval.meeting == str(meeting)))
