"""Where a question belongs by now: its room may have been replaced by another (a room
upgrade), and its talk may have moved."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.programme import Programme
from fosdembot.db.question_tables import Question
from fosdembot.matrix.room_addresses import room_of
from fosdembot.questions.scopes import scope_of


async def room_at(session: AsyncSession, address: str) -> str | None:
    """The Matrix room (its id) of the talks at `address`, if the bot is in it."""
    return await room_of(session, address)


async def talk_room(session: AsyncSession, programme: Programme, question: Question) -> str:
    """The Matrix room (its id) in which people know the question by its number."""
    room = await _room_of_talk(session, programme, question)
    if room is not None and await scope_of(session, room) == question.scope:
        return room
    return question.room_id


async def rooms_of(session: AsyncSession, programme: Programme, question: Question) -> set[str]:
    """That one, and the one in which its talk takes place."""
    rooms = {await talk_room(session, programme, question)}
    room = await _room_of_talk(session, programme, question)
    return rooms | {room} if room is not None else rooms


async def _room_of_talk(
    session: AsyncSession, programme: Programme, question: Question
) -> str | None:
    address = programme.address_by_guid(question.talk)
    return await room_of(session, address) if address is not None else None
