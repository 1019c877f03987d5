"""What stands on a talk's board, as the database has it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.question_tables import Question

from .states import ON_BOARD, State


async def on_board(
    session: AsyncSession,
    talk: str,
    limit: int | None = None,
    among: Collection[int] | None = None,
) -> Sequence[Question]:
    """The questions that wait for an answer (of those with the ids `among`), best first (see
    `ranking.py`)."""
    place = case({state: place for place, state in enumerate(ON_BOARD)}, value=Question.state)
    query = (
        select(Question)
        .where(Question.talk == talk, Question.state.in_(ON_BOARD))
        .order_by(place, Question.skipped, Question.votes.desc(), Question.id)
        .limit(limit)
    )
    if among is not None:
        query = query.where(Question.id.in_(among))
    return (await session.scalars(query)).all()


async def answered(
    session: AsyncSession, talk: str, limit: int | None = None
) -> Sequence[Question]:
    """Those that are answered, the newest first."""
    query = (
        select(Question)
        .where(Question.talk == talk, Question.state == State.ANSWERED)
        .order_by(Question.state_at.desc(), Question.id.desc())
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def in_state(session: AsyncSession, talk: str, state: State) -> Sequence[Question]:
    """By the order in which they were asked."""
    query = (
        select(Question).where(Question.talk == talk, Question.state == state).order_by(Question.id)
    )
    return (await session.scalars(query)).all()


async def count_on_board(session: AsyncSession, talk: str) -> int:
    return await _count(session, talk, ON_BOARD)


async def count_answered(session: AsyncSession, talk: str) -> int:
    return await _count(session, talk, [State.ANSWERED])


async def _count(session: AsyncSession, talk: str, states: Sequence[State]) -> int:
    query = select(func.count(Question.id)).where(Question.talk == talk, Question.state.in_(states))
    return await session.scalar(query) or 0
