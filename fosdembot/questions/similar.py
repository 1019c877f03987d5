"""Whether a question was asked before in other words: a hint, never a decision. Pure.

What a question is about is in few of its words ("What about Windows?"). So words are compared,
not letters, and those without which hardly a question is asked are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from rapidfuzz.distance import OSA

ALIKE = 90.0
"""Of 100. Nine words of ten in common, or all words of the one and few more in the other: two
in three reach 91, one in two 87."""
_LONGEST = 500
_MOST_WORDS = 24
EDITED = 40.0
"""How alike a question is to what it was before an edit."""
_MOST_OTHERS = 500

# C++ and C# are two languages.
_WORD = re.compile(r"\w[\w+#]*")
_IN_ANY_QUESTION = frozenset(
    _WORD.findall(
        "a about also an and any are as at be been but by can could did do does doesn don for from "
        "get going got had has have how i if in is isn it its just ll me my not of on or our "
        "please re really s so some t than thanks that the their then there these they this those "
        "to too us usage use used uses using ve was we were what which will with won would you "
        "your"
    )
)


def alike(text: str, others: Iterable[tuple[int, str]], threshold: float = ALIKE) -> int | None:
    """The id of the one of `others` that asks most nearly the same, the first of several;
    None: none does. Only the first 500 of them are looked at."""
    words = _words(text)
    found, highest = None, 0.0
    for other_id, other in islice(others, _MOST_OTHERS):
        similarity = _similarity(words, _words(other))
        if similarity >= threshold and similarity > highest:
            found, highest = other_id, similarity
    return found


def _words(text: str) -> list[str]:
    text = text[:_LONGEST].casefold()
    found = list(dict.fromkeys(_WORD.findall(text)))
    telling = [word for word in found if word not in _IN_ANY_QUESTION]
    # "How?" is a question too, and so is "🤔".
    return (telling or found or ["".join(text.split())])[:_MOST_WORDS]


def _similarity(one: Sequence[str], other: Sequence[str]) -> float:
    """0 to 100. One word more is less of a difference than another word."""
    pairs = [(a, b) for a in one for b in other if _same(a, b)]
    shares = len({a for a, _ in pairs}) / len(one), len({b for _, b in pairs}) / len(other)
    return 75 * max(shares) + 25 * min(shares)


def _same(one: str, other: str) -> bool:
    """Whether two words are one: but for an ending, or a slip of the finger.

    A digit is never a slip (IPv4, version 2), nor is a character of a script without
    capitals, some of which write a word with one.
    """
    if one == other:
        return True
    shorter, longer = (one, other) if len(one) < len(other) else (other, one)
    if len(longer) < 5 or len(longer) - len(shorter) > 3:
        return False
    if not (one.isalpha() and other.isalpha() and one.islower() and other.islower()):
        return False
    if len(shorter) >= 4 and longer.startswith(shorter):
        return True
    return OSA.distance(one, other, score_cutoff=1) <= 1
