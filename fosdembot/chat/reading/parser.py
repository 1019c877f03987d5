"""What a text asks of the bot. Forgiving: case, blanks, `！`, `：`, a leading `name:`, marks of
markdown around the command, a backslash before it, a line break after it, and characters that
nobody sees. Who wrote the text, and in which wrapping: `message.py`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from fosdembot.matrix.mentions import linked_first
from fosdembot.texts.invisible import SOMETIMES

_UNSEEN = f"[{SOMETIMES}]*"
# On phones a sentence gets its full stop, and a question its mark. What follows a blank is
# people's own: `!ask .NET?`
_WORD = re.compile(
    rf"([^\W_](?:{_UNSEEN}[\w-]){{0,30}}!?){_UNSEEN}(?:[:：,.;?!…]+\s*|\s+|$)(?:[:：,]\s+)?(.*)",
    re.DOTALL,
)
# `!vote12`; but `!q3` asks nothing.
_NUMBERED = re.compile(r"([^\W\d_]{4,20})#?(\d{1,9})\b")
_QUESTION = re.compile(r"(?:q|ask|question)\s?[:：]\s*(\S.*)", re.DOTALL | re.IGNORECASE)
_ANSWERS = re.compile(r"(?:a|answer)\s?[:：]\s*(\S.*)", re.DOTALL | re.IGNORECASE)
# Whoever writes both asks nothing.
_ANSWER = re.compile(r"\ba\s?[:：]", re.IGNORECASE)
_PLUS_ONE = re.compile(r"[+＋]\s?1[.!]*")
# Set by a phone, or in doubt: `!ask ?`
_NOTHING = re.compile(r"[:：,;?!]|[.…\s]+")
_PUNCTUATION = ":：,.;?!…"
_MARK = re.compile(r"(`{1,3}|\*{1,3}|_{1,3}|~~|\|\|)\s*")
_MOST_MARKS = 3
_MOST_NEAR = 2
_AROUND_A_NAME = "*_`~@[]\"'“”„‘’"
_BEFORE_A_NAME = re.compile(rf"[{re.escape(_AROUND_A_NAME)}]{{0,6}}")
_AFTER_A_NAME = re.compile(rf"[{re.escape(_AROUND_A_NAME)}]{{0,6}}(?:[:：,]|\s|$)")
_LEAD = re.compile(rf"[\s{SOMETIMES}]+")


@dataclass(frozen=True, slots=True)
class Call:
    """`!word text`."""

    word: str
    """Lower case; not necessarily a command that there is."""
    text: str
    """What stands behind it, as it was typed."""
    nick: str | None = None
    """Who said it, where a relay speaks for many."""
    edited: bool = False
    """Whether the relay says that it was edited."""
    addressed: bool = False
    """Whether it began with the bot's name."""

    @property
    def arguments(self) -> str:
        """The text, unless it is the punctuation that phones put behind a word."""
        return "" if not self.text.strip(f"{_PUNCTUATION} \n") else self.text


def command_in(
    text: str, prefix: str, names: Collection[str], *, direct: bool = False
) -> Call | None:
    """Read what somebody wrote; None where it asks nothing of the bot.

    `names` are those that the bot listens to. In a `direct` chat, and after the bot's name, the
    prefix may be left out.
    """
    text = _begun(text)
    rest = _after_name(text, names)
    addressed = rest is not None
    text = rest if rest is not None else text
    prefixed = _after_prefix(text, prefix)
    if prefixed is None:
        prefixed = _after_prefix(_unmarked(text), prefix)
    if prefixed is None and not (addressed or direct):
        return None
    found = _WORD.match(_parted(prefixed if prefixed is not None else text))
    if found is None:
        return None
    word = re.sub(f"[{SOMETIMES}]", "", found[1])
    behind = found[2].strip()
    return Call(word.lower(), "" if _NOTHING.fullmatch(behind) else behind, addressed=addressed)


def question_in(text: str) -> Call | None:
    """`Q: TEXT`, `Ask: TEXT` or `Question: TEXT`, which is `!q TEXT`."""
    text = _begun(text)
    found = _QUESTION.match(text) or _QUESTION.match(_unmarked(text))
    if found is None or _ANSWER.search(found[1]):
        return None
    return Call("q", found[1].strip())


def answer_in(text: str) -> str | None:
    """What follows `A:` or `Answer:`."""
    text = _begun(text)
    found = _ANSWERS.match(text) or _ANSWERS.match(_unmarked(text))
    return found[1].strip() if found is not None else None


def is_plus_one(text: str) -> bool:
    """`+1`, which as a reply is a vote."""
    return _PLUS_ONE.fullmatch(text.strip("*_`~\\ ")) is not None


def first_word(arguments: str) -> tuple[str, str]:
    """The first word and what follows it; "" for what is not there."""
    word, *rest = arguments.split(maxsplit=1) or [""]
    return word, rest[0].strip() if rest else ""


def nearest(word: str, known: Collection[str]) -> Sequence[str]:
    """Those of `known` that are a single slip away, two at most: of more nobody knows which is
    meant. Letters in another order are the likelier slip."""
    near = sorted(name for name in known if _is_slip(word, name) and not _undoes(word, name, known))
    near = [name for name in near if sorted(name) == sorted(word)] or near
    return near if len(near) <= _MOST_NEAR else ()


def without_quote(body: str) -> str:
    """Without the lines that older clients put above a reply ("Fallbacks for rich replies")."""
    if not body.startswith("> "):
        return body
    lines = body.split("\n")
    while lines and lines[0].startswith(">"):
        lines.pop(0)
    return "\n".join(lines)


def begins_with(text: str, prefix: str) -> bool:
    """Whether a text begins as commands do."""
    return _after_prefix(text, prefix) is not None


def _begun(text: str) -> str:
    """Without blanks at its end, and without what nobody sees before its first character."""
    found = _LEAD.match(text)
    return text[found.end() if found is not None else 0 :].rstrip()


def _is_slip(word: str, name: str) -> bool:
    shorter = min(len(word), len(name))
    # Short words are near to many.
    if shorter < 4 and sorted(word) != sorted(name) and word[:1] != name[:1]:
        return False
    return shorter >= 3 and OSA.distance(word, name) == 1


def _undoes(word: str, name: str, known: Collection[str]) -> bool:
    """Whether the name says the opposite of what was typed: `unvote` of `upvote`."""
    undone = name.removeprefix("un")
    return undone != name and undone in known and sorted(word[:2]) != ["n", "u"]


def _parted(text: str) -> str:
    """`vote12` as `vote 12`."""
    found = _NUMBERED.match(text)
    return f"{found[1]} {text[found.start(2) :]}" if found is not None else text


def _after_name(text: str, names: Collection[str]) -> str | None:
    known = {name.lower() for name in names}
    linked = linked_first(text)
    if linked is not None:
        return _begun(linked[1].lstrip(":：,")) if linked[0].lower() in known else None
    lead = _BEFORE_A_NAME.match(text)
    # `@bot` may be the name as well as a name behind an `@`.
    for start in {0, lead.end() if lead is not None else 0}:
        lowered = text[start:].lower()
        for name in sorted(known, key=len, reverse=True):
            if name and lowered.startswith(name):
                rest = text[start + len(name) :].lstrip(SOMETIMES)
                behind = _AFTER_A_NAME.match(rest)
                # `@bot:example.com` is somebody else.
                names_server = text[:start].endswith("@") or name.startswith("@")
                if names_server and re.match(r"[:：]\w", rest):
                    continue
                if behind is not None and rest:
                    return _begun(rest[behind.end() :].lstrip(":：,"))
    return None


def _after_prefix(text: str, prefix: str) -> str | None:
    for form in {prefix, prefix.replace("!", "！")}:
        for begun in (form, f"\\{form}", f"\\\\{form}"):
            if text.startswith(begun):
                return _begun(_begun(text[len(begun) :]).removeprefix(form))
    return None


def _unmarked(text: str) -> str:
    """Without the marks of markdown around the first word, or around all of it."""
    for _ in range(_MOST_MARKS):
        found = _MARK.match(text)
        if found is None:
            break
        text = _without_closing(text[found.end() :], found[1])
    return text


def _without_closing(text: str, mark: str) -> str:
    """Without the mark that ends what the same mark began."""
    word = re.match(rf"\S{{1,40}}?({re.escape(mark)})", text)
    if word is not None:
        return text[: word.start(1)] + text[word.end(1) :]
    if text.rstrip().endswith(mark):
        return text.rstrip().removesuffix(mark)
    return text.replace(mark, "", 1)
