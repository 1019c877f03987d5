"""In which stored transcripts somebody stands who is not to be named any more."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from urllib.parse import unquote

from .folder import Folder

_ID = re.compile(r"(?:@|%40)[^\s\"'<>&\\(),;]{1,300}")
"""What may be an id and something behind it: as it is, or in an address."""
_BEHIND = ".:/?!-"


def naming(folder: Folder, names: Iterable[str], people: Collection[str]) -> list[str]:
    """Those of the transcripts `names` whose stored models name one of these people: as who wrote
    something, or in what others did. In a thread.

    The lines are searched as text: to read a thousand models as JSON would take minutes.
    """
    wanted = frozenset(people)
    return [name for name in names if _names_any(folder, name, wanted)]


def _names_any(folder: Folder, name: str, people: frozenset[str]) -> bool:
    try:
        with folder.model(name).open(encoding="utf-8", errors="replace") as file:
            return any(_stand_in(line, people) for line in file)
    except FileNotFoundError:
        # It is being made for the first time, or was deleted.
        return False


def _stand_in(line: str, people: frozenset[str]) -> bool:
    if "@" not in line and "%40" not in line:
        return False
    return any(_is_one(unquote(found), people) for found in _ID.findall(line))


def _is_one(found: str, people: frozenset[str]) -> bool:
    # A sentence, or an address, may go on behind an id.
    return found in people or any(
        found[: place.start()].rstrip(_BEHIND) in people for place in re.finditer("[/?]|$", found)
    )
