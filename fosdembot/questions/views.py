"""The questions to a talk as readers see them: plain values, bounded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Integer, Row, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Question

from . import board, listed
from .listed import COLUMNS, Listing
from .states import ON_BOARD, State

V = TypeVar("V")
_RANKED = (
    select(
        Question.talk,
        func.row_number()
        .over(partition_by=Question.talk, order_by=board.best_first())
        .label("rank"),
        func.count().over(partition_by=Question.talk).label("total"),
        *COLUMNS,
    )
    .where(
        Question.talk.in_(bindparam("talks", expanding=True)),
        Question.state.in_(bindparam("states", expanding=True)),
    )
    .subquery()
)
_BEST_OF_EACH = Prepared(
    select(_RANKED.c.talk, _RANKED.c.total, *(_RANKED.c[column.key] for column in COLUMNS))
    .where(_RANKED.c.rank <= bindparam("most", type_=Integer))
    .order_by(_RANKED.c.talk, _RANKED.c.rank)
)
"""Made once: to make it takes longer than to execute it."""


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
    listing = Listing(session, talk)
    best = await listing.best(wanted.waiting, wanted.among)
    if wanted.newest is not None and len(best) >= wanted.waiting:
        late = await listing.newest(wanted.newest)
        best = list({row[0]: row for row in (*best, *late)}.values())
    are_all = wanted.among is None and len(best) < wanted.waiting
    is_counted = not are_all or wanted.answered is not None or wanted.pending is not None
    counts = await listing.counts() if is_counted else {}
    done, held = counts.get(State.ANSWERED), counts.get(State.PENDING)
    newest = await listing.answered(wanted.answered) if done and wanted.answered else ()
    earliest = (
        await listing.in_state(State.PENDING, wanted.pending) if held and wanted.pending else ()
    )
    shown = [row[0] for row in (*best, *newest)] if wanted.answers else []
    written = await listing.answers(shown, wanted.answers)

    def part(rows: Sequence[listed.Row], total: int) -> Part[QuestionView]:
        return _part(rows, total, written, wanted.nameless)

    return QuestionsView(
        closed=await listing.is_closed(),
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
    best = await Listing(session, talk).best(most, among)
    return replace(questions, waiting=questions.waiting.listing(map(_listed, best)))


async def best_of_each(
    session: AsyncSession, talks: Collection[str], most: int
) -> dict[str, QuestionsView]:
    """Of each of the talks the best of those that wait, read together. For a single one with
    thousands of questions, `questions_to` costs less."""
    wanted = {"talks": list(talks), "states": [state.value for state in ON_BOARD], "most": most}
    found: dict[str, list[QuestionView]] = {talk: [] for talk in talks}
    totals: dict[str, int] = {}
    for talk, total, *question in await _BEST_OF_EACH.find(session, wanted):
        found[talk].append(_listed(question))
        totals[talk] = total
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


def view_of(question: Question | Row[Any]) -> QuestionView:
    """A question as a reader sees it."""
    return QuestionView(
        id=question.id,
        number=question.number,
        text=question.text,
        asker=question.asker_name,
        votes=question.votes,
        state=State(question.state),
        skipped=question.skipped,
        hall_votes=question.hall_votes,
        asked_at=question.asked_at,
    )


def _listed(
    row: listed.Row,
    written: Iterable[listed.Row] = (),
    nameless: Collection[str] = frozenset(),
) -> QuestionView:
    """The same from a row of `COLUMNS`, with these of its answers; `nameless`: see `Wanted`."""
    id_, number, text, asker, name, votes, state, skipped, hall_votes, asked_at = row
    return QuestionView(
        id=id_,
        number=number,
        text=text,
        asker="" if asker in nameless else name,
        votes=votes,
        state=State(state),
        skipped=skipped,
        hall_votes=hall_votes,
        answers=tuple(
            AnswerView(text, "" if author in nameless else name, at)
            for text, author, name, at in written
        ),
        asked_at=asked_at,
    )


def _of(counts: Mapping[State, int], state: State, wanted: int | None) -> int:
    return counts.get(state, 0) if wanted is not None else 0


def _part(
    rows: Sequence[listed.Row],
    total: int,
    written: Mapping[int, Sequence[listed.Row]],
    nameless: Collection[str],
) -> Part[QuestionView]:
    entries = tuple(_listed(row, written.get(row[0], ()), nameless) for row in rows)
    # What is counted a moment later may be fewer.
    return Part(entries, max(0, total - len(entries)))
