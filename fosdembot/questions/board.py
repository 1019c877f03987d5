"""The queries for the questions of a talk: what waits for an answer, in which order, and how
many there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.question_tables import Question, TalkQuestions

from .states import ON_BOARD, State


@dataclass(frozen=True, slots=True)
class Standing:
    """A question as it stands on a board."""

    id: int
    number: int
    votes: int
    text: str
    asker_name: str
    state: str


@dataclass(frozen=True, slots=True)
class Best:
    """What stands on the board of one talk."""

    questions: tuple[Standing, ...]
    """Best first, as many as were asked for."""
    open: int
    """How many wait for an answer."""
    closed: bool
    """Whether no more questions are taken."""


async def on_board(
    session: AsyncSession,
    talk: str,
    limit: int | None = None,
    among: Collection[int] | None = None,
) -> Sequence[Question]:
    """The questions that wait for an answer (of those with the ids `among`), best first: the one
    that is being answered, starred ones, then the others, the skipped last; among equals by votes,
    then the earlier."""
    query = (
        select(Question)
        .where(Question.talk == talk, Question.state.in_(ON_BOARD))
        .order_by(*_best_first())
        .limit(limit)
    )
    if among is not None:
        query = query.where(Question.id.in_(among))
    return (await session.scalars(query)).all()


async def best_of(session: AsyncSession, talks: Collection[str], limit: int) -> dict[str, Best]:
    """Of each of the talks, read together. For a single one with thousands of questions,
    `on_board` and `count_on_board` cost less."""
    rank = func.row_number().over(partition_by=Question.talk, order_by=_best_first())
    together = func.count().over(partition_by=Question.talk)
    fields = (Question.id, Question.number, Question.votes, Question.text, Question.asker_name)
    ranked = (
        select(Question.talk, *fields, Question.state, rank.label("rank"), together.label("open"))
        .where(Question.talk.in_(talks), Question.state.in_(ON_BOARD))
        .subquery()
    )
    best = select(ranked).where(ranked.c.rank <= limit).order_by(ranked.c.talk, ranked.c.rank)
    questions: dict[str, list[Standing]] = {talk: [] for talk in talks}
    counts: dict[str, int] = {}
    for talk, *values, _, number in await session.execute(best):
        questions[talk].append(Standing(*values))
        counts[talk] = number
    closed = set(
        await session.scalars(
            select(TalkQuestions.talk).where(TalkQuestions.talk.in_(talks), TalkQuestions.closed)
        )
    )
    return {
        talk: Best(tuple(found), counts.get(talk, 0), talk in closed)
        for talk, found in questions.items()
    }


def _best_first() -> list[ColumnElement[object]]:
    place = case({state: place for place, state in enumerate(ON_BOARD)}, value=Question.state)
    return [place, Question.skipped.asc(), Question.votes.desc(), Question.id.asc()]


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


async def in_state(
    session: AsyncSession, talk: str, state: State, limit: int | None = None
) -> Sequence[Question]:
    """By the order in which they were asked."""
    query = (
        select(Question)
        .where(Question.talk == talk, Question.state == state)
        .order_by(Question.id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


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


async def count_on_board(session: AsyncSession, talk: str) -> int:
    return waiting(await counts(session, talk))


async def count_answered(session: AsyncSession, talk: str) -> int:
    return (await counts(session, talk)).get(State.ANSWERED, 0)
