"""What a direct chat is about: the talk room that was named last, and a question that waits
for the name of its room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Conversation

LASTS = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Draft:
    """A question asked in a direct chat."""

    person: str
    chat: str
    """The direct chat (its id)."""
    text: str
    event: str
    at: datetime
    nameless: bool


async def current(session: AsyncSession, person: str, at: datetime) -> Conversation | None:
    """What somebody's chat is about, unless the last word of it is too long ago."""
    row = await session.get(Conversation, person)
    return row if row is not None and at - row.at < LASTS else None


def draft_of(row: Conversation) -> Draft | None:
    """The question that waits for the name of its room."""
    if row.draft is None or row.draft_event is None:
        return None
    return Draft(row.person, row.room_id, row.draft, row.draft_event, row.at, row.anonymous)


async def is_about(
    session: WriteSession, person: str, chat: str, address: str, at: datetime
) -> None:
    """The direct chat is about the talk room with this address now, and no draft waits."""
    row = await _row(session, person, chat, at)
    row.address = address
    drop_draft(row)


async def keep(session: WriteSession, draft: Draft) -> None:
    """In place of another draft."""
    row = await _row(session, draft.person, draft.chat, draft.at)
    row.draft, row.draft_event, row.anonymous = draft.text, draft.event, draft.nameless


def drop_draft(row: Conversation) -> None:
    row.draft = row.draft_event = None


async def redacted(session: WriteSession, person: str, event_id: str) -> None:
    """An event is redacted, which may have asked the question that waits."""
    row = await session.get(Conversation, person)
    if row is not None and row.draft_event == event_id:
        drop_draft(row)


async def _row(session: WriteSession, person: str, chat: str, at: datetime) -> Conversation:
    row = await session.get(Conversation, person)
    if row is None:
        row = Conversation(person=person)
        session.add(row)
    elif at - row.at >= LASTS:
        row.address = None
    row.room_id, row.at = chat, at
    return row
