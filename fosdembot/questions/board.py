"""The queries for the questions of a talk: what waits for an answer, in which order, and how
many there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Question, TalkQuestions

from .states import ON_BOARD, State

_HERE = (
    Question.talk == bindparam("talk"),
    Question.state.in_(bindparam("states", expanding=True)),
)
_CLOSED = Prepared(
    select(TalkQuestions.talk).where(
        TalkQuestions.talk.in_(bindparam("talks", expanding=True)), TalkQuestions.closed
    )
)
"""Made once: to make it takes longer than to execute it."""


async def on_board(
    session: AsyncSession,
    talk: str,
    limit: int | None = None,
    among: Collection[int] | None = None,
) -> Sequence[Question]:
    """The questions that wait for an answer (of those with the ids `among`), best first: the one
    that is being answered, starred ones, then the others, the skipped last; among equals by votes
    (with those of the hall where the settings say so), then the earlier."""
    query = _best(limit)
    if among is not None:
        query = query.where(Question.id.in_(among))
    return (await session.scalars(query, {"talk": talk, "states": ON_BOARD})).all()


@cache
def _best(limit: int | None) -> Select[Any]:
    """Made once: to make it takes a third as long as to execute it."""
    return by_rank(Question).limit(limit)


def by_rank(*what: Any) -> Select[Any]:
    """Of the questions to a `talk` in some `states`, the best first."""
    return select(*what).where(*_HERE).order_by(*best_first())


def best_first() -> list[ColumnElement[object]]:
    """The order of those that wait for an answer."""
    place = case({state: place for place, state in enumerate(ON_BOARD)}, value=Question.state)
    votes = Question.votes + Question.hall_rank
    return [place, Question.skipped.asc(), votes.desc(), Question.id.asc()]


def by_newest(*what: Any) -> Select[Any]:
    """The same, those that were asked last first."""
    return select(*what).where(*_HERE).order_by(Question.id.desc())


def by_last_change(*what: Any) -> Select[Any]:
    """The same, those that came into their state last first."""
    return select(*what).where(*_HERE).order_by(Question.state_at.desc(), Question.id.desc())


async def answered(
    session: AsyncSession, talk: str, limit: int | None = None
) -> Sequence[Question]:
    """Those that are answered, the newest first."""
    query = by_last_change(Question).limit(limit)
    return (await session.scalars(query, {"talk": talk, "states": [State.ANSWERED]})).all()


async def dismissed(session: AsyncSession, talk: str, limit: int) -> Sequence[Question]:
    """Those that were dismissed, the last one first."""
    query = by_last_change(Question).limit(limit)
    return (await session.scalars(query, {"talk": talk, "states": [State.DISMISSED]})).all()


def by_age(*what: Any) -> Select[Any]:
    """The same, by the order in which they were asked."""
    return select(*what).where(*_HERE).order_by(Question.id)


async def in_state(session: AsyncSession, talk: str, state: State) -> Sequence[Question]:
    """By the order in which they were asked."""
    return (await session.scalars(by_age(Question), {"talk": talk, "states": [state]})).all()


async def answering_last(session: AsyncSession, talks: Collection[str]) -> Question | None:
    """Of those that are being answered in these talks, the one that was taken last."""
    query = select(Question).where(Question.talk.in_(talks), Question.state == State.ANSWERING)
    return (await session.scalars(query.order_by(Question.state_at.desc()).limit(1))).first()


async def is_any_taken_since(
    session: AsyncSession, talks: Collection[str], since: datetime
) -> bool:
    """Whether a question to one of these talks was taken, or done with, after that."""
    query = select(Question.id).where(
        Question.talk.in_(talks),
        Question.state.in_([State.ANSWERING, State.ANSWERED]),
        Question.state_at > since,
    )
    return (await session.scalars(query.limit(1))).first() is not None


async def counts(session: AsyncSession, talk: str | None = None) -> Mapping[State, int]:
    """By state, how many questions there are to a talk, or to all talks. A state that none has
    is left out."""
    query = select(Question.state, func.count()).group_by(Question.state)
    if talk is not None:
        query = query.where(Question.talk == talk)
    return {State(state): number for state, number in await session.execute(query)}


def waiting(counted: Mapping[State, int]) -> int:
    """How many of those counted wait for an answer."""
    return sum(counted.get(state, 0) for state in ON_BOARD)


async def is_closed(session: AsyncSession, talk: str) -> bool:
    """Whether no more questions to a talk are taken."""
    row = await session.get(TalkQuestions, talk)
    return row is not None and row.closed


async def closed_among(session: AsyncSession, talks: Collection[str]) -> set[str]:
    """Those of the talks to which no more questions are taken."""
    return {talk for (talk,) in await _CLOSED.find(session, {"talks": list(talks)})}
