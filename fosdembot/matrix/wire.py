"""Reads what a homeserver answers: bytes, which may be anything, into JSON that can be used.

Whoever is in a room decides what stands in its events. So that one event does not make
the whole answer unreadable, what no Matrix event needs is read as nothing (`null`): values
nested deeper than `DEEPEST`, numbers beyond 64 bits. Characters that a database or an
encoder would refuse become a control character, which no id has, and no text that we show.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any

DEEPEST = 100
"""Levels of an answer that are read; what the bot looks at stands in the first fifteen."""
UNKNOWN = "\x01"
"""In place of a character that cannot be kept. To leave it out would make one id another."""

_MOST_DIGITS = 19
_LARGEST = 2**63 - 1
_REFUSED = re.compile("[\x00\ud800-\udfff]")
# The same, as JSON may write it; the halves of a pair are no such ones.
_REFUSED_ESCAPES = re.compile(
    r"\\u(?:0000|[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u)[dD][c-fC-F])"
)
# A string as a whole, so that brackets in it do not count; of brackets as many as stand together.
_TOKENS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|([\[{]+)|([\]}]+)', re.DOTALL)


def read_json(raw: bytes) -> dict[str, Any] | None:
    """The object that `raw` says; None where it is none."""
    text = raw.decode("utf-8", "surrogateescape").lstrip("\ufeff")
    try:
        answer = _loads(text)
    except RecursionError:
        try:
            answer = _loads(_without_depths(text))
        except (ValueError, RecursionError):
            return None
    except ValueError:
        return None
    if not isinstance(answer, dict):
        return None
    # Nearly all, and to copy them takes longer than to read them.
    return answer if _is_plain(text) and _is_shallow(answer) else _cleaned(answer)


def clean_text(value: str) -> str:
    """`value` without what PostgreSQL (NUL) or UTF-8 (lone surrogates) cannot hold."""
    return value if value.isascii() and "\x00" not in value else _REFUSED.sub(UNKNOWN, value)


def _loads(text: str) -> Any:
    return json.loads(
        text, strict=False, parse_int=_integer, parse_float=_float, parse_constant=_nothing
    )


def _integer(digits: str) -> int | None:
    # Python refuses to read very long ones, which would cost seconds.
    if len(digits) > _MOST_DIGITS + 1:
        return None
    value = int(digits)
    return value if -_LARGEST <= value <= _LARGEST else None


def _float(digits: str) -> float | None:
    value = float(digits)
    return value if math.isfinite(value) else None


def _nothing(_: str) -> None:
    """NaN and Infinity are no JSON."""


def _is_plain(text: str) -> bool:
    """Whether every string in it can surely be kept."""
    return "\\\\" not in text and not _REFUSED.search(text) and not _REFUSED_ESCAPES.search(text)


def _is_shallow(answer: dict[str, Any]) -> bool:
    """Whether nothing is nested deeper than `DEEPEST`."""
    level: list[Any] = [answer]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for value in level:
            for entry in value.values() if isinstance(value, dict) else value:
                kind = type(entry)
                if kind is dict or kind is list:
                    inner.append(entry)
        if not inner:
            return True
        level = inner
    return False


def _cleaned(answer: dict[str, Any]) -> dict[str, Any]:
    """A copy of `answer` in which everything can be kept; without recursion."""
    top: dict[str, Any] = {}
    waiting: list[tuple[Any, Any, int]] = [(answer, top, 1)]
    while waiting:
        value, copy, depth = waiting.pop()
        entries: Iterable[tuple[Any, Any]]
        if isinstance(value, dict):
            entries = ((clean_text(key), entry) for key, entry in value.items())
        else:
            entries = enumerate(value)
            copy.extend([None] * len(value))
        for key, entry in entries:
            if isinstance(entry, str):
                copy[key] = clean_text(entry)
            elif isinstance(entry, dict | list):
                copy[key] = None
                if depth < DEEPEST:
                    copy[key] = {} if isinstance(entry, dict) else []
                    waiting.append((entry, copy[key], depth + 1))
            else:
                copy[key] = entry
    return top


def _without_depths(text: str) -> str:
    """`text` with `null` in place of what is nested deeper than `DEEPEST`."""
    kept: list[str] = []
    depth = position = 0
    for token in _TOKENS.finditer(text):
        begin, end = token.span()
        if token.lastindex == 1:
            if depth <= DEEPEST < depth + end - begin:
                kept += [text[position : begin + DEEPEST - depth], "null"]
            depth += end - begin
        elif token.lastindex == 2:
            if depth > DEEPEST >= depth - (end - begin):
                position = begin + depth - DEEPEST
            depth -= end - begin
    return "".join([*kept, text[position:]])
