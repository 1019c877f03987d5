"""What the stage's page shows of a room: which questions, how large, and whose names. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fosdembot.questions.states import State
from fosdembot.questions.views import QuestionsView, QuestionView
from fosdembot.texts import page_hall as texts
from fosdembot.texts.render import Text, clean, say
from fosdembot.texts.words import count

LONGEST_TEXT = 700
"""Characters that fit on a beamer."""
LONGEST_LISTED = 220
MOST_STARRED = 3
MOST_TOP = 3
_LENGTHS = ((70, "short"), (160, "medium"), (320, "long"))


@dataclass(frozen=True, slots=True)
class Answering:
    """The question that is being answered: of this one the name is shown."""

    number: int
    text: str
    name: str
    length: str
    """How large it can be, by a word."""
    votes: Text


@dataclass(frozen=True, slots=True)
class Listed:
    """One that may be taken next; nobody's yet."""

    number: int
    text: str
    votes: Text


@dataclass(frozen=True, slots=True)
class OnStage:
    answering: Answering | None
    starred: tuple[Listed, ...]
    top: tuple[Listed, ...]
    """Those with the most votes; empty where no moderator reads questions first, as the hall
    would read whatever anybody types."""
    is_closed: bool
    """Whether no more questions are taken."""


def on_stage(
    talks: Sequence[QuestionsView], *, shows_top: bool, still: QuestionView | None = None
) -> OnStage:
    """Of the talks that questions are for now; `still`: what the speaker of the talk before is
    still answering."""
    waiting = [question for talk in talks for question in talk.waiting.entries]
    now = next((each for each in waiting if each.state is State.ANSWERING), still)
    starred = [each for each in waiting if each.state is State.STARRED]
    others = [each for each in waiting if each.state is State.OPEN and not each.skipped]
    return OnStage(
        answering=_answering(now) if now is not None else None,
        starred=_listed(starred[:MOST_STARRED]),
        top=_listed(others[:MOST_TOP] if shows_top else ()),
        is_closed=bool(talks) and all(talk.closed for talk in talks),
    )


def votes_of(question: QuestionView) -> Text:
    """Those of guests are never mixed with those of persons."""
    votes = count(question.votes, "vote")
    if not question.hall_votes:
        return say(texts.VOTES, votes=votes)
    return say(texts.VOTES_HALL, votes=votes, hall=question.hall_votes)


def _answering(question: QuestionView) -> Answering:
    text = clean(question.text, LONGEST_TEXT)
    length = next((word for most, word in _LENGTHS if len(text) <= most), "very-long")
    return Answering(question.number, text, question.asker, length, votes_of(question))


def _listed(questions: Sequence[QuestionView]) -> tuple[Listed, ...]:
    return tuple(
        Listed(each.number, clean(each.text, LONGEST_LISTED), votes_of(each)) for each in questions
    )
