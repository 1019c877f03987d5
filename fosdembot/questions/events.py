"""What is said of changes of questions and answers, in their transaction, to whom it concerns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Answer, Question, Shown


@dataclass(frozen=True, slots=True)
class Asked:
    """A question is new."""

    question: Question
    alike: int | None
    """The number of an earlier one that asks much the same, whatever its state."""


@dataclass(frozen=True, slots=True)
class Changed:
    """These stand otherwise now, are for another talk, or say something else."""

    questions: Sequence[Question]


@dataclass(frozen=True, slots=True)
class Taken:
    """A question is being answered from now on."""

    question: Question
    cause: str


@dataclass(frozen=True, slots=True)
class DismissedFor:
    """A question was dismissed where the audience does not read, for a reason that only its askers
    are told."""

    question: Question
    reason: str
    cause: str


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """A question that was taken back with its message is asked by that again."""

    question: Question
    cause: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """The text of a question is gone."""

    question: Question
    shown: Sequence[Shown]
    """The messages of ours in which it still stands."""


@dataclass(frozen=True, slots=True)
class Rehomed:
    """Questions went with their talk into another Matrix room."""

    talk: str
    questions: Sequence[Question]


@dataclass(frozen=True, slots=True)
class Answered:
    """A question has an answer in writing."""

    question: Question
    """The one that the others were merged into; also below."""
    answer: Answer
    post: bool
    """Whether it was given where those do not read who read the question."""


@dataclass(frozen=True, slots=True)
class AnswerReworded:
    """An answer says something else now."""

    question: Question
    answer: Answer


@dataclass(frozen=True, slots=True)
class AnswerTakenBack:
    """An answer is none any more."""

    question: Question
    answer: Answer


AnswerEvent = Answered | AnswerReworded | AnswerTakenBack
DeskEvent = Asked | Changed | Taken | DismissedFor | AskedAgain | Redacted | Rehomed | AnswerEvent
Hears = Callable[[WriteSession, DeskEvent], Awaitable[None]]
"""Called at the end of a change, in its transaction: what it writes, is written with it."""


async def nobody(_session: WriteSession, _event: DeskEvent) -> None:
    """Hears everything, and does nothing."""
