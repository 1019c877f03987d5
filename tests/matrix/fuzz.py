"""Answers of `/sync` as nobody should send them, as bytes; and who must take them in.

Each answer tells of a few rooms. Most of it is right; something in it was made odd: a value
anywhere, an event, a section, or the bytes themselves. The homeserver here stands by what it
said: whatever is asked in whatever portions, the odd event comes with the same bytes.
"""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import aiohttp
from yarl import URL

from fosdembot.matrix.answers import read_sync
from fosdembot.matrix.api import Api, Json, Unreadable
from fosdembot.matrix.wire import read_json

BOT = "@bot:fuzz.test"
ADA = "@ada:fuzz.test"
ROOMS = [f"!room{number}:fuzz.test" for number in range(4)]

ODD_VALUES: list[bytes] = [
    b"null",
    b"true",
    b"0",
    b"-1",
    b"1e999",
    b"NaN",
    b"-Infinity",
    b"9" * 5000,
    b"9" * 25,
    b"1.5",
    b'""',
    b'"x"',
    b'"\\ud800"',
    b'"\\udfff\\ud800"',
    b'"\\u0000"',
    b'"a\\nERROR forged"',
    b'"\x00\n\x1f"',
    b'"\xff\xfe\xc3"',
    b'"' + b"x" * 70_000 + b'"',
    b"[]",
    b"{}",
    b"[null, 5, [], {}]",
    b'{"membership": "leave"}',
    b'{"event_id": "$x", "type": 5}',
    b"[" * 1000 + b"]" * 1000,
    b'{"a":' * 3000 + b"1" + b"}" * 3000,
]
BROKEN: list[bytes] = [b"", b'"', b"}", b"]", b"\\", b"\xef\xbb\xbf", b'"x" "y"', b"tru", b"\x00"]


def event_id(seed: int, number: int) -> str:
    """Of an event; with a checksum, so that none of another event is ever made of it by chance.
    No homeserver gives one to two events, and only the first would count."""
    name = f"{seed}-{number}"
    return f"${name}-{zlib.crc32(name.encode()):08x}"


@dataclass
class Said:
    """One thing that stands in a room: good, or as these bytes."""

    position: int
    room: str
    raw: bytes
    body: str | None
    """Of a good one what the bot must hear."""


@dataclass
class Fuzz:
    """Makes rooms full of good and odd events."""

    seed: int
    said: list[Said] = field(default_factory=list)
    odd_answer: bytes | None = None
    """What is answered instead once, in place of what is right."""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self._number = 0

    @property
    def position(self) -> int:
        return self.said[-1].position if self.said else 0

    def happen(self) -> list[str]:
        """Something happens in some rooms; returns what the bot must hear, room by room."""
        expected = []
        del self.said[:-400]
        for room in self.random.sample(ROOMS, self.random.randint(1, len(ROOMS))):
            odd = self.random.random() < 0.6
            where = self.random.randrange(3) if odd else -1
            for index in range(3):
                self._number += 1
                if index == where:
                    self._odd(room)
                else:
                    expected.append(self._good(room))
        return expected

    def _event(self, body: str) -> dict[str, Any]:
        return {
            "event_id": event_id(self.seed, self._number),
            "type": "m.room.message",
            "sender": ADA,
            "origin_server_ts": 1_700_000_000_000,
            "content": {"msgtype": "m.text", "body": body},
            "unsigned": {"age": 5},
        }

    def _good(self, room: str) -> str:
        body = f"{room} {self._number}"
        self._add(room, json.dumps(self._event(body)).encode(), body)
        return body

    def _odd(self, room: str) -> None:
        event = self._event("odd")
        if self.random.random() < 0.3:
            event["type"] = self.random.choice(
                ["m.room.member", "m.room.power_levels", "m.reaction"]
            )
            event["state_key"] = self.random.choice(["", ADA, BOT + "x"])
            event["content"] = {"membership": "join", "displayname": "odd", "users": {}}
        kind = self.random.random()
        if kind < 0.8:
            self._add(room, self._with_odd_value(event), None)
        elif kind < 0.95:
            self._add(room, self.random.choice(ODD_VALUES), None)
        else:
            raw = bytearray(json.dumps(event).encode())
            for _ in range(self.random.randint(1, 4)):
                raw[self.random.randrange(len(raw))] = self.random.randrange(256)
            if self.random.random() < 0.3:
                raw += self.random.choice(BROKEN)
            self._add(room, bytes(raw), None)

    def _with_odd_value(self, event: dict[str, Any]) -> bytes:
        """The event with an odd value in place of one of its own, or with one more."""
        target: Any = event
        while True:
            key = self.random.choice([*target, "more"])
            if isinstance(target.get(key), dict) and self.random.random() < 0.6:
                target = target[key]
                continue
            target[key] = "@@odd@@"
            break
        return json.dumps(event).encode().replace(b'"@@odd@@"', self.random.choice(ODD_VALUES))

    def _add(self, room: str, raw: bytes, body: str | None) -> None:
        self.said.append(Said(self.position + 1, room, raw, body))

    def answer_oddly(self) -> None:
        """The next answer tells nothing new, and is odd as a whole."""
        raw = self.sync(max(0, self.position - 12), {"timeline": {"limit": 100}})
        kind = self.random.random()
        if kind < 0.4:
            key = self.random.choice([b"next_batch", b"rooms", b"join", b"timeline", b"events"])
            key = b'"' + key + b'":'
            begin = raw.find(key) + len(key)
            end = self.random.choice([raw.find(b",", begin), raw.rfind(b"}"), len(raw) - 1])
            raw = raw[:begin] + self.random.choice(ODD_VALUES) + raw[end:]
        else:
            odd = bytearray(raw)
            for _ in range(self.random.randint(1, 6)):
                odd[self.random.randrange(len(odd))] = self.random.randrange(256)
            raw = bytes(odd[: self.random.choice([len(odd), self.random.randrange(len(odd))])])
        answer = read_json(raw) or {}
        # Where to ask on, a homeserver may leave out; it does not lead astray.
        if answer.get("next_batch", self._token) == self._token and not _tells_more(
            answer, self.seed
        ):
            self.odd_answer = raw

    @property
    def _token(self) -> str:
        return f"s{self.position}"

    # What the homeserver answers.

    def sync(self, since: int | None, filters: Json) -> bytes:
        rooms, limit = filters.get("rooms"), filters["timeline"].get("limit", 10)
        head = b'{"next_batch": "s%d", "rooms": {"join": {' % self.position
        parts = []
        for room in ROOMS if rooms is None else rooms:
            if since is None:
                parts.append(b'"%s": {}' % room.encode())
                continue
            new = [said for said in self.said if said.room == room and said.position > since]
            if not new:
                continue
            shown = new[-limit:]
            limited = b"true" if len(shown) < len(new) else b"false"
            before = shown[0].position - 1
            parts.append(
                b'"%s": {"timeline": {"events": [%s], "limited": %s, "prev_batch": "s%d"}}'
                % (room.encode(), b", ".join(s.raw for s in shown), limited, before)
            )
        return head + b", ".join(parts) + b"}}}"

    def messages(self, room: str, query: Mapping[str, str]) -> bytes:
        forward = query["dir"] == "f"
        start = int(query["from"][1:]) if "from" in query else self.position
        end = int(query["to"][1:]) if "to" in query else 0
        low, high = (start, end) if forward else (end, start)
        found = [s for s in self.said if s.room == room and low < s.position <= high]
        found = (found if forward else found[::-1])[: int(query["limit"])]
        end_of = ""
        if found:
            last = found[-1].position
            end_of = f', "end": "s{last if forward else last - 1}"'
        return b'{"chunk": [%s]%s}' % (b", ".join(s.raw for s in found), end_of.encode())


def _tells_more(answer: Json, seed: int) -> bool:
    """Whether an odd answer has become one that says something else: of a room, or, by another
    id, that a good event happened once more."""
    rooms = answer.get("rooms")
    if isinstance(rooms, dict) and not set(rooms) <= {"join"}:
        return True
    events = [event for part in read_sync(answer).joined for event in part.events]
    bodies = {event["event_id"]: str(event["content"].get("body")) for event in events}
    return any(
        body.startswith("!room") and name != _id_of(seed, body) for name, body in bodies.items()
    )


def _id_of(seed: int, body: str) -> str | None:
    number = body.rpartition(" ")[2]
    return event_id(seed, int(number)) if number.isdecimal() and number.isascii() else None


class FuzzApi(Api):
    """An account at the homeserver of `Fuzz`, without a network."""

    def __init__(self, fuzz: Fuzz, http: aiohttp.ClientSession) -> None:
        super().__init__(http, Nobody())
        self.fuzz = fuzz
        self.answers = 0
        """Answers of /sync that were read."""

    async def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Json:
        raw = await self._raw(path, dict(query or {}))
        answer = read_json(raw)
        if answer is None:
            raise Unreadable("no JSON object")
        return answer

    async def _raw(self, path: str, query: dict[str, str]) -> bytes:
        if path == "v3/joined_rooms":
            return json.dumps({"joined_rooms": ROOMS}).encode()
        if path == "v3/sync":
            self.answers += 1
            odd, self.fuzz.odd_answer = self.fuzz.odd_answer, None
            since = int(query["since"][1:]) if "since" in query else None
            return odd or self.fuzz.sync(since, json.loads(query["filter"])["room"])
        return self.fuzz.messages(unquote(path.split("/")[2]), query)


class Nobody:
    base_url = URL("http://127.0.0.1:9")
    token = ""
