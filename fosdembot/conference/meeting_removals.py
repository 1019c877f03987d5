"""From which meetings somebody removed the bot. The only writer of `meeting_removals`.

Kept in the database: a restart is no reason to come back among people who sent the bot away.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.meeting_tables import MeetingRemoval
from fosdembot.db.prepared import Prepared
from fosdembot.meeting_url import MeetingUrl

_ALL = Prepared(select(MeetingRemoval.meeting, MeetingRemoval.talk, MeetingRemoval.at))
"""Asked for at each look at where the bot has to be."""


class Removal(NamedTuple):
    """When somebody removed the bot from a meeting, and which talk was on, or came next."""

    talk: str
    at: datetime


async def removals(session: AsyncSession) -> Mapping[str, Removal]:
    """By the meeting's address."""
    return {meeting: Removal(talk, at) for meeting, talk, at in await _ALL.find(session, {})}


async def note(session: WriteSession, meeting: MeetingUrl, talk: str, at: datetime) -> None:
    """Somebody removed the bot, when a talk (its guid) was on, or came next."""
    await session.merge(MeetingRemoval(meeting=str(meeting), talk=talk, at=at))


async def forget(session: WriteSession, meeting: MeetingUrl) -> None:
    """Somebody wants it there again."""
    await session.execute(delete(MeetingRemoval).where(MeetingRemoval.meeting == str(meeting)))
