"""A person at a Matrix client: as much of the Client-Server API as the demo needs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any
from urllib.parse import quote

from simulation.homeserver import Account, Homeserver

Json = dict[str, Any]
_LONGEST_PAGE = 1000
_FILTER = json.dumps({"room": {"timeline": {"limit": 100}}})


class Person:
    """Each request raises `ServerError` where the homeserver refuses it."""

    def __init__(self, homeserver: Homeserver, account: Account) -> None:
        self.user_id = account.user_id
        self._homeserver = homeserver
        self._token = account.access_token
        self._transactions = count(1)

    async def create_room(
        self,
        name: str,
        topic: str,
        alias: str | None,
        public: bool,
        power: Mapping[str, int],
        invite: Sequence[str],
    ) -> str:
        """Make a room, with this alias (a local part) if any; returns its id."""
        body = {
            "name": name,
            "topic": topic,
            "preset": "public_chat" if public else "private_chat",
            "power_level_content_override": {"users": power},
            "invite": invite,
        }
        made = await self._request(
            "POST", "createRoom", body | ({"room_alias_name": alias} if alias else {})
        )
        return str(made["room_id"])

    async def join(self, room: str) -> None:
        await self._request("POST", f"rooms/{quote(room)}/join", {})

    async def begin_chat(self, user_id: str) -> str:
        """Invite somebody to a direct chat; returns the room's id."""
        body = {"preset": "trusted_private_chat", "is_direct": True, "invite": [user_id]}
        return str((await self._request("POST", "createRoom", body))["room_id"])

    async def say(self, room: str, text: str, reply_to: str | None = None) -> str:
        """Returns the event's id."""
        relation = {"m.relates_to": {"m.in_reply_to": {"event_id": reply_to}}} if reply_to else {}
        return await self._send(room, "m.room.message", _text(text) | relation)

    async def edit(self, room: str, event_id: str, text: str) -> str:
        """Let one's own message say `text`; returns the edit's id."""
        relation = {"rel_type": "m.replace", "event_id": event_id}
        content = {"m.new_content": _text(text), "m.relates_to": relation}
        return await self._send(room, "m.room.message", _text(f"* {text}") | content)

    async def react(self, room: str, event_id: str, key: str) -> str:
        """Returns the reaction's id."""
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        return await self._send(room, "m.reaction", {"m.relates_to": relation})

    async def redact(self, room: str, event_id: str) -> str:
        """Take one's own event back; returns the redaction's id."""
        path = f"rooms/{quote(room)}/redact/{quote(event_id)}/{next(self._transactions)}"
        return str((await self._request("PUT", path, {}))["event_id"])

    async def sync(self, since: str | None, wait_seconds: float) -> Json:
        """The answer of `GET /sync`, after so many seconds at the latest."""
        query = f"timeout={wait_seconds * 1000:.0f}&filter={quote(_FILTER)}"
        return await self._request("GET", f"sync?{query}" + (f"&since={since}" if since else ""))

    async def history(self, room: str) -> list[Json]:
        """All events of a room, in order."""
        events: list[Json] = []
        query = f"dir=f&limit={_LONGEST_PAGE}"
        while True:
            page = await self._request("GET", f"rooms/{quote(room)}/messages?{query}")
            events += page["chunk"]
            if "end" not in page:
                return events
            query = f"dir=f&limit={_LONGEST_PAGE}&from={quote(page['end'])}"

    async def _send(self, room: str, kind: str, content: Json) -> str:
        path = f"rooms/{quote(room)}/send/{kind}/{next(self._transactions)}"
        return str((await self._request("PUT", path, content))["event_id"])

    async def _request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Json:
        return await self._homeserver.request(
            method, f"/_matrix/client/v3/{path}", body, self._token
        )


def _text(body: str) -> Json:
    return {"msgtype": "m.text", "body": body}
