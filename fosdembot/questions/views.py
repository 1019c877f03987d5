"""The questions to a talk as readers see them: plain values, bounded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.question_tables import Answer, Question

from . import answers, board
from .states import State

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class AnswerView:
    """A written answer."""

    text: str
    author: str
    """The name that others see."""
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
    answers: tuple[AnswerView, ...] = ()
    """The first of those in writing, where they were wanted."""


@dataclass(frozen=True, slots=True)
class Part(Generic[V]):
    """The first of some things, in their order."""

    entries: tuple[V, ...]
    left: int
    """How many more there are."""

    @property
    def total(self) -> int:
        return len(self.entries) + self.left


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
    listed = wanted.waiting
    best = await board.on_board(session, talk, listed, wanted.among) if listed else ()
    newest = await board.answered(session, talk, wanted.answered) if wanted.answered else ()
    earliest = (
        await board.in_state(session, talk, State.PENDING, wanted.pending) if wanted.pending else ()
    )
    are_all = wanted.among is None and len(best) < wanted.waiting
    is_counted = not are_all or wanted.answered is not None or wanted.pending is not None
    counts = await board.counts(session, talk) if is_counted else {}
    shown = [question.id for question in (*best, *newest)] if wanted.answers else []
    written = await answers.to_each(session, shown, wanted.answers) if shown else {}
    return QuestionsView(
        closed=await board.is_closed(session, talk),
        waiting=_part(best, board.waiting(counts) if counts else len(best), written),
        answered=_part(newest, _of(counts, State.ANSWERED, wanted.answered), written),
        pending=_part(earliest, _of(counts, State.PENDING, wanted.pending), written),
    )


def view_of(question: Question, written: Iterable[Answer] = ()) -> QuestionView:
    """A question as a reader sees it, with these of its answers."""
    return QuestionView(
        id=question.id,
        number=question.number,
        text=question.text,
        asker=question.asker_name,
        votes=question.votes,
        state=State(question.state),
        skipped=question.skipped,
        answers=tuple(AnswerView(each.text, each.author_name, each.at) for each in written),
    )


def _of(counts: Mapping[State, int], state: State, wanted: int | None) -> int:
    return counts.get(state, 0) if wanted is not None else 0


def _part(
    rows: Sequence[Question], total: int, written: Mapping[int, Sequence[Answer]]
) -> Part[QuestionView]:
    entries = tuple(view_of(row, written.get(row.id, ())) for row in rows)
    # What is counted a moment later may be fewer.
    return Part(entries, max(0, total - len(entries)))
