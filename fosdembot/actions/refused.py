"""Why something is not done. Pure: the face puts it into words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from fosdembot.actions.permissions import Permission
from fosdembot.db.question_tables import Question
from fosdembot.questions import refusals
from fosdembot.questions.refusals import Refusal
from fosdembot.questions.states import State


class Denial(StrEnum):
    """Why it was not even tried; what the desk does not do is a `Refusal`."""

    NOT_ALLOWED = "not allowed"
    """`permission`: what the actor lacks; `question`, where it is about one."""
    NO_TALK_ON = "no talk on"
    """No talk is on in the room, or just over."""
    SEVERAL_TALKS_ON = "several talks on"
    """It is not clear of which of them a question is meant."""
    NOTHING_WAITS = "nothing waits"
    """There is no question to take."""
    NONE_ANSWERING = "none answering"
    """No question is being answered."""


@dataclass(frozen=True, slots=True)
class About:
    """A question as it was when something was refused; its row may be out of reach by then."""

    number: int
    state: State
    skipped: bool

    @classmethod
    def of(cls, question: Question) -> Self:
        return cls(question.number, State(question.state), question.skipped)


class Refused(Exception):
    """Raised before anything is changed; the rest are facts about it."""

    def __init__(
        self,
        why: Denial | Refusal,
        *,
        question: Question | None = None,
        permission: Permission | None = None,
        number: int = 0,
    ) -> None:
        super().__init__(why)
        self.why = why
        self.question = About.of(question) if question is not None else None
        self.permission = permission
        self.number = number


@contextmanager
def about(question: Question | None) -> Iterator[None]:
    """What the desk refuses in this block, it refuses about `question`; None: a new one."""
    try:
        yield
    except refusals.Refused as refused:
        raise Refused(refused.why, question=question, number=refused.number) from None
