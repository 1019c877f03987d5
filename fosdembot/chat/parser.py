"""What a message asks of the bot. Forgiving: case, blanks, `！`, `：`, a leading `name:`,
a relay's `<nick>`, a quoted reply above it, and a line break after the command.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from rapidfuzz.distance import OSA

LONGEST_MESSAGE = 20_000
"""Characters that are looked at."""

_RELAYED = re.compile(r"<([^<>\n]{1,120})>\s+(.*)", re.DOTALL)
# On phones a sentence gets its full stop, and a question its mark.
_WORD = re.compile(r"([^\W_][\w-]{0,30}!?)(?:[\s:：,.;?!…]+(.*))?$", re.DOTALL)
# `!vote12`; but `!q3` asks nothing.
_NUMBERED = re.compile(r"([^\W\d_]{4,20})#?(\d{1,9})\b")
_QUESTION = re.compile(r"(?:q|ask|question)\s?[:：]\s*(\S.*)", re.DOTALL | re.IGNORECASE)
# Whoever writes both asks nothing.
_ANSWER = re.compile(r"\ba\s?[:：]", re.IGNORECASE)
_PLUS_ONE = re.compile(r"[+＋]\s?1[.!]*")


@dataclass(frozen=True, slots=True)
class Call:
    """`!word arguments`."""

    word: str
    """Lower case; not necessarily a command that there is."""
    arguments: str
    nick: str | None = None
    """Who said it, where a relay speaks for many."""
    addressed: bool = False
    """Whether it began with the bot's name."""


def parse(body: str, prefix: str, names: Collection[str], direct: bool = False) -> Call | None:
    """Read a message's body; None where it asks nothing of the bot.

    `names` are those that the bot listens to. In a `direct` chat, and after the
    bot's name, the prefix may be left out.
    """
    nick, text = spoken(body)
    rest = _after_name(text, names)
    addressed = rest is not None
    text = rest if rest is not None else text
    prefixed = _after_prefix(text, prefix)
    if prefixed is None and not (addressed or direct):
        return None
    found = _WORD.match(_parted(prefixed if prefixed is not None else text))
    if found is None:
        return None
    return Call(found[1].lower(), (found[2] or "").strip(), nick, addressed)


def spoken(body: str) -> tuple[str | None, str]:
    """What somebody wrote, without the message quoted above it; and before it who said it,
    where a relay speaks for many."""
    text = without_quote(body[:LONGEST_MESSAGE]).strip()
    relayed = _RELAYED.match(text)
    return (relayed[1].strip(), relayed[2]) if relayed else (None, text)


def asked(body: str) -> Call | None:
    """`Q: TEXT`, `Ask: TEXT` or `Question: TEXT`, which is `!q TEXT`."""
    nick, text = spoken(body)
    found = _QUESTION.match(text)
    if found is None or _ANSWER.search(found[1]):
        return None
    return Call("q", found[1], nick)


def is_plus_one(text: str) -> bool:
    """`+1`, which as a reply is a vote."""
    return _PLUS_ONE.fullmatch(text) is not None


def first_word(arguments: str) -> tuple[str, str]:
    """The first word and what follows it; "" for what is not there."""
    word, *rest = arguments.split(maxsplit=1) or [""]
    return word, rest[0].strip() if rest else ""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The one of `known` that is a single slip away. Short words are too near to many: of
    them only those whose letters are in another order."""
    near = [name for name in known if _is_slip(word, name)]
    return near[0] if len(near) == 1 else None


def without_quote(body: str) -> str:
    """Without the lines that older clients put above a reply ("Fallbacks for rich replies")."""
    if not body.startswith("> "):
        return body
    lines = body.split("\n")
    while lines and lines[0].startswith(">"):
        lines.pop(0)
    return "\n".join(lines)


def _is_slip(word: str, name: str) -> bool:
    if min(len(word), len(name)) < 4 and (len(word) < 3 or sorted(word) != sorted(name)):
        return False
    return OSA.distance(word, name) == 1


def _parted(text: str) -> str:
    """`vote12` as `vote 12`."""
    found = _NUMBERED.match(text)
    return f"{found[1]} {text[found.start(2) :]}" if found is not None else text


def _after_name(text: str, names: Collection[str]) -> str | None:
    lowered = text.lower()
    for name in sorted(names, key=len, reverse=True):
        if name and lowered.startswith(name.lower()):
            rest = text[len(name) :]
            if rest[:1] in (":", ",") or rest[:1].isspace():
                return rest.lstrip(":, \t\n")
    return None


def _after_prefix(text: str, prefix: str) -> str | None:
    for form in {prefix, prefix.replace("!", "！")}:
        if text.startswith(form):
            return text[len(form) :].lstrip()
    return None
