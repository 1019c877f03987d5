"""The questions to a talk as readers see them: plain values, bounded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.question_tables import Answer, Question

from . import answers, board
from .states import ON_BOARD, State

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class AnswerView:
    """A written answer."""

    text: str
    author: str
    """The name that others see; empty where they do not want to be named."""
    at: datetime


@dataclass(frozen=True, slots=True)
class QuestionView:
    id: int
    number: int
    """By which people know it in its room."""
    text: str
    """Empty once its message is redacted."""
    asker: str
    """The name that others see; empty where it was asked without one."""
    votes: int
    state: State
    skipped: bool = False
    hall_votes: int = 0
    """Of guests in the hall, beside those of persons."""
    answers: tuple[AnswerView, ...] = ()
    """The first of those in writing, where they were wanted."""
    asked_at: datetime = field(default=datetime.min.replace(tzinfo=UTC), compare=False)


@dataclass(frozen=True, slots=True)
class Part(Generic[V]):
    """The first of some things, in their order."""

    entries: tuple[V, ...]
    left: int
    """How many more there are."""

    @property
    def total(self) -> int:
        return len(self.entries) + self.left

    def listing(self, entries: Iterable[V]) -> Part[V]:
        """The same, with these of them listed."""
        entries = tuple(entries)
        return Part(entries, max(0, self.total - len(entries)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much a reader wants of the questions to one talk. Each number is the most that is
    listed; with 0 they are only counted, with None they are neither."""

    waiting: int = 10
    answered: int | None = None
    pending: int | None = None
    """Readers who let no questions through must not see these."""
    answers: int = 0
    """Written ones to each question."""
    among: Collection[int] | None = None
    """Of those that wait, only these (by id) are listed; the others are counted."""
    nameless: Collection[str] = frozenset()
    """People (their ids) whose names are shown nowhere."""
    newest: int | None = None
    """Of those that wait, so many of the newest are listed behind the best, where they are not
    among these."""


@dataclass(frozen=True, slots=True)
class QuestionsView:
    """The questions to one talk."""

    closed: bool
    """Whether no more are taken."""
    waiting: Part[QuestionView]
    """Those that wait for their answer, best first."""
    answered: Part[QuestionView]
    """The newest first; empty where they were not wanted."""
    pending: Part[QuestionView]
    """Those that wait for a moderator, the earliest first; empty where they were not wanted."""

    @property
    def answering(self) -> QuestionView | None:
        """The one that is being answered: it is always the first of those that wait."""
        first = next(iter(self.waiting.entries), None)
        return first if first is not None and first.state is State.ANSWERING else None


async def questions_to(session: AsyncSession, talk: str, wanted: Wanted) -> QuestionsView:
    """The questions to a talk (its guid)."""
    best = await _best(session, talk, wanted.waiting, wanted.among)
    if wanted.newest is not None and len(best) >= wanted.waiting:
        late = await board.newest(session, talk, wanted.newest)
        best = list(dict.fromkeys((*best, *late)))
    newest = await board.answered(session, talk, wanted.answered) if wanted.answered else ()
    earliest = (
        await board.in_state(session, talk, State.PENDING, wanted.pending) if wanted.pending else ()
    )
    are_all = wanted.among is None and len(best) < wanted.waiting
    is_counted = not are_all or wanted.answered is not None or wanted.pending is not None
    counts = await board.counts(session, talk) if is_counted else {}
    shown = [question.id for question in (*best, *newest)] if wanted.answers else []
    written = await answers.to_each(session, shown, wanted.answers) if shown else {}

    def part(rows: Sequence[Question], total: int) -> Part[QuestionView]:
        return _part(rows, total, written, wanted.nameless)

    return QuestionsView(
        closed=await board.is_closed(session, talk),
        waiting=part(best, board.waiting(counts) if counts else len(best)),
        answered=part(newest, _of(counts, State.ANSWERED, wanted.answered)),
        pending=part(earliest, _of(counts, State.PENDING, wanted.pending)),
    )


async def with_only(
    session: AsyncSession,
    talk: str,
    questions: QuestionsView,
    most: int,
    among: Collection[int],
) -> QuestionsView:
    """The same questions to a talk, where of those that wait only these (by id) are listed."""
    best = await _best(session, talk, most, among)
    return replace(questions, waiting=questions.waiting.listing(map(view_of, best)))


async def best_of_each(
    session: AsyncSession, talks: Collection[str], most: int
) -> dict[str, QuestionsView]:
    """Of each of the talks the best of those that wait, read together. For a single one with
    thousands of questions, `questions_to` costs less."""
    rank = func.row_number().over(partition_by=Question.talk, order_by=board.best_first())
    together = func.count().over(partition_by=Question.talk)
    ranked = (
        select(
            Question.talk,
            Question.id,
            Question.number,
            Question.text,
            Question.asker_name,
            Question.votes,
            Question.hall_votes,
            Question.state,
            Question.skipped,
            Question.asked_at,
            rank.label("rank"),
            together.label("total"),
        )
        .where(Question.talk.in_(talks), Question.state.in_(ON_BOARD))
        .subquery()
    )
    best = select(ranked).where(ranked.c.rank <= most).order_by(ranked.c.talk, ranked.c.rank)
    found: dict[str, list[QuestionView]] = {talk: [] for talk in talks}
    totals: dict[str, int] = {}
    for row in await session.execute(best):
        found[row.talk].append(view_of(row))
        totals[row.talk] = row.total
    closed = await board.closed_among(session, talks)
    return {
        talk: QuestionsView(
            closed=talk in closed,
            waiting=Part(tuple(listed), totals.get(talk, 0) - len(listed)),
            answered=Part((), 0),
            pending=Part((), 0),
        )
        for talk, listed in found.items()
    }


async def _best(
    session: AsyncSession, talk: str, most: int, among: Collection[int] | None
) -> Sequence[Question]:
    nothing = not most or (among is not None and not among)
    return () if nothing else await board.on_board(session, talk, most, among)


def view_of(
    question: Question | Row[Any],
    written: Iterable[Answer] = (),
    nameless: Collection[str] = frozenset(),
) -> QuestionView:
    """A question as a reader sees it, with these of its answers; `nameless`: see `Wanted`."""
    is_nameless = bool(nameless) and question.asker in nameless
    return QuestionView(
        id=question.id,
        number=question.number,
        text=question.text,
        asker="" if is_nameless else question.asker_name,
        votes=question.votes,
        state=State(question.state),
        skipped=question.skipped,
        hall_votes=question.hall_votes,
        answers=tuple(
            AnswerView(each.text, "" if each.author in nameless else each.author_name, each.at)
            for each in written
        ),
        asked_at=question.asked_at,
    )


def _of(counts: Mapping[State, int], state: State, wanted: int | None) -> int:
    return counts.get(state, 0) if wanted is not None else 0


def _part(
    rows: Sequence[Question],
    total: int,
    written: Mapping[int, Sequence[Answer]],
    nameless: Collection[str],
) -> Part[QuestionView]:
    entries = tuple(view_of(row, written.get(row.id, ()), nameless) for row in rows)
    # What is counted a moment later may be fewer.
    return Part(entries, max(0, total - len(entries)))
