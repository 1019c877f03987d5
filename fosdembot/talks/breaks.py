"""Which entries are breaks: rooms hear of them, but there is nobody to ask."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from fosdembot.schedule.model import Talk

# They say nothing about what an entry is; nor do numbers and single letters.
_FILLERS = frozenset(
    {"and", "the", "und", "et", "og", "och", "en", "of", "for", "min", "mins", "minutes"}
    | {"minuten", "time", "zeit", "short", "long", "kurze", "lange", "kleine", "große", "grosse"}
    | {"petite", "grande", "morning", "afternoon", "evening", "first", "second", "third"}
    | {"speakers", "social", "networking"}
)
# Behind these a title goes on to say where the break is, and what there is to eat.
_REMARK = re.compile(r"\s[-–—]\s|[:;,|/(\[–—]")
_WORD = re.compile(r"\w+")


def is_break(talk: Talk, breaks: tuple[str, ...]) -> bool:
    """Whether an entry is a break by its kind or its title; `breaks` are what they are called.

    The words of a break mean other things as well ("Breaking RSA", "No free lunch"). So a
    title must be made of nothing else; where the entry has speakers, without exception.
    """
    return _is_break(talk.kind, talk.title, bool(talk.persons), breaks)


@lru_cache(maxsize=20_000)
def _is_break(kind: str, title: str, has_speakers: bool, breaks: tuple[str, ...]) -> bool:
    known = _Names.of(breaks)
    if known.are_all(_words(kind)) or known.are_all(_words(title)):
        return True
    if has_speakers:
        return False
    words = _words(title)
    head = _words(_REMARK.split(title, maxsplit=1)[0])
    return known.are_all(head) or known.stand_in(words)


class _Names:
    """What breaks are called, as lists of words."""

    def __init__(self, breaks: tuple[str, ...]) -> None:
        self._names = [words for name in breaks if (words := _words(name))]
        self._words = {word for words in self._names for word in words}

    @staticmethod
    @lru_cache(maxsize=4)
    def of(breaks: tuple[str, ...]) -> _Names:
        return _Names(breaks)

    def are_all(self, words: list[str]) -> bool:
        """Whether the words are names of breaks, and fillers at the most."""
        return all(w in self._words or _is_filler(w) for w in words) and any(
            _stands_in(name, words) for name in self._names
        )

    def stand_in(self, words: list[str]) -> bool:
        """Whether a name of several words, which means nothing else, stands among the words."""
        return any(len(name) > 1 and _stands_in(name, words) for name in self._names)


def _stands_in(name: list[str], words: list[str]) -> bool:
    size = len(name)
    return any(words[at : at + size] == name for at in range(len(words) - size + 1))


def _is_filler(word: str) -> bool:
    return word in _FILLERS or len(word) == 1 or word[0].isdigit()


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
