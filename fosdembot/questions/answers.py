"""Written answers to questions, in their order."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Answer, Question
from fosdembot.texts.render import clean

from .log import By

LONGEST = 2000
"""Characters that are kept of one answer."""
MOST = 20
"""Answers that are kept of one question."""


async def add(
    session: WriteSession, question: Question, text: str, by: By, name: str
) -> Answer | None:
    """Keep an answer, said by the event `by.event`; None where it says nothing, or there
    are too many already."""
    text = clean(text, LONGEST)
    if not text or await _count(session, question) >= MOST:
        return None
    answer = Answer(
        question_id=question.id,
        event_id=by.event,
        author=by.person,
        author_name=clean(name, 60),
        at=by.at,
        text=text,
    )
    session.add(answer)
    await session.flush()
    return answer


async def by_event(session: AsyncSession, event_id: str) -> Answer | None:
    found = await session.scalars(select(Answer).where(Answer.event_id == event_id))
    return found.one_or_none()


def edit(answer: Answer, text: str) -> None:
    """Its message says something else now. One that was redacted stays empty."""
    text = clean(text, LONGEST)
    if text and answer.text:
        answer.text = text


def redact(answer: Answer) -> None:
    answer.text = ""


async def to(session: AsyncSession, question: Question) -> Sequence[Answer]:
    """The answers to a question, and to those merged into it, in their order."""
    query = (
        select(Answer)
        .join(Question, Question.id == Answer.question_id)
        .where(Question.root == question.root, Answer.text != "")
        .order_by(Answer.id)
    )
    return (await session.scalars(query)).all()


async def _count(session: AsyncSession, question: Question) -> int:
    query = select(func.count(Answer.id)).where(Answer.question_id == question.id)
    return await session.scalar(query) or 0
