"""A homeserver that is not there: it answers at once, from memory, in place of an HTTP client.

What the bot does with a request and its answer is all there, but for the network: so what is
measured is the bot's own. Messages that it sends come back with the next `/sync`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from yarl import URL

from fosdembot.matrix.api import Json

BOT = "@bot:example.org"
ADMIN = "@admin:example.org"


@dataclass(frozen=True, slots=True)
class Sent:
    """An event that the bot sent."""

    room: str
    type: str
    content: Json
    at: float
    """`time.monotonic()` when it came in."""


class Canned:
    """The account of a bot, and the `aiohttp.ClientSession` that asks its homeserver."""

    base_url = URL("http://127.0.0.1:9")
    token = "token"

    def __init__(self, rooms: Mapping[str, str]) -> None:
        self.rooms = rooms
        """Alias → id of the rooms that the bot is in."""
        self.requests: Counter[str] = Counter()
        self.sent: list[Sent] = []
        self._numbers = itertools.count(1)
        self._news: dict[str, list[Json]] = {}
        self._something = asyncio.Event()
        self._standing = json.dumps(self._all()).encode()

    @asynccontextmanager
    async def request(
        self, method: str, url: URL, json: Json | None = None, **_: Any
    ) -> AsyncIterator[_Response]:
        path = [unquote(part) for part in url.raw_path.split("/")[4:]]
        name = next((part for part in path if part in _ENDPOINTS), path[-1])
        self.requests[name] += 1
        body = await _ENDPOINTS.get(name, Canned._unknown)(self, path, json or {}, url)
        yield _Response(body)

    async def _sync(self, _path: Sequence[str], _body: Json, url: URL) -> bytes:
        if "since" not in url.query:
            return self._standing
        if not self._news and url.query["timeout"] != "0":
            self._something.clear()
            await self._something.wait()
            # A homeserver has gathered a few by the time it answers.
            await asyncio.sleep(0.02)
        news, self._news = self._news, {}
        joined = {room: {"timeline": {"events": events}} for room, events in news.items()}
        answer = {"next_batch": f"s{next(self._numbers)}", "rooms": {"join": joined}}
        return json.dumps(answer).encode()

    async def _send(self, path: Sequence[str], body: Json, _url: URL) -> bytes:
        _, room, how, kind, last = path
        event = {
            "event_id": f"$event{next(self._numbers)}",
            "type": kind,
            "sender": BOT,
            "origin_server_ts": int(time.time() * 1000),
            "content": body,
            "unsigned": {"transaction_id": last} if how == "send" else {},
        }
        if how == "state":
            event["state_key"] = last
        self.sent.append(Sent(room, kind, body, time.monotonic()))
        self._news.setdefault(room, []).append(event)
        self._something.set()
        return json.dumps({"event_id": event["event_id"]}).encode()

    async def _whoami(self, _path: Sequence[str], _body: Json, _url: URL) -> bytes:
        return json.dumps({"user_id": BOT, "device_id": "DEVICE"}).encode()

    async def _unknown(self, _path: Sequence[str], _body: Json, _url: URL) -> bytes:
        return b"{}"

    def _all(self) -> Json:
        joined = {
            room: {"state": {"events": _state(alias, room)}, "timeline": {"events": []}}
            for alias, room in self.rooms.items()
        }
        return {"next_batch": "s0", "rooms": {"join": joined}}


_ENDPOINTS: Mapping[str, Callable[..., Any]] = {
    "sync": Canned._sync,
    "send": Canned._send,
    "state": Canned._send,
    "whoami": Canned._whoami,
}


class _Response:
    """As much of `aiohttp.ClientResponse` as is asked for."""

    status = 200
    headers: Mapping[str, str] = {}

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.content = self

    async def iter_chunked(self, _size: int) -> AsyncIterator[bytes]:
        yield self._body


def _state(alias: str, room: str) -> list[Json]:
    """Of a public room, in which the bot is a moderator."""
    contents: list[tuple[str, str, Json]] = [
        ("m.room.create", "", {"room_version": "11"}),
        ("m.room.member", BOT, {"membership": "join"}),
        ("m.room.power_levels", "", {"users": {ADMIN: 100, BOT: 50}}),
        ("m.room.join_rules", "", {"join_rule": "public"}),
        ("m.room.canonical_alias", "", {"alias": alias}),
        ("m.room.name", "", {"name": f"Room {room}"}),
    ]
    return [
        {
            "event_id": f"${kind}-{room}",
            "type": kind,
            "sender": BOT if kind == "m.room.member" else ADMIN,
            "state_key": key,
            "origin_server_ts": 1,
            "content": content,
        }
        for kind, key, content in contents
    ]
