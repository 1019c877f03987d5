"""Whether a decision can be taken back. Reads only; the desk writes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.question_tables import Question, QuestionLog

from . import log, merging
from .states import State


async def can_go_back(session: AsyncSession, question: Question, entry: QuestionLog) -> bool:
    """Whether it is as the decision made it, and nothing stands where it stood."""
    now, before = log.fields(question), entry.before or {}
    if not before or any(now[name] != entry.after[name] for name in before):
        return False
    then = now | before
    if then["state"] == State.ANSWERING:
        other = select(Question.id).where(
            Question.talk == then["talk"], Question.state == State.ANSWERING
        )
        if await session.scalar(other) is not None:
            return False
    if before.get("merged_into") is None:
        return True
    into = await session.get_one(Question, before["merged_into"])
    return (
        into.root != question.id
        and into.talk == then["talk"]
        and not await merging.is_lost(session, into)
    )
