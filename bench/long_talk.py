"""A homeserver, as a process of its own, of rooms in which much was said during a talk.

`python -m bench.long_talk EVENTS` prints its address and answers until its standard input ends. It
knows nothing but a room's history: messages, replies, threads, edits, reactions, redactions and
HTML, made before it says that it is there. So what it costs is nobody else's.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Sequence
from datetime import timedelta

from aiohttp import web

from bench.hall import NOW
from fosdembot.matrix.api import Json

PEOPLE = 2000
FIRST = NOW - timedelta(minutes=15)
"""When the first event was, with which the talk's chat begins; the last was an hour later, as the
talk ended."""
_LASTS = timedelta(hours=1)
_KINDS = 20
"""Of this many events, each is of another kind or answers another one."""


def event(number: int, count: int) -> Json:
    """Of so many."""
    sender = f"@user{number * 7919 % PEOPLE}:{'example.org' if number % 3 else 'far.example'}"
    kind, content = _said(number)
    made: Json = {
        "event_id": _id(number),
        "type": kind,
        "sender": sender,
        "origin_server_ts": int((FIRST + _LASTS * number / count).timestamp() * 1000),
        "room_id": "!room:example.org",
        "content": content,
        "unsigned": {"age": 123456},
    }
    if kind == "m.room.member":
        made["state_key"] = sender
    if kind == "m.room.redaction":
        made["redacts"] = content["redacts"]
    if not content:
        made["unsigned"]["redacted_because"] = event(number + 1, count)
    return made


def _said(number: int) -> tuple[str, Json]:
    """The type and content of an event."""
    rng = random.Random(number)
    before = _id(max(0, number - rng.randrange(1, 60)) // _KINDS * _KINDS)
    body = f"Number {number}: how small can a scheduler get, and what of it is in the kernel? "
    body *= rng.randrange(1, 4)
    content: Json = {"msgtype": "m.text", "body": body}
    match number % _KINDS:
        case 1 | 2 | 3 | 4 | 5 | 6:
            relation = {"rel_type": "m.annotation", "event_id": before, "key": rng.choice("👍❤🎉")}
            return "m.reaction", {"m.relates_to": relation}
        case 7:
            content["m.new_content"] = {"msgtype": "m.text", "body": f"{body}, I meant"}
            content["m.relates_to"] = {"rel_type": "m.replace", "event_id": _id(number - 7)}
        case 8 | 9:
            content["body"] = f"> <@somebody:example.org> How small?\n\n{body}"
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": before}}
        case 10:
            return "m.room.member", {"membership": "join", "displayname": f"Üser {number}"}
        case 11 | 12 | 13:
            content["format"] = "org.matrix.custom.html"
            content["formatted_body"] = (
                f"<p>{body}<b>bold</b> <code>x = 1</code> "
                f'<a href="https://example.org/{number}">a link</a></p>'
            )
        case 14:
            content["m.relates_to"] = {"rel_type": "m.thread", "event_id": before}
        case 15:
            content["body"] = f"{body} See https://example.org/{number}."
        case 16:
            return "m.room.message", {}  # it is redacted by the next one
        case 17:
            return "m.room.redaction", {"redacts": _id(number - 1)}
        case 18:
            return "m.sticker", {"body": "A sticker", "url": "mxc://example.org/sticker"}
    return "m.room.message", content


def _id(number: int) -> str:
    return f"$event{number:07}{'x' * 31}"


class History:
    """The same in each room."""

    def __init__(self, count: int) -> None:
        events = [event(number, count) for number in range(count)]
        self._senders = [each["sender"] for each in events]
        self._events = [json.dumps(each) for each in events]
        self._members = {sender: json.dumps(_member(sender)) for sender in set(self._senders)}

    def routes(self) -> Sequence[web.RouteDef]:
        room = "/_matrix/client/v3/rooms/{room}"
        near = "/_matrix/client/v1/rooms/{room}/timestamp_to_event"
        return [
            web.get(f"{room}/messages", self._messages),
            web.get(f"{room}/context/{{event}}", self._context),
            web.get(f"{room}/state/m.room.history_visibility/", _visibility),
            web.get(near, _near),
        ]

    async def _messages(self, request: web.Request) -> web.Response:
        start = int(request.query.get("from", "s0")[1:])
        end = min(start + int(request.query["limit"]), len(self._events))
        chunk = ",".join(self._events[start:end])
        state = ",".join(self._members[sender] for sender in set(self._senders[start:end]))
        goes_on = f', "end": "s{end}"' if end < len(self._events) else ""
        text = f'{{"start": "s{start}", "chunk": [{chunk}], "state": [{state}]{goes_on}}}'
        return web.Response(text=text, content_type="application/json")

    async def _context(self, _: web.Request) -> web.Response:
        first = {**json.loads(self._events[0]), "sender": "@bot:example.org"}
        return web.json_response({"event": first, "start": "s0", "end": "s1"})


async def _visibility(_: web.Request) -> web.Response:
    return web.json_response({"history_visibility": "shared"})


async def _near(_: web.Request) -> web.Response:
    return web.json_response({"event_id": _id(0), "origin_server_ts": 1})


def _member(person: str) -> Json:
    return {
        "event_id": f"$member-{person}",
        "type": "m.room.member",
        "sender": person,
        "state_key": person,
        "origin_server_ts": 1,
        "content": {
            "membership": "join",
            "displayname": f"Named {person[1:9]}",
            "avatar_url": "mxc://example.org/avatar",
        },
    }


async def run(count: int) -> None:
    app = web.Application()
    app.add_routes(History(count).routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    print(f"http://{host}:{port}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1])))
