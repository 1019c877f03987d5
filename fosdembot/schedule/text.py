"""Strings from outside, made safe to keep: bounded, on one line, without controls.

They are still untrusted: whoever shows them escapes them for the place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from html import unescape

# Unicode's Cc and Cs, non-characters, and what turns the direction of the text around
# it (UAX #9, UTS #36): left in a title, it would reorder the sentence that quotes it.
_FORBIDDEN = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    r"\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)

_BARE = re.compile(r"[<>]|&(?!(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});)", re.IGNORECASE)
_MOST_ESCAPES = 3
_NO_LETTERS = re.compile(r"[\W_]+")


def clean(value: object, limit: int) -> str:
    """`value` as one line of at most `limit` characters, without control characters.

    Takes what JSON may hold in place of a string: numbers, `null`, and an object of
    translations (English, else the first). Anything else becomes "".
    """
    if not isinstance(value, str):
        value = _as_text(value)
    # Nothing that is forbidden is printable, and most texts are.
    kept = value if value.isprintable() else _FORBIDDEN.sub("", value)
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _as_text(value: object) -> str:
    if isinstance(value, Mapping):
        value = value.get("en") or next(iter(value.values()), "")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) else ""


def unescaped(text: str) -> str:
    """A text that was escaped for HTML or XML once too often, as it was meant.

    `R&amp;D` is R&D. Where an `&`, `<` or `>` stands by itself, the text is as it was meant:
    one about escaping.
    """
    for _ in range(_MOST_ESCAPES):
        if "&" not in text or _BARE.search(text):
            break
        text = clean(unescape(text), len(text))
    return text


def web_address(value: object) -> str:
    """`value` where it is an http(s) URL of at most 2,000 characters, else ""."""
    url = clean(value, 2001)
    return url if re.match(r"https?://[^\s/]", url, re.IGNORECASE) and len(url) <= 2000 else ""


def bare(title: str) -> str:
    """`title` without case, blanks and punctuation: what makes it the same title."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return _NO_LETTERS.sub("", folded) or title.strip()
