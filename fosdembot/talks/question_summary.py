"""What notices say of a talk's questions. Pure: whoever tells the notices brings them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from fosdembot.texts import notices as texts
from fosdembot.texts.render import Text, clean, say
from fosdembot.texts.words import LONGEST_NAME, count

from .naming import LONGEST_TITLE

LONGEST_QUESTION = 140
"""Characters of one in a list; all of it is in the asker's message."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A question that waits for its answer."""

    number: int
    votes: int
    text: str
    asker: str
    """ "" for one who asked without a name."""
    mark: Literal["", "answering", "starred"] = ""


@dataclass(frozen=True, slots=True)
class QuestionSummary:
    """The questions of one talk."""

    entries: tuple[Entry, ...] = ()
    """The best, in order; five are enough."""
    open: int = 0
    """How many wait for an answer, those of `entries` included."""
    closed: bool = False
    """Whether no more are taken."""
    before: tuple[str, int] | None = None
    """The title of the talk before, and how many of its questions went to its speaker."""


NO_QUESTIONS = QuestionSummary()

_ENTRIES = {
    "": texts.ENTRY,
    "answering": texts.ENTRY_ANSWERING,
    "starred": texts.ENTRY_STARRED,
}


def entry_line(entry: Entry) -> Text:
    """`12 (17 votes) How small can it get? – Bob`"""
    question = say(_ENTRIES[entry.mark], **_words(entry))
    asker = clean(entry.asker, LONGEST_NAME)
    return say(texts.ASKED_BY, entry=question, asker=asker) if asker else question


def without_texts(asked: QuestionSummary) -> QuestionSummary:
    """How many there are, and not what they ask."""
    return replace(asked, entries=())


def left_over(questions: int, shown: int, prefix: str) -> list[Text]:
    """Where the others are to be found, if not all are shown."""
    rest = questions - shown
    if rest <= 0:
        return []
    some = f"{rest:,} more" if shown else count(rest, "question")
    return [say(texts.QUESTIONS, questions=some, p=prefix)]


def in_qa(asked: QuestionSummary, shown: Sequence[Entry], prefix: str) -> list[Text]:
    """The sentences of the Q&A's notice: which question comes first, and how many follow."""
    if not asked.open:
        return [] if asked.closed else [say(texts.QA_NONE, p=prefix)]
    if not shown:
        return left_over(asked.open, 0, prefix)
    first = shown[0]
    template = texts.QA_ANSWERING if first.mark == "answering" else texts.QA_NEXT
    return [say(template, **_words(first)), *left_over(asked.open, 1, prefix)]


def before_line(asked: QuestionSummary) -> list[Text]:
    """What became of the questions of the talk before, where some went to its speaker."""
    if asked.before is None:
        return []
    title, number = asked.before
    title = clean(title, LONGEST_TITLE) or texts.UNTITLED
    return [say(texts.BEFORE, title=title, questions=count(number, "question"))]


def _words(entry: Entry) -> dict[str, str]:
    return {
        "number": str(entry.number),
        "votes": count(entry.votes, "vote"),
        "question": clean(entry.text, LONGEST_QUESTION),
    }
