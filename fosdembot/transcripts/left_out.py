"""In which stored transcripts somebody stands who is not to be named any more."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote

from fosdembot.conference.opt_outs import opted_out
from fosdembot.db.engine import Database
from fosdembot.settings import Settings

from .folder import Folder
from .forgotten import Forgotten

_ID = re.compile(r"(?:@|%40)[^\s\"'<>&\\(),;]{1,300}")
"""What may be an id and something behind it: as it is, or in an address."""
_NOBODY = '"by":null'
_BEHIND = ".:/?!-"


class Looked(NamedTuple):
    found: Sequence[str]
    """The transcripts that are to be made anew, by name,"""
    people: Collection[str]
    """so that these are not named,"""
    changed: int
    """and who was forgotten until then is not in them."""


@dataclass(slots=True)
class LeftOut:
    """Finds where those stand who are not to be named, or to be forgotten."""

    database: Database
    settings: Settings
    people: set[str] = field(init=False, default_factory=set)
    """Who may stand in transcripts and does not want to be named."""
    _changed: int = field(init=False, default=0)

    async def look(self, folder: Folder, names: Collection[str]) -> Looked:
        """In the transcripts `names`. Raises `BadList`."""
        looked_for, found = set(self.people), list[str]()
        if looked_for:
            async with self.database.read() as session:
                people = await opted_out(session, looked_for)
            by_mark = self.settings.transcripts.opted_out == "removed"
            found += await asyncio.to_thread(naming, folder, names, people, by_mark)
        changed = await asyncio.to_thread(_list_changed, folder)
        if changed != self._changed:
            # The command line took them out, as far as it could tell.
            found += await asyncio.to_thread(without_ids_before, folder, names, changed)
        return Looked(found, looked_for, changed)

    def seen_to(self, looked: Looked) -> None:
        """What was found is going to be made anew."""
        self.people -= set(looked.people)
        self._changed = looked.changed


def naming(
    folder: Folder, names: Iterable[str], people: Collection[str], by_mark: bool
) -> list[str]:
    """Those of the transcripts `names` whose stored models name one of these people: as who wrote
    something, or in what others did; `by_mark`: also those that have a mark for one of them. In a
    thread. Raises `BadList`.

    The lines are searched as text: to read a thousand models as JSON would take minutes.
    """
    wanted = frozenset(people)
    marks = [f'"{Forgotten.read(folder).mark(each)}"' for each in wanted] if by_mark else []

    def is_one(line: str) -> bool:
        return _stand_in(line, wanted) or any(mark in line for mark in marks)

    return [name for name in names if _has_any(folder, name, is_one)]


def _list_changed(folder: Folder) -> int:
    """When somebody was forgotten last; 0: nobody ever. In a thread."""
    try:
        return (folder.models / "forgotten").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def without_ids_before(folder: Folder, names: Iterable[str], changed: int) -> list[str]:
    """Those of the transcripts `names` that were made before the list of who is forgotten was
    `changed` (its time), and do not say by whom all of it is: who is forgotten may stand there
    without a name. In a thread."""
    return [
        name
        for name in names
        if _made_at(folder, name) < changed and _has_any(folder, name, lambda line: _NOBODY in line)
    ]


def _made_at(folder: Folder, name: str) -> int:
    try:
        return folder.model(name).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _has_any(folder: Folder, name: str, is_one: Callable[[str], bool]) -> bool:
    try:
        with folder.model(name).open(encoding="utf-8", errors="replace") as file:
            return any(is_one(line) for line in file)
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
