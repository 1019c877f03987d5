"""Questions whose message asks them no more, though it stands: it was edited into a command, or
the ❓ that made it a question was taken back. If it asks again, it is the same question."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.question_tables import Question, QuestionLog

from . import log, lookup
from .states import Action

_UNTOUCHED = {log.ASK, "edit", "undo", "rehome", Action.WITHDRAW}
"""What is done to a question without anybody's decision."""


async def is_untouched(session: AsyncSession, question: Question) -> bool:
    """Whether nobody has voted for a question or decided about it."""
    if question.votes or len(await lookup.group(session, question)) != 1:
        return False
    return await log.actions(session, question) <= _UNTOUCHED


async def retraction(session: AsyncSession, question: Question) -> QuestionLog | None:
    """By what the question was taken back, if its message did that; None where somebody did, by
    a command for example."""
    last = await log.newest(session, question)
    if last is None or last.action != Action.WITHDRAW:
        return None
    by_edit = last.cause == question.source
    by_mark = question.id in await log.asked_by(session, last.cause)
    return last if by_edit or by_mark else None
