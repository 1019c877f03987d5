"""What somebody asks the bot to do who writes in a meeting. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from fosdembot.texts.render import legible


class Word(Enum):
    """The commands of a meeting, as they are typed."""

    NEXT = "next"
    DONE = "done"
    SKIP = "skip"
    STAR = "star"
    TOP = "top"
    LATE = "late"
    ANSWER = "answer"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Wish:
    word: Word
    number: int | None = None
    """Of the question, or of minutes; None where none is named that could be meant."""
    text: str = ""
    """Of an answer."""
    is_typed: bool = True
    """Whether the command was typed; else it is a reply to a line of ours."""
    is_unclear: bool = False
    """Whether a number is named, but not so that it is clear what is meant: then it is not meant
    without one either."""


_WORDS = {word.value: word for word in Word} | {"take": Word.NEXT}
"""In talk rooms the next question is taken by `!take`."""
_OVERRIDES = ("\u202d", "\u202e")
_NUMBER = re.compile(r"(?:#|q)?\s?(\d{1,9})[.?!]*", re.ASCII | re.IGNORECASE)
_MINUTES = re.compile(
    r"\+?\s?(\d{1,9})(?:\s?(?:m|mins?|minutes?))?[.?!]*", re.ASCII | re.IGNORECASE
)


def read(text: str, prefix: str, *, in_reply: bool = False) -> Wish | None:
    """What a message asks; None: nothing. Case and blanks are forgiven. `in_reply`: it answers a
    line of ours, so that it is a written answer unless it looks like a command."""
    # What begins by turning its direction is seen as another text: it asks nothing, as in rooms.
    is_turned = text.lstrip().startswith(_OVERRIDES)
    text = (text if is_turned else legible(text)).strip()
    typed = _without(text, prefix)
    if typed is None:
        return Wish(Word.ANSWER, text=text, is_typed=False) if in_reply and text else None
    name, *more = typed.split(maxsplit=1) or [""]
    word = _WORDS.get(name.rstrip(".!?,:").casefold())
    if word is None:
        return None
    rest = more[0] if more else ""
    if word is Word.ANSWER:
        return Wish(word, text=rest)
    found = (_MINUTES if word is Word.LATE else _NUMBER).fullmatch(rest)
    if found is None:
        return Wish(word, is_unclear=any(char.isdigit() for char in rest))
    return Wish(word, int(found[1]))


def _without(text: str, prefix: str) -> str | None:
    """A command without its prefix, which phones may write full-width; None: it is none."""
    for mark in (prefix, *("！",) * (prefix == "!")):
        if text.startswith(mark):
            return text[len(mark) :].lstrip()
    return None
