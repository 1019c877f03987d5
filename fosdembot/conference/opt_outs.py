"""Who does not want to be named in transcripts. Reads only; `actions/privacy.py` writes."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Answer, Question, Speaker
from fosdembot.db.tables import RoomState
from fosdembot.db.transcript_tables import OptOut, TranscriptRow

AT_ONCE = 500
"""People of one statement: databases take only so many parameters."""


async def opted_out(session: AsyncSession, people: Collection[str]) -> set[str]:
    """Those of these people (their Matrix ids) who do not want to be named."""
    asked, found = list(people), set[str]()
    for first in range(0, len(asked), AT_ONCE):
        some = asked[first : first + AT_ONCE]
        found.update(await session.scalars(select(OptOut.person).where(OptOut.person.in_(some))))
    return found


_ALL = Prepared(select(OptOut.person))


async def all_opted_out(session: AsyncSession) -> frozenset[str]:
    """All who do not want to be named."""
    return frozenset(person for (person,) in await _ALL.find(session, {}))


async def has_opted_out(session: AsyncSession, person: str) -> bool:
    return bool(await opted_out(session, [person]))


async def rooms_with(session: AsyncSession, person: str) -> set[str]:
    """The rooms (their ids) of transcripts in which somebody is known: names come with what people
    write. Room by room: who wrote which event is a long list."""
    rooms = select(TranscriptRow.room_id).where(TranscriptRow.room_id.is_not(None))
    known = select(RoomState.room_id).where(
        RoomState.room_id.in_(rooms),
        RoomState.type == "m.room.member",
        RoomState.state_key == person,
    )
    return set(await session.scalars(known))


async def talks_with(session: AsyncSession, person: str) -> set[str]:
    """The talks (their guids) for which somebody asked or answered, in whichever room, or of which
    they are a speaker: the bot says that to the room."""
    asked = select(Question.talk).where(Question.asker == person)
    answered = (
        select(Question.talk)
        .join(Answer, Answer.question_id == Question.id)
        .where(Answer.author == person)
    )
    speaks = select(Speaker.talk).where(Speaker.person == person)
    found = await session.scalars(asked.union(answered, speaks))
    return set(found)
