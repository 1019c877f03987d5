"""How a sentence becomes a Matrix message: the same words in plain text and in HTML.

Templates are ours and hold minimal markup; what is put into them is not ours and
is never trusted. Markdown is not rendered anywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from string import Formatter
from urllib.parse import quote, urlsplit

from .invisible import DIRECTIONS, SOMETIMES, without_harm, without_idle

LONGEST_PARAM = 300
"""A parameter of `say` that nobody bounded before is bounded to so many characters."""
LONGEST_URL = 1000
_LIST = ("<ul>", "</ul>")
_MOST_MARKS = 4
"""Combining marks kept on one letter: enough for every living script."""

_MARKUP = re.compile(r"(</?(?:b|i|code)>|<br>)")
_SENT = {"<b>": "<strong>", "</b>": "</strong>", "<i>": "<em>", "</i>": "</em>"}
# Letters and symbols that are drawn as nothing, or as a blank.
_LOOKS_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_COLOURS = re.compile(r"\x03(?:\d{1,2}(?:,\d{1,2})?)?")
"""Of IRC, which some relays let through."""
_CUT_OPEN = re.compile(rf"[\s{SOMETIMES}\U000e0020-\U000e007e]+\Z")
_BLANKS = re.compile(" {2,}")
_NOT_IN_URLS = frozenset("\"'<>\\ ")
# Also of questions that are asked in other scripts.
_ENDS = (".", "!", "?", "…", ";", "。", "！", "？", "؟", "۔", "।")
# The word as the old push rule `.m.rule.roomnotif` looks for it (Client-Server API).
_ROOM_PING = re.compile(r"@(?=room)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Text:
    """One message: `body` and `formatted_body` (the HTML that Matrix allows)."""

    plain: str
    html: str


def say(template: str, /, **params: str | int | Text) -> Text:
    """Fill in a template.

    The template may hold `<b> <i> <code> <br>`; anything else in it is taken
    literally. Clients get `<strong>` and `<em>`, which more of them show. A `str` is
    made harmless (`clean`) and escaped, an `int` gets thousands separators, a `Text` is put
    in as it is.
    """
    plain: list[str] = []
    html: list[str] = []
    for in_plain, in_html, name in _parts(template):
        plain.append(in_plain)
        html.append(in_html)
        if name is not None:
            value = _text(params[name])
            plain.append(value.plain)
            html.append(value.html)
    return Text("".join(plain), "".join(html))


def lines(texts: Iterable[Text]) -> Text:
    """The texts below one another, with some air around lists."""
    plain: list[str] = []
    html: list[str] = []
    beside_list = False
    for text in texts:
        starts_list = text.html.startswith(_LIST[0])
        if plain:
            plain.append("\n\n" if beside_list or starts_list else "\n")
            html.append("" if beside_list or starts_list else "<br>")
        plain.append(text.plain)
        html.append(text.html)
        beside_list = text.html.endswith(_LIST[1])
    return Text("".join(plain), "".join(html))


def items(texts: Iterable[Text]) -> Text:
    """A list: on a phone its entries must not run into one another."""
    texts = tuple(texts)
    html = "".join(f"<li>{text.html}</li>" for text in texts)
    return Text("\n\n".join(text.plain for text in texts), f"{_LIST[0]}{html}{_LIST[1]}")


def sentences(texts: Iterable[Text]) -> Text:
    """The texts after one another, with a full stop between where there is none."""
    texts = tuple(texts)
    texts = (*(_ended(text) for text in texts[:-1]), *texts[-1:])
    return Text(" ".join(text.plain for text in texts), " ".join(text.html for text in texts))


def joined(texts: Iterable[Text]) -> Text:
    """`one, two and three`."""
    *first, last = texts
    if not first:
        return last
    return Text(
        f"{', '.join(text.plain for text in first)} and {last.plain}",
        f"{', '.join(text.html for text in first)} and {last.html}",
    )


def literal(value: str, limit: int) -> Text:
    """`value`, made harmless, where `say` itself would cut it too short."""
    plain = clean(value, limit)
    return Text(plain, escape(plain))


def link(url: str) -> Text | None:
    """An address on the web to tap; None for anything but a plain http(s) URL."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        return None
    if len(url) > LONGEST_URL or clean(url, LONGEST_URL) != url or set(url) & _NOT_IN_URLS:
        return None
    return Text(url, f'<a href="{escape(url)}">{escape(url)}</a>')


def room_link(address: str) -> Text:
    """A Matrix room (`#alias:server` or `!id`) to tap, by way of matrix.to."""
    address = clean(address, 255)
    url = "https://matrix.to/#/" + quote(address, safe="")
    if address.startswith("#"):
        return Text(address, f'<a href="{url}">{escape(address)}</a>')
    return Text(url, f'<a href="{url}">{url}</a>')


def clean(value: str, limit: int) -> str:
    """A harmless single line of at most `limit` characters, "…" for what was cut.

    Gone are controls, what overrides the direction, invisible characters that do nothing
    (`invisible.py`), line breaks and heaps of combining marks. "@room" is broken by an
    invisible character (which does not count), so that it pings nobody on clients that know
    no `m.mentions`.
    """
    return _bounded(_cleaned(value), limit)


def clean_lines(value: str, limit: int, most: int) -> str:
    """As `clean`, but in up to `most` lines, as they were written; blank ones are gone."""
    lines = [line for line in map(_cleaned, value.splitlines()) if line]
    last = " ".join(lines[most - 1 :])
    return _bounded("\n".join([*lines[: most - 1], *([last] if last else [])]), limit)


def legible(value: str) -> str:
    """As it was written, with its line breaks, but without characters that nobody sees and
    that do nothing."""
    return without_idle(without_harm(_COLOURS.sub("", value)))


def _bounded(text: str, limit: int) -> str:
    if len(text) > limit:
        # To what was cut a character may have been joined that is left, or have turned.
        # What goes may have parted two blanks.
        text = _CUT_OPEN.sub("", _BLANKS.sub(" ", without_idle(text[: limit - 1]))) + "…"
    return _ROOM_PING.sub("@\u200b", text)


def _cleaned(value: str) -> str:
    if value.isascii() and value.isprintable():
        # Nearly all; of these nothing goes but blanks.
        return " ".join(value.split())
    kept: list[str] = []
    marks = _MOST_MARKS  # a mark at the start, or on a blank, would land on our own words
    # Once before marks are counted, so that a mark which goes makes no neighbour of a letter.
    for char in without_idle(without_harm(value)):
        if char.isspace() or char in _LOOKS_BLANK:
            kept.append(" ")
            marks = _MOST_MARKS
            continue
        if unicodedata.category(char)[0] == "M":
            marks += 1
            if marks > _MOST_MARKS:
                continue
        elif char not in SOMETIMES:
            marks = 0
        kept.append(char)
    return " ".join(without_idle("".join(kept)).split()).strip(f" {DIRECTIONS}")


def _ended(text: Text) -> Text:
    if text.plain.endswith(_ENDS):  # "with Ada L." needs no second one
        return text
    return Text(f"{text.plain}.", f"{text.html}.")


def _text(value: str | int | Text) -> Text:
    if isinstance(value, Text):
        return value
    return literal(f"{value:,}" if isinstance(value, int) else value, LONGEST_PARAM)


@lru_cache(maxsize=1024)
def _parts(template: str) -> tuple[tuple[str, str, str | None], ...]:
    """(plain, HTML, name of the parameter that follows) of each part of a template."""
    parts = []
    for literal, name, _, _ in Formatter().parse(template):
        plain: list[str] = []
        html: list[str] = []
        for piece in _MARKUP.split(literal):
            if _MARKUP.fullmatch(piece):
                html.append(_SENT.get(piece, piece))
                plain.append("\n" if piece == "<br>" else "")
            else:
                html.append(escape(piece))
                plain.append(piece)
        parts.append(("".join(plain), "".join(html), name))
    return tuple(parts)
