"""In which order readers may want the questions that wait for their answer. Pure.

Whatever the order is, the one that is being answered comes first, then those that are taken next;
the skipped come last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from .states import ON_BOARD
from .views import QuestionView

HEAD_START = timedelta(minutes=5)
"""Without it, a question of one minute with a single vote would be before all others."""


class Order(StrEnum):
    VOTES = "votes"
    """Most votes first."""
    NEWEST = "newest"
    FAIR = "fair"
    """Fair to late ones: few votes in little time count as much as many in long time."""


def fair_score(votes: int, waited: timedelta) -> float:
    """What a question has by the order that is fair to late ones: `(votes + 1) / (m + 5)`, where it
    has waited for m minutes.

    So of two that get votes at the same rate, neither stays behind for having come later: 20 votes
    in half an hour (0.60) are less than 5 in two minutes (0.86). A new one without any (0.20) is
    before one that nobody has voted for in ten minutes (0.07), and behind one that got 7 in half an
    hour (0.23).
    """
    minutes = max(waited, timedelta(0)) / timedelta(minutes=1)
    return (votes + 1) / (minutes + HEAD_START / timedelta(minutes=1))


def arranged(
    questions: Iterable[QuestionView], order: Order, at: datetime, *, hall: bool = False
) -> Sequence[QuestionView]:
    """The questions in this order, as it is `at` some moment. `hall`: whether votes of guests
    count for it."""

    def votes(question: QuestionView) -> int:
        return question.votes + (question.hall_votes if hall else 0)

    by: dict[Order, Callable[[QuestionView], tuple[Any, ...]]] = {
        Order.VOTES: lambda question: (-votes(question), question.id),
        Order.NEWEST: lambda question: (-question.id,),
        Order.FAIR: lambda question: (
            -fair_score(votes(question), at - question.asked_at),
            question.id,
        ),
    }

    def place(question: QuestionView) -> tuple[Any, ...]:
        return ON_BOARD.index(question.state), question.skipped, *by[order](question)

    return sorted(questions, key=place)
