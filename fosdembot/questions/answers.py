"""Written answers to questions, in their order. The one writer of `answers`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Answer, Question
from fosdembot.texts.render import clean, clean_lines

from .board import on_board
from .by import By

LONGEST = 2000
"""Characters that are kept of one answer."""
MOST_LINES = 20
MOST = 20
"""Answers that are kept of one question, and as many remarks that may become one."""


async def add(
    session: WriteSession, question: Question, text: str, by: By, name: str, *, counts: bool = True
) -> Answer | None:
    """Keep an answer, said by `by.cause`; None where it says nothing, or there
    are too many already. One that does not count is a remark that may become one."""
    text = clean_lines(text, LONGEST, MOST_LINES)
    if not text or await _count(session, question, counts) >= MOST:
        return None
    answer = Answer(
        question_id=question.id,
        cause=by.cause,
        author=by.person,
        author_name=clean(name, 60),
        at=by.at,
        text=text,
        counts=counts,
    )
    session.add(answer)
    await session.flush()
    return answer


async def by_cause(session: AsyncSession, cause: str) -> Answer | None:
    """The answer that was said by `cause`."""
    found = await session.scalars(select(Answer).where(Answer.cause == cause))
    return found.one_or_none()


async def by_mark(session: AsyncSession, reaction: str) -> Answer | None:
    """What this reaction made an answer."""
    return (await session.scalars(select(Answer).where(Answer.mark == reaction))).one_or_none()


def edit(answer: Answer, text: str) -> bool:
    """Its message says something else now; whether the answer does. One that was redacted
    stays empty."""
    before, text = answer.text, clean_lines(text, LONGEST, MOST_LINES)
    if text and before:
        answer.text = text
    return answer.text != before


def count(answer: Answer, counts: bool) -> None:
    """It is an answer from now on, or only a remark."""
    answer.counts = counts


def mark(answer: Answer, cause: str | None) -> None:
    """What makes an answer of it, beside its own words."""
    answer.mark = cause


async def remove(session: WriteSession, answer: Answer) -> None:
    await session.delete(answer)
    await session.flush()


def is_empty(text: str) -> bool:
    """Whether it says nothing that could be kept."""
    return not clean_lines(text, 1, 1)


def is_cut(answer: Answer, text: str) -> bool:
    """Whether more was said than is kept."""
    return clean_lines(text, len(text) + 1, MOST_LINES) != answer.text


def redact(answer: Answer) -> None:
    answer.text = ""


async def to(session: AsyncSession, question: Question) -> Sequence[Answer]:
    """The answers to a question, and to those merged into it, in their order."""
    query = (
        select(Answer)
        .join(Question, Question.id == Answer.question_id)
        .where(Question.root == question.root, Answer.text != "", Answer.counts)
        .order_by(Answer.id)
    )
    return (await session.scalars(query)).all()


async def to_each(
    session: AsyncSession, questions: Collection[int], most: int
) -> Mapping[int, Sequence[Answer]]:
    """By question (its id) the first answers to it, and to those merged into it, in their
    order; none of them is merged itself. A question without answers is left out."""
    place = func.row_number().over(partition_by=Question.root, order_by=Answer.id)
    ranked = (
        select(Answer.id, Question.root, place.label("place"))
        .join(Question, Question.id == Answer.question_id)
        .where(Question.root.in_(questions), Answer.text != "", Answer.counts)
        .subquery()
    )
    query = (
        select(ranked.c.root, Answer)
        .join(ranked, ranked.c.id == Answer.id)
        .where(ranked.c.place <= most)
        .order_by(Answer.id)
    )
    found: defaultdict[int, list[Answer]] = defaultdict(list)
    for root, answer in await session.execute(query):
        found[root].append(answer)
    return found


async def causes(session: AsyncSession, question: Question) -> Sequence[str]:
    """What said the answers, the redacted ones as well."""
    query = (
        select(Answer.cause)
        .join(Question, Question.id == Answer.question_id)
        .where(Question.root == question.root)
        .order_by(Answer.id.desc())
    )
    return (await session.scalars(query)).all()


async def unanswered(
    session: AsyncSession, talk: str, by: Collection[str] | None = None
) -> list[Question]:
    """The questions that wait on a talk's board, best first, without those that have an
    answer (`by`: of one of these persons) in writing."""
    written = (
        select(Question.root)
        .join(Answer, Answer.question_id == Question.id)
        .where(Question.talk == talk, Answer.text != "", Answer.counts)
    )
    if by is not None:
        written = written.where(Answer.author.in_(by))
    answered = set(await session.scalars(written))
    return [question for question in await on_board(session, talk) if question.id not in answered]


async def _count(session: AsyncSession, question: Question, counts: bool) -> int:
    query = select(func.count(Answer.id)).where(
        Answer.question_id == question.id, Answer.counts.is_(counts)
    )
    return await session.scalar(query) or 0
