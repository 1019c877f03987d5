"""Why something is not done. Pure: the face puts it into words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from fosdembot.actions.permissions import Permission
from fosdembot.db.question_tables import Question
from fosdembot.questions import refusals
from fosdembot.questions.refusals import Refusal


class Denial(StrEnum):
    """Why it was not even tried; what the desk does not do is a `Refusal`."""

    NOT_ALLOWED = "not allowed"
    """`permission`: what the actor lacks; `question`, where it is about one."""


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
        self.question = question
        self.permission = permission
        self.number = number


@contextmanager
def about(question: Question | None) -> Iterator[None]:
    """What the desk refuses in this block, it refuses about `question`; None: a new one."""
    try:
        yield
    except refusals.Refused as refused:
        raise Refused(refused.why, question=question, number=refused.number) from None
