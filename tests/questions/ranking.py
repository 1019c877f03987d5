"""The order of a talk's questions, said as plainly as it can be: what the database is asked for
(`board.py`) is compared with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fosdembot.questions.states import ON_BOARD, State


@dataclass(frozen=True, slots=True)
class Ranked:
    """What the rank of a question depends on."""

    id: int
    """Smaller was asked earlier."""
    state: State
    skipped: bool
    votes: int
    state_at: datetime


def on_board(questions: Iterable[Ranked]) -> list[Ranked]:
    """Those that wait for an answer: answering, starred, then the others; the skipped last;
    among equals by votes, then the earlier."""
    return sorted(
        (question for question in questions if question.state in ON_BOARD),
        key=lambda q: (ON_BOARD.index(q.state), q.skipped, -q.votes, q.id),
    )


def answered(questions: Iterable[Ranked]) -> list[Ranked]:
    """Those that are answered, the newest first."""
    done = (question for question in questions if question.state is State.ANSWERED)
    return sorted(done, key=lambda q: (q.state_at, q.id), reverse=True)
