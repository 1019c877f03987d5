"""What a tap on a message means. Pure.

A reaction's key is text that anybody may make up (Client-Server API, "Event annotations and
reactions"): only what is exactly known counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from enum import StrEnum

_LONGEST = 64
"""Characters; a longer key is no emoji, and is not looked at."""
# The two presentations of an emoji, and the five shades of skin (Unicode TR 51, 1.4 and 2.4).
_VARIANTS = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
_VOTE = "👍"
_PENDING = "⏳"
_CHIP = re.compile(rf"\s*q\s*([0-9]+)\s*{_PENDING}?\s*", re.IGNORECASE)


class Tap(StrEnum):
    """What a moderator does by a tap, by the key that stands on a question's card."""

    CHECK = "✅"
    """Approves what waits for a moderator; else: it is answered."""
    STAR = "⭐"
    TAKE = "▶️"
    DISMISS = "🚫"


MODERATION: Mapping[str, Tap] = {
    "✅": Tap.CHECK,
    "✔": Tap.CHECK,
    "☑": Tap.CHECK,
    "⭐": Tap.STAR,
    "🌟": Tap.STAR,
    "▶": Tap.TAKE,
    # Not ❌: that may be a moderator's own "no" to what was asked.
    "🚫": Tap.DISMISS,
}
"""By the `plain` key."""


def plain(key: str) -> str:
    """The emoji, whatever its shade and presentation; "" for what is too long to be one."""
    return _VARIANTS.sub("", key) if len(key) <= _LONGEST else ""


def is_vote(key: str, number: int, vote_emoji: Collection[str]) -> bool:
    """Whether a reaction votes for question `number`: 👍, one of `vote_emoji`, or its chip."""
    tapped = plain(key)
    if not tapped:
        return False
    if tapped == _VOTE or tapped in map(plain, vote_emoji):
        return True
    tapped_chip = _CHIP.fullmatch(tapped)
    return tapped_chip is not None and tapped_chip[1] == str(number)


def is_only_vote(key: str, vote_emoji: Collection[str]) -> bool:
    """Whether a reaction votes, if it is to a question (its chip: to that one), and means
    nothing else in any case."""
    tapped = plain(key)
    votes = tapped == _VOTE or tapped in map(plain, vote_emoji) or _CHIP.fullmatch(tapped)
    if not tapped or not votes:
        return False
    return not (tapped in MODERATION or is_answer_mark(key) or is_question_mark(key))


def is_answer_mark(key: str) -> bool:
    """Whether a moderator's reaction makes a moderator's reply an answer."""
    tapped = plain(key)
    return tapped in ("💬", "🗨") or MODERATION.get(tapped) is Tap.CHECK


def is_question_mark(key: str) -> bool:
    """Whether a reaction makes a message a question."""
    return plain(key) in ("❓", "❔")


def is_hush(key: str) -> bool:
    """Whether a reaction wants no more to be heard of something."""
    return plain(key) in ("🔕", "🔇")


def chip(number: int, pending: bool) -> str:
    """The key of the bot's own reaction to a question, a tap on which is a vote."""
    return f"Q{number} {_PENDING}" if pending else f"Q{number}"
