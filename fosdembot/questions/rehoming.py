"""A talk takes place in another Matrix room than that in which questions to it were asked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, QuestionLog

from . import log, lookup, scopes
from .by import By
from .states import UNDECIDED

_ACTION = "rehome"
_SCHEDULE = ""
"""Nobody did it."""


async def rehome(
    session: WriteSession, question: Question, room: str, at: datetime
) -> list[Question]:
    """The question, and those merged into it, are of `room` (its id) now, with numbers of
    their own there. Returns them; none where they are of that room already."""
    scope = await scopes.scope_of(session, room)
    if question.scope == scope:
        return []
    group = await lookup.group(session, question)
    for each in group:
        was = {"from_scope": each.scope, "from_number": str(each.number)}
        each.scope, each.number = scope, await scopes.next_number(session, scope)
        each.room_id, each.direct = room, True
        by = By(_SCHEDULE, _SCHEDULE, at)
        log.write(session, each, _ACTION, by, log.fields(each), False, **was)
    return group


async def waiting(session: AsyncSession, talk: str) -> list[Question]:
    """The questions to a talk that were not decided yet, the earliest first."""
    found = select(Question).where(Question.talk == talk, Question.state.in_(UNDECIDED))
    return list(await session.scalars(found.order_by(Question.id)))


async def gone_from(session: AsyncSession, room: str, number: int) -> Question | None:
    """The question that had this number in `room` (its id), and left with its talk."""
    scope = await scopes.scope_of(session, room)
    entries = select(QuestionLog.question_id).where(
        QuestionLog.action == _ACTION,
        QuestionLog.after["from_scope"].as_string() == scope,
        QuestionLog.after["from_number"].as_string() == str(number),
    )
    question_id = await session.scalar(entries)
    return await session.get(Question, question_id) if question_id is not None else None
