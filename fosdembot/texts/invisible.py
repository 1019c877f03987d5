"""Characters that nobody sees: which of them a text needs, and which only do harm.

Left in a text are those without which words or emoji fall apart: a joiner beside a letter of a
script that joins its letters (Persian, Sinhala, Malayalam …) or between two emoji, the tags of a
flag, a break between letters of a script without blanks (Khmer …), a direction mark inside a text
that holds letters from right to left. Gone are controls, what overrides the direction, and all
that joins nothing.
"""

from __future__ import annotations

import re
import unicodedata

_JOINERS = "\u200c\u200d"
_BREAKS = "\u200b\u180e"
DIRECTIONS = "\u200e\u200f\u061c"
"""Marks that turn no text, but let a sign belong to what is read from one side."""
SOMETIMES = _JOINERS + _BREAKS + DIRECTIONS
"""Those that stay in some places."""

_CONTROLS = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff"
_NEVER = re.compile(
    # Cc and Cs, non-characters, and of Cf what is drawn as nothing. Left of Cf are signs that are
    # seen, such as the Arabic year sign.
    f"[{_CONTROLS}"
    "\u00ad\u202a-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(1 << 16, 17 << 16, 1 << 16)
    )
    + "\U000e0080-\U000e00ff\U000e01f0-\U000e0fff]"
)
# A flag of a part of a country is a black flag with its name in tags (UTS #51, Annex C).
_TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]{1,7}\U000e007f)|[\U000e0000-\U000e007f]")
_RUN = re.compile(f"[{SOMETIMES}]+")
# Blocks of the scripts whose letters join, or stand as another form beside a joiner.
_JOINING = re.compile(
    "[\u0600-\u07bf\u07c0-\u07ff\u0840-\u0dff\u0f00-\u109f\u1700-\u1aaf\u1b00-\u1c4f\ua800-\ua82f"
    "\ua840-\uaadf\uaae0-\uaaff\uabc0-\uabff\ufb50-\ufdcf\ufe70-\ufefc"
    "\U00010a00-\U00010aff\U00010d00-\U00010fff\U00011000-\U00011fff\U0001e900-\U0001e95f]"
)
_WITHOUT_BLANKS = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u1aaf\ua9e0-\uaaff]")
_MONGOLIAN = re.compile("[\u1800-\u18af]")
_OF_EMOJI = re.compile("[\ufe0f\u20e3\u2194\U0001f3fb-\U0001f3ff]")
"""Of an emoji, besides symbols: that it is one, that it is a key, its skin; and the arrow of a
shaken head."""
_FROM_RIGHT = ("R", "AL")


def without_harm(text: str) -> str:
    """`text` without what is never needed; blanks and line breaks stay."""
    return _TAGS.sub(lambda found: found[1] or "", _NEVER.sub("", text))


def only_seen(text: str) -> str:
    """`text` without the characters that nobody sees, also where it needs them: for comparing."""
    return text if text.isascii() else _RUN.sub("", text)


def without_idle(text: str) -> str:
    """`text` without the joiners, breaks and marks that do nothing where they stand."""
    if text.isascii():
        return text
    from_right = False
    if any(mark in text for mark in DIRECTIONS):
        from_right = any(
            unicodedata.bidirectional(char) in _FROM_RIGHT
            for char in text
            if char not in DIRECTIONS
        )

    def needed(found: re.Match[str]) -> str:
        start, end = found.span()
        before, after = text[max(start - 1, 0) : start], text[end : end + 1]
        return next((c for c in found[0] if _is_needed(c, before, after, from_right)), "")

    return _RUN.sub(needed, text)


def _is_needed(char: str, before: str, after: str, from_right: bool) -> bool:
    if char in DIRECTIONS:
        return bool(from_right and before and after)
    if char in _BREAKS:
        script = _WITHOUT_BLANKS if char == "\u200b" else _MONGOLIAN
        return bool(script.match(before) and script.match(after))
    if _JOINING.match(before) or _JOINING.match(after):
        return True
    return char == "\u200d" and _is_emoji(before) and _is_emoji(after)


def _is_emoji(char: str) -> bool:
    return char != "" and (unicodedata.category(char) == "So" or _OF_EMOJI.match(char) is not None)
