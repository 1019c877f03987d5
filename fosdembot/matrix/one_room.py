"""For rehearsals: an account as if it were in a single room.

The account may be in hundreds of talk rooms, with the real bot at work there. A
rehearsal must not say a word in them, nor answer one. So it is not left to its
parts: what is not about its room neither leaves nor comes in here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import aiohttp

from .api import Account, Api, Json, MatrixError

_OF_NO_ROOM = re.compile(r"v3/(sync|joined_rooms|account/whoami|profile/[^/]+/displayname)")
_OF_A_ROOM = re.compile(r"v[13]/(?:rooms|join)/([^/]+)(?:/.*)?")


class OneRoom(Api):
    """Knows the room with the id `room` only; `MatrixError` for every other."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        account: Account,
        room: str,
        dated: Callable[[str], None] = lambda date: None,
    ) -> None:
        super().__init__(session, account, dated)
        self._room = room

    async def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Json:
        if not self._concerns_us(method, path):
            raise MatrixError(403, "M_FORBIDDEN", f"a rehearsal stays in {self._room}")
        answer = await super().request(method, path, body, query, timeout)
        if path == "v3/sync":
            answer["rooms"] = self._ours(answer.get("rooms"))
        elif path == "v3/joined_rooms":
            joined = answer.get("joined_rooms")
            ours = isinstance(joined, list) and self._room in joined
            answer["joined_rooms"] = [self._room] if ours else []
        return answer

    def _concerns_us(self, method: str, path: str) -> bool:
        if method == "GET" and _OF_NO_ROOM.fullmatch(path):
            return True
        room = _OF_A_ROOM.fullmatch(path)
        return room is not None and unquote(room[1]) == self._room

    def _ours(self, rooms: Any) -> Json:
        """Of `rooms` in a `/sync` answer (section → room → events) what is ours."""
        sections = rooms if isinstance(rooms, dict) else {}
        return {
            section: {self._room: parts[self._room]} if self._room in parts else {}
            for section, parts in sections.items()
            if isinstance(parts, dict)
        }
