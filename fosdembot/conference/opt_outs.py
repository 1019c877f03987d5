"""Who does not want to be named in transcripts. Reads only; `actions/privacy.py` writes."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.question_tables import Answer, Question
from fosdembot.db.tables import RoomState, SeenEvent
from fosdembot.db.transcript_tables import OptOut

AT_ONCE = 500
"""People of one statement: databases take only so many parameters."""


async def opted_out(session: AsyncSession, people: Collection[str]) -> set[str]:
    """Those of these people (their Matrix ids) who do not want to be named."""
    asked, found = list(people), set[str]()
    for first in range(0, len(asked), AT_ONCE):
        some = asked[first : first + AT_ONCE]
        found.update(await session.scalars(select(OptOut.person).where(OptOut.person.in_(some))))
    return found


async def all_opted_out(session: AsyncSession) -> frozenset[str]:
    """All who do not want to be named."""
    return frozenset(await session.scalars(select(OptOut.person)))


async def has_opted_out(session: AsyncSession, person: str) -> bool:
    return bool(await opted_out(session, [person]))


async def rooms_with(session: AsyncSession, person: str) -> set[str]:
    """The rooms (their ids) in which somebody was seen."""
    seen = select(SeenEvent.room_id).where(SeenEvent.sender == person).distinct()
    member = select(RoomState.room_id).where(
        RoomState.type == "m.room.member", RoomState.state_key == person
    )
    return {*await session.scalars(seen), *await session.scalars(member)}


async def talks_with(session: AsyncSession, person: str) -> set[str]:
    """The talks (their guids) for which somebody asked or answered, in whichever room."""
    asked = select(Question.talk).where(Question.asker == person)
    answered = (
        select(Question.talk)
        .join(Answer, Answer.question_id == Question.id)
        .where(Answer.author == person)
    )
    return {*await session.scalars(asked), *await session.scalars(answered)}
