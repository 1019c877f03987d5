"""Whom a message names: by what is typed, or by the links that clients make of names."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

from .api import Json

_LONGEST = 20_000
"""Characters of a message's HTML that are looked at."""
_LINK = re.compile(r"""href=["']?(?:https://matrix\.to/#/|matrix:u/)([^"'?>\s/]+)""")
# A full stop after the server's name ends the sentence.
_USER = re.compile(
    r"@[^\s:@()\[\]<>\"']{1,128}:[a-z0-9.\-]{0,127}[a-z0-9](?::\d{1,5})?(?!\w)", re.IGNORECASE
)


def linked(content: Json) -> list[str]:
    """The users (`@name:server`) that the HTML of a message links to ("matrix.to navigation",
    "Matrix URI scheme"). `m.mentions` is no help: it names whom a reply answers as well."""
    html = content.get("formatted_body")
    if not isinstance(html, str):
        return []
    html = html[:_LONGEST]
    if html.startswith("<mx-reply>"):
        # What older clients put above a reply ("Fallbacks for rich replies") names its author.
        html = html.partition("</mx-reply>")[2]
    found = (unquote(unescape(link)) for link in _LINK.findall(html))
    users = (user if user.startswith(("@", "#", "!")) else f"@{user}" for user in found)
    return list(dict.fromkeys(user for user in users if is_user_id(user)))


def typed(text: str) -> tuple[str | None, str]:
    """The first user that a text names, and what follows, without punctuation around it."""
    found = _USER.search(text)
    return (found[0], text[found.end() :].strip(" .,:;!?")) if found else (None, text)


def is_user_id(value: str) -> bool:
    """Whether it may be one ("User Identifiers")."""
    return len(value) <= 255 and _USER.fullmatch(value) is not None
