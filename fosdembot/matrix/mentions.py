"""Whom a message names: by what is typed, or by the links that clients make of names."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

_LONGEST = 20_000
"""Characters of a message's HTML that are looked at."""
_TO_USER = r"(?:https://matrix\.to/#/|matrix:u/)"
_LINK = re.compile(rf"""href=["']?{_TO_USER}([^"'?>\s/]+)""")
_TAG = re.compile(r"<[^<>]{0,500}>")
_BEFORE = r"\s*(?:<(?:p|div|span|font|b|strong|em|i|u)\b[^<>]{0,200}>\s*){0,5}@?"
_PILL_FIRST = re.compile(
    rf"""{_BEFORE}<a\b[^<>]{{0,200}}?href=["']?{_TO_USER}([^"'?>\s/]{{1,300}})[^<>]{{0,300}}>"""
    r"(.{0,300}?)</a>",
    re.DOTALL | re.IGNORECASE,
)
LEAD = re.compile(r"(?:(?:\[[^\]<\n]{0,60}\]|\*) *){0,2}")
"""What stands before a name that a relay sets off: `[irc] *`."""
_BOLD_FIRST = re.compile(
    r"\s*(?:<(?:p|div|span|font)\b[^<>]{0,200}>\s*){0,5}"
    rf"{LEAD.pattern}<(b|strong)>(.{{1,300}}?)</\1>",
    re.DOTALL | re.IGNORECASE,
)
# `[@bot:example.org](https://matrix.to/#/@bot:example.org)`, or the bare address.
_LINK_TYPED = re.compile(
    rf"\[(?:\\.|\](?!\()|[^\]\\\n]){{0,300}}\]\(<?{_TO_USER}([^\s?)>/]{{1,300}})(?:[?/][^\s)>]{{0,300}})?>?\)"
    rf"|<?{_TO_USER}([^\s?)>/,]{{1,300}})(?:\?[^\s>]{{0,300}})?>?"
)
# A full stop after the server's name ends the sentence.
_USER = re.compile(
    r"@[^\s:@()\[\]<>\"']{1,128}:[a-z0-9.\-]{0,127}[a-z0-9](?::\d{1,5})?(?!\w)", re.IGNORECASE
)


def linked(html: str) -> list[str]:
    """The users (`@name:server`) that the HTML of a message links to ("matrix.to navigation",
    "Matrix URI scheme"). `m.mentions` is no help: it names whom a reply answers as well."""
    users = map(_user, _LINK.findall(_without_reply(html)))
    return list(dict.fromkeys(user for user in users if is_user_id(user)))


def called_first(html: str) -> tuple[str, str] | None:
    """The user whose link a message's HTML begins with, and as whom it shows them: clients
    write that, too, in the plain text."""
    found = _PILL_FIRST.match(_without_reply(html))
    return (_user(found[1]), _shown(found[2])) if found is not None else None


def bold_first(html: str) -> str:
    """The bold words with which a message's HTML begins, perhaps behind a `LEAD`; "" for
    none."""
    found = _BOLD_FIRST.match(_without_reply(html))
    return _shown(found[2]) if found is not None else ""


def linked_first(text: str) -> tuple[str, str] | None:
    """The user to whom a link leads that a plain text begins with, and what follows it."""
    found = _LINK_TYPED.match(text)
    if found is None:
        return None
    user = _user(found[1] or found[2].rstrip(":.,"))
    return user, text[found.end() :]


def typed(text: str) -> tuple[str | None, str]:
    """The first user that a text names, and what follows, without punctuation around it."""
    found = _USER.search(text)
    return (found[0], text[found.end() :].strip(" .,:;!?")) if found else (None, text)


def _without_reply(html: str) -> str:
    """A message's HTML without what older clients put above a reply ("Fallbacks for rich
    replies"), which names its author."""
    html = html[:_LONGEST]
    return html.partition("</mx-reply>")[2] if html.startswith("<mx-reply>") else html


def _user(link: str) -> str:
    user = unquote(unescape(link))
    return user if user.startswith(("@", "#", "!")) else f"@{user}"


def _shown(html: str) -> str:
    return unescape(_TAG.sub("", html)).strip()


def is_user_id(value: str) -> bool:
    """Whether it may be one ("User Identifiers")."""
    return len(value) <= 255 and _USER.fullmatch(value) is not None
