"""Makes a message fit for people behind a bridge.

An IRC bridge turns a message of more than three lines into a link, and a line that is
too long for IRC counts as several.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from .api import Json

LINES = 3
LINE = 400
"""Bytes of one line: IRC allows 512, with names in front of it (RFC 1459, 2.3)."""
_BETWEEN = " · "

_Line = tuple[str, str]
"""As plain text and as HTML."""


def fit(content: Json) -> Json:
    """The message in three lines of IRC at most.

    The first line stays as it is if possible. The others are put together, in their
    order; what is too long even so is cut, and loses its markup.
    """
    plain = content["body"].split("\n")
    if _cost(plain) <= LINES:
        return content
    html = content.get("formatted_body", "").split("<br>")
    if len(html) != len(plain):
        html = [escape(line) for line in plain]
    whole = [line for line in zip(plain, html, strict=True) if line[0].strip()]
    put_together = min(map(_put_together, _groups(whole)), key=_badness)
    lines, markup = [plain for plain, _ in put_together], [html for _, html in put_together]
    if _cost(lines) > LINES:
        lines = list(_cut(lines))
        markup = [escape(line) for line in lines]
    fitted = {**content, "body": "\n".join(lines)}
    if "formatted_body" in content:
        fitted["formatted_body"] = "<br>".join(markup)
    return fitted


def _groups(lines: Sequence[_Line]) -> Iterator[list[Sequence[_Line]]]:
    """The ways to put lines together, best first where they are equal otherwise."""
    for middle in range(2, len(lines)):
        yield [lines[:1], lines[1:middle], lines[middle:]]
    yield [lines[:1], lines[1:]]
    yield [lines]


def _put_together(groups: Sequence[Sequence[_Line]]) -> list[_Line]:
    return [
        (_BETWEEN.join(plain for plain, _ in group), _BETWEEN.join(html for _, html in group))
        for group in groups
        if group
    ]


def _badness(lines: Sequence[_Line]) -> tuple[bool, int]:
    """What must be cut is worse than lines of different lengths."""
    plain = [plain for plain, _ in lines]
    return _cost(plain) > LINES, sum(_bytes(line) ** 2 for line in plain)


def _cut(lines: Sequence[str]) -> Iterator[str]:
    """The lines, each cut to what those behind it leave it."""
    left = LINES
    for behind, line in zip(reversed(range(len(lines))), lines, strict=True):
        shortened = _shortened(line, (left - behind) * LINE)
        left -= _cost([shortened])
        yield shortened


def _shortened(line: str, size: int) -> str:
    """`line` in at most `size` bytes."""
    if _bytes(line) <= size:
        return line
    kept = line.encode(errors="replace")[: size - len("…".encode())]
    return kept.decode(errors="ignore").rstrip() + "…"


def _cost(lines: Sequence[str]) -> int:
    """How many lines IRC makes of them."""
    return sum(max(1, -(-_bytes(line) // LINE)) for line in lines)


def _bytes(line: str) -> int:
    return len(line.encode(errors="replace"))
