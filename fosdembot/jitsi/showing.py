"""Which question a meeting is shown next, and when. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fosdembot.conference.meeting_lines import Shows
from fosdembot.questions.states import State
from fosdembot.questions.views import QuestionView
from fosdembot.texts import meetings as texts


@dataclass(frozen=True, slots=True)
class Told:
    """What the meeting was last told of the questions to a talk."""

    line: int
    """The id of that line."""
    at: datetime
    shows: Shows
    question: int | None = None
    """The id of the question, where it was one."""
    is_readable: bool = True
    """Whether it still stands there, as far as we know: it may be retracted, or never arrived."""
    waits: bool = False
    """Whether the question still waits for its answer, and is for the same talk."""

    def is_of(self, question: int, shows: Shows) -> bool:
        return self.question == question and self.shows is shows


@dataclass(frozen=True, slots=True)
class Show:
    """Say this now. `question`: None where none waits."""

    template: str
    shows: Shows
    question: QuestionView | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """Look again then."""

    at: datetime


def shows(question: QuestionView) -> Shows:
    return Shows.TAKEN if question.state is State.ANSWERING else Shows.BEST


def following(
    top: QuestionView | None,
    told: Told | None,
    now: datetime,
    every: timedelta,
    *,
    is_open: bool,
) -> Show | Later | None:
    """What changes for the speaker. `top`: the best question, or the one that is taken; `every`:
    at most so often another one is shown while somebody may think about the last; `is_open`:
    whether questions are shown before they are taken. One that is taken is always shown, and at
    once."""
    if top is None:
        return _none(told) if is_open else None
    is_taken = top.state is State.ANSWERING
    if not (is_open or is_taken):
        return None
    if told is None:
        return Show(texts.TAKEN if is_taken else texts.FIRST, shows(top), top)
    is_same = told.question == top.id
    if is_taken and not told.is_of(top.id, Shows.TAKEN):
        return Show(texts.TAKEN, Shows.TAKEN, top)
    if is_same and told.is_readable:
        return None
    if is_same or told.waits:
        # Its words are others, or it was restored; or another one has more votes.
        may = told.at + every
        template = texts.AGAIN if is_same else texts.NOW_FIRST
        # A clock that was set back makes nobody wait.
        is_due = now >= may or now < told.at
        return Show(template, shows(top), top) if is_due else Later(may)
    return Show(texts.NEXT, shows(top), top)


def _none(told: Told | None) -> Show | None:
    """No question waits: that is said once, after one that did."""
    if told is None or told.shows is Shows.NONE or told.waits:
        return None
    return Show(texts.NO_MORE, Shows.NONE)
