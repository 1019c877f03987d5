"""Why something is not done. Pure: the face puts it into words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from fosdembot.actions.permissions import Permission
from fosdembot.db.question_tables import Question
from fosdembot.questions import refusals
from fosdembot.questions.refusals import Refusal
from fosdembot.questions.states import State
from fosdembot.talks import delays
from fosdembot.talks.slots import Slot


class Denial(StrEnum):
    """Why it was not even tried; what the desk does not do is a `Refusal`, and what makes no
    sense for a talk a `delays.Refusal`."""

    NOT_ALLOWED = "not allowed"
    """`permission`: what the actor lacks; `question`, where it is about one."""

    # About talks.
    NO_TALK_LEFT = "no talk left"
    """No talk is on, and none is to come."""
    WHICH_TALK = "which talk"
    """`slots`: the talks that may be meant."""
    NOT_PUBLISHED = "not published"
    """The talk (`slot`) is not in the schedule any more."""
    NOTHING_DECIDED = "nothing decided"
    """There is no decision about a talk that could be taken back with `reset`."""

    # About questions.
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
        why: Denial | Refusal | delays.Refusal,
        *,
        question: Question | None = None,
        permission: Permission | None = None,
        number: int = 0,
        slot: Slot | None = None,
        slots: Sequence[Slot] = (),
    ) -> None:
        super().__init__(why)
        self.why = why
        self.question = About.of(question) if question is not None else None
        self.permission = permission
        self.number = number
        self.slot = slot
        self.slots = slots


@contextmanager
def about(question: Question | None) -> Iterator[None]:
    """What the desk refuses in this block, it refuses about `question`; None: a new one."""
    try:
        yield
    except refusals.Refused as refused:
        raise Refused(refused.why, question=question, number=refused.number) from None


@contextmanager
def about_talk(slot: Slot, minutes: int = 0) -> Iterator[None]:
    """What makes no sense in this block, makes none for the talk; `minutes`: of a delay."""
    try:
        yield
    except delays.Refused as refused:
        raise Refused(refused.why, slot=slot, number=minutes) from None
