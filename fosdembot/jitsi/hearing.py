"""What somebody asks the bot to do who writes in a meeting. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


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


_WORDS = {word.value: word for word in Word}
_NUMBER = re.compile(r"[#q]?\s*\+?(\d{1,6})(?:\s*(?:min|minutes?|m)\b\.?)?", re.IGNORECASE)


def read(text: str, prefix: str, *, in_reply: bool = False) -> Wish | None:
    """What a message asks; None: nothing. Case and blanks are forgiven. `in_reply`: it answers a
    line of ours, so that it is a written answer unless it is a command."""
    line = " ".join(text.split())
    typed = line.removeprefix(prefix)
    if len(typed) == len(line):
        # A full-width exclamation mark, as phones write it.
        typed = line.removeprefix("！") if prefix == "!" else line
    if len(typed) == len(line):
        return Wish(Word.ANSWER, text=text.strip()) if in_reply and line else None
    name, _, rest = typed.strip().partition(" ")
    word = _WORDS.get(name.casefold())
    if word is None:
        return None
    if word is Word.ANSWER:
        return Wish(word, text=rest)
    number = _NUMBER.fullmatch(rest.strip()) if rest else None
    return Wish(word, int(number[1]) if number else None)
