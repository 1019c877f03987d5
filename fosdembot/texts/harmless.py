"""What others wrote, without characters that harm a page, a file or a terminal."""

from __future__ import annotations

import re

from .render import legible

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_BLANKS = re.compile("[\x0b-\x0d\x1c-\x1f\x85\u2028\u2029]")
"""Blanks or ends of lines to Python, and errors in HTML."""


def harmless(text: str) -> str:
    """`text` with its line breaks, without controls and without what turns the direction of
    others."""
    if text.isascii() and (text.isprintable() or not _CONTROLS.search(text)):
        return text  # nearly all
    return _BLANKS.sub(" ", legible(text.replace("\r\n", "\n")))
