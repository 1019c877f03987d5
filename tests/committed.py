"""What is committed in a bot's database, for a look at it after each step of a test.

By the bot's own way to its database that took as long as many a step.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fosdembot.matrix.api import Json


@dataclass(frozen=True)
class Said:
    """A message or an edit as it stands in the outbox."""

    room: str
    kind: str
    body: str
    content: Json
    key: str
    state: str

    @property
    def html(self) -> str:
        return str(self.content["formatted_body"])

    @property
    def facts(self) -> str:
        """Of a notice its kind, the number of its talk and the times it names: ` now 1 10:25`;
        `~` in place of the blank where it is an edit. Of anything else its words."""
        key = self.key.removeprefix("edit:")
        mark = " " if key == self.key else "~"
        if not (found := re.fullmatch(r"(\w+)/\w+/talk-(\d+)/\w+", key)):
            return f"{mark}{self.body}"
        return " ".join([f"{mark}{found[1]}", found[2], *re.findall(r"\d\d:\d\d", self.body)])


_SAID = """
    SELECT room_id, kind, content, key, state FROM outbox
    WHERE event_type = 'm.room.message' ORDER BY id
"""


def _said(room: str, kind: str, text: str, key: str, state: str) -> Said:
    content = json.loads(text)
    return Said(alias_of(room), kind, content["body"], content, key, state)


class Committed:
    """In the SQLite database `file`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._read: dict[tuple[str, ...], Said] = {}
        """Rows as they were at some time: most are the same after the next step."""

    async def outbox(self) -> list[Said]:
        """All messages and edits, in the order in which they were put in."""
        rows = await self._found(_SAID)
        self._read = {row: self._read.get(row) or _said(*row) for row in rows}
        return list(self._read.values())

    async def event(self, *keys: str) -> tuple[str, Json] | None:
        """Type and content of what is in the outbox under one of these keys."""
        places = ", ".join("?" * len(keys))
        query = f"SELECT event_type, content FROM outbox WHERE key IN ({places})"
        found = await self._found(query, *keys)
        assert len(found) < 2
        return (found[0][0], json.loads(found[0][1])) if found else None

    async def _found(self, query: str, *values: str) -> list[Any]:
        # Others have their turn, as whenever the bot looks something up.
        await asyncio.sleep(0)
        if self._connection is None:
            self._connection = sqlite3.connect(self._file)
        return self._connection.execute(query, values).fetchall()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


def alias_of(room: str) -> str:
    return "#" + room[1:]
