"""A fake homeserver in this process, for faults that a real one cannot be made to show.

Just enough of the Client-Server API for the bot, over real HTTP or without a network
(`direct.py`): `/sync` with limited timelines, `/messages` with pages, transaction ids by
device, joining by alias or invitation, state. It checks no power levels and has one server name.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from copy import deepcopy
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from aiohttp import web
from yarl import URL

from fosdembot.clock import Clock, WallClock, at_most

from .events import Json
from .fake_requests import Answered, Fault, Login, Refused, Request
from .fake_rooms import FakeRoom, Stream

SERVER = "fake.test"
ADMIN = f"@admin:{SERVER}"

Endpoint = Callable[[Request], Awaitable[Json]]


class FakeHomeserver:
    """`async with` starts and stops it, on a free port of 127.0.0.1. Without that, it answers
    who asks it in this process (`direct.py`)."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock: Clock = clock or WallClock()
        self.url = f"https://{SERVER}"
        self.requests: Counter[str] = Counter()
        """Requests by endpoint: `sync`, `messages`, `send`, `state`, `join` and so on."""
        self.page_at_most = 1000
        self.raw: dict[str, bytes] = {}
        """What is sent in place of a JSON string."""
        self.aliases: dict[str, str] = {}
        self.media: dict[str, bytes] = {}
        """Files by their `mxc://` addresses."""
        self.openid: dict[str, str] = {}
        """By OpenID token whose it is."""
        self.is_away = False
        """Whether nobody is told whose an OpenID token is."""
        self.largest_file = 50_000_000
        """Bytes that it takes."""
        self.rooms: dict[str, FakeRoom] = {}
        self.account_data: dict[tuple[str, str], Json] = {}
        """By user and type."""
        self._stream = Stream(lambda: self.clock)
        self._faults: list[Fault] = []
        self._sent: dict[tuple[str, ...], str] = {}
        self._endpoints: dict[str, Endpoint] = {
            "sync": self._sync,
            "messages": self._messages,
            "send": self._send,
            "redact": self._redact,
            "event": self._event,
            "timestamp_to_event": self._event_near,
            "context": self._context,
            "relations": self._relations,
            "createRoom": self._create_room,
            "state": self._state,
            "join": self._join,
            "leave": self._leave,
            "invite": self._invite,
            "whoami": self._whoami,
            "joined_rooms": self._joined_rooms,
            "joined_members": self._joined_members,
            "directory": self._directory,
            "profile": self._profile,
            "account_data": self._account_data,
        }

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/_matrix/client/{path:.*}", self._serve)
        app.router.add_get("/_matrix/federation/v1/openid/userinfo", self._userinfo)
        # With 0, aiohttp would wait for all answers that are under way, as those to `/sync`.
        self._runner = web.AppRunner(app, shutdown_timeout=0.01, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        address = self._runner.addresses[0]
        self.url = f"http://127.0.0.1:{address[1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

    # What tests do.

    def log_in(self, user: str, device: str = "DEVICE") -> Login:
        return Login(URL(self.url), f"{user}|{device}")

    def fail(self, fault: Fault) -> Fault:
        """Let something go wrong; returns the fault."""
        self._faults.append(fault)
        return fault

    def forget_transactions(self) -> None:
        """As a homeserver does after a day."""
        self._sent.clear()

    def known(self) -> str:
        """All that makes a difference to what it answers, for comparison."""
        return repr((self.rooms, self.aliases, self.account_data, self._sent))

    def copy(self, clock: Clock) -> FakeHomeserver:
        """Another one that knows the same, and goes on by itself."""
        made = FakeHomeserver(clock)
        made._stream.position = self._stream.position
        mine = self.rooms, self.aliases, self.account_data, self._sent
        copied = deepcopy(mine, {id(self._stream): made._stream})
        made.rooms, made.aliases, made.account_data, made._sent = copied
        return made

    def keep(self, file: bytes) -> str:
        """Somebody uploads a file; returns its address."""
        address = f"mxc://{SERVER}/{len(self.media)}"
        self.media[address] = file
        return address

    def create_room(
        self,
        alias: str | None = None,
        members: Sequence[str] = (),
        *,
        creator: str = ADMIN,
        version: str = "11",
        public: bool = True,
        canonical: bool = True,
        create: Json | None = None,
    ) -> FakeRoom:
        """A room; `alias` in full, and its canonical one unless told otherwise."""
        room = FakeRoom(f"!room{len(self.rooms)}:{SERVER}", self._stream, public)
        self.rooms[room.room_id] = room
        room.add(creator, "m.room.create", {"room_version": version, **(create or {})}, "")
        room.set_membership(creator, creator, "join")
        room.add(creator, "m.room.power_levels", {"users": {creator: 100}}, "")
        if alias is not None:
            self.aliases[alias] = room.room_id
            if canonical:
                room.add(creator, "m.room.canonical_alias", {"alias": alias}, "")
        for member in members:
            room.set_membership(member, member, "join")
        return room

    # The API.

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        path, token = request.raw_path.partition("?")[0], request.headers["Authorization"]
        asked_for = await request.json() if request.can_read_body else {}
        answered = await self.answer(
            token.removeprefix("Bearer "),
            path.removeprefix("/_matrix/client/"),
            dict(request.query),
            asked_for,
        )
        if answered.is_lost and request.transport is not None:
            request.transport.abort()
        return web.Response(
            body=answered.body, status=answered.status, content_type="application/json"
        )

    async def _userinfo(self, request: web.Request) -> web.StreamResponse:
        person = self.openid.get(request.query.get("access_token", ""))
        if person is None:
            return web.json_response({"errcode": "M_UNKNOWN_TOKEN"}, status=401)
        return web.json_response({"sub": person})

    async def answer(
        self, token: str, raw_path: str, query: dict[str, str], body: Json
    ) -> Answered:
        """Do what is asked by who logged in with `token`; `raw_path` begins with a version."""
        path = [unquote(part) for part in raw_path.split("/")[1:]]
        name = next(part for part in path if part in self._endpoints)
        self.requests[name] += 1
        fault = self._next_fault(name, path)
        if fault is not None and fault.hold is not None:
            await fault.hold.wait()
        if fault is not None and fault.answer is not None:
            return Answered(fault.answer[0], json.dumps(fault.answer[1]).encode())
        user, _, device = token.partition("|")
        try:
            answer = await self._endpoints[name](Request(user, device, path, query, body))
        except Refused as err:
            refusal = {"errcode": err.errcode, "error": "refused"}
            return Answered(err.status, json.dumps(refusal).encode())
        told = json.dumps(answer).encode()
        for text, raw in self.raw.items():
            told = told.replace(json.dumps(text).encode(), raw)
        return Answered(200, told, is_lost=fault is not None and fault.lose)

    def _next_fault(self, endpoint: str, path: Sequence[str]) -> Fault | None:
        for fault in self._faults:
            concerned = fault.room is None or fault.room in path
            if fault.endpoint == endpoint and concerned and fault.times > 0:
                fault.times -= 1
                fault.met.set()
                return fault
        return None

    async def _whoami(self, asked: Request) -> Json:
        return {"user_id": asked.user, "device_id": asked.device}

    async def _profile(self, asked: Request) -> Json:
        return {"displayname": "Fake"}

    async def _account_data(self, asked: Request) -> Json:
        key = asked.user, asked.path[-1]
        if asked.body:
            self.account_data[key] = asked.body
        elif key not in self.account_data:
            raise Refused(404, "M_NOT_FOUND")
        return self.account_data[key]

    async def _joined_rooms(self, asked: Request) -> Json:
        return {"joined_rooms": [r.room_id for r in self._rooms_of(asked.user, "join")]}

    async def _joined_members(self, asked: Request) -> Json:
        room = self._room(asked)
        profiles = {
            user: {"display_name": room.state["m.room.member", user]["content"].get("displayname")}
            for user in room.members("join")
        }
        return {"joined": profiles}

    async def _directory(self, asked: Request) -> Json:
        if (room_id := self.aliases.get(asked.path[-1])) is None:
            raise Refused(404, "M_NOT_FOUND")
        return {"room_id": room_id, "servers": [SERVER]}

    async def _join(self, asked: Request) -> Json:
        address = asked.path[asked.path.index("join") + 1]
        room = self.rooms.get(self.aliases.get(address, address))
        if room is None:
            raise Refused(404, "M_NOT_FOUND")
        before = room.membership(asked.user)
        if before == "ban" or not (room.public or before in ("invite", "join")):
            raise Refused(403, "M_FORBIDDEN")
        if before != "join":
            room.set_membership(asked.user, asked.user, "join")
        return {"room_id": room.room_id}

    async def _leave(self, asked: Request) -> Json:
        room = self.rooms[asked.path[asked.path.index("rooms") + 1]]
        room.set_membership(asked.user, asked.user, "leave")
        return {}

    async def _invite(self, asked: Request) -> Json:
        self._room(asked).set_membership(asked.user, asked.body["user_id"], "invite")
        return {}

    async def _send(self, asked: Request) -> Json:
        room = self._room(asked)
        kind, txn_id = asked.path[-2:]
        key = (asked.device, room.room_id, kind, txn_id)
        if key not in self._sent:
            if kind == "m.reaction" and room.has_reacted(asked.user, asked.body):
                raise Refused(400, "M_DUPLICATE_ANNOTATION")
            event = room.add(asked.user, kind, asked.body, device=asked.device, txn_id=txn_id)
            self._sent[key] = event["event_id"]
        return {"event_id": self._sent[key]}

    async def _redact(self, asked: Request) -> Json:
        room = self._room(asked)
        event_id, txn_id = asked.path[-2:]
        key = (asked.device, room.room_id, event_id, txn_id)
        if key not in self._sent:
            if room.event(event_id) is None:
                raise Refused(404, "M_NOT_FOUND")
            redaction = room.redact(
                asked.user, event_id, asked.body, device=asked.device, txn_id=txn_id
            )
            self._sent[key] = redaction["event_id"]
        return {"event_id": self._sent[key]}

    async def _event(self, asked: Request) -> Json:
        room = self._room(asked)
        if (event := room.event(asked.path[-1])) is None:
            raise Refused(404, "M_NOT_FOUND")
        edits = [e for e in room.related(event["event_id"], "m.replace") if e != event]
        own = [edit for edit in edits if edit["sender"] == event["sender"]]
        if not own:
            return event
        relations = {"m.relations": {"m.replace": own[0]}}
        return {**event, "unsigned": {**event["unsigned"], **relations}}

    async def _event_near(self, asked: Request) -> Json:
        found = self._room(asked).near(int(asked.query["ts"]), asked.query["dir"])
        if found is None:
            raise Refused(404, "M_NOT_FOUND")
        return {key: found[key] for key in ("event_id", "origin_server_ts")}

    async def _context(self, asked: Request) -> Json:
        room = self._room(asked)
        if (event := room.event(asked.path[-1])) is None:
            raise Refused(404, "M_NOT_FOUND")
        return room.context(event)

    async def _relations(self, asked: Request) -> Json:
        event_id, kind = asked.path[-2:]
        found = self._room(asked).related(event_id, kind)
        start = int(asked.query.get("from", "0"))
        end = start + min(int(asked.query["limit"]), self.page_at_most)
        return {"chunk": found[start:end], **({"next_batch": str(end)} if found[end:] else {})}

    async def _create_room(self, asked: Request) -> Json:
        create = asked.body.get("creation_content", {})
        room = self.create_room(creator=asked.user, public=False, create=create)
        direct = {"is_direct": True} if asked.body.get("is_direct") else {}
        for user in asked.body.get("invite", []):
            room.set_membership(asked.user, user, "invite", **direct)
        return {"room_id": room.room_id}

    async def _state(self, asked: Request) -> Json:
        room = self._room(asked)
        kind, state_key = asked.path[asked.path.index("state") + 1 :][:2]
        current = room.state.get((kind, state_key))
        if not asked.body:
            if current is None:
                raise Refused(404, "M_NOT_FOUND")
            found: Json = current if asked.query.get("format") == "event" else current["content"]
            return found
        if current is None or current["content"] != asked.body:
            current = room.add(asked.user, kind, asked.body, state_key)
        return {"event_id": current["event_id"]}

    def _room(self, asked: Request) -> FakeRoom:
        room = self.rooms.get(asked.path[asked.path.index("rooms") + 1])
        if room is None or room.membership(asked.user) != "join":
            raise Refused(403, "M_FORBIDDEN")
        return room

    def _rooms_of(self, user: str, membership: str) -> list[FakeRoom]:
        return [room for room in self.rooms.values() if room.membership(user) == membership]

    async def _messages(self, asked: Request) -> Json:
        room = self._room(asked)
        event_filter = json.loads(asked.query["filter"])
        start, end = (_position(asked.query.get(name)) for name in ("from", "to"))
        limit = min(int(asked.query["limit"]), self.page_at_most)
        return room.page(asked.device, asked.query["dir"], start, end, limit, event_filter)

    async def _sync(self, asked: Request) -> Json:
        since = _position(asked.query.get("since"))
        deadline = self.clock.monotonic() + int(asked.query["timeout"]) / 1000
        filters = json.loads(asked.query["filter"])["room"]
        while True:
            news = self._stream.news
            sections = self._sections(asked, since, filters)
            if any(sections.values()) or self.clock.monotonic() >= deadline:
                return {"next_batch": f"s{self._stream.position}", "rooms": sections}
            try:
                async with at_most(self.clock, deadline - self.clock.monotonic()):
                    await news.wait()
            except TimeoutError:
                continue

    def _sections(self, asked: Request, since: int | None, filters: Json) -> Json:
        sections: dict[str, Json] = {"join": {}, "invite": {}, "leave": {}}
        wanted = filters.get("rooms")
        if wanted == []:
            return sections
        for room in self.rooms.values():
            now = room.membership(asked.user)
            if now != "invite" and wanted is not None and room.room_id not in wanted:
                continue
            before = room.membership_at(asked.user, since) if since is not None else "leave"
            if now == "invite" and before != "invite":
                sections["invite"][room.room_id] = {"invite_state": {"events": room.stripped()}}
            elif now == "join":
                part = room.joined(asked.device, since if before == "join" else None, filters)
                if since is None or part["timeline"]["events"] or part["state"]["events"]:
                    sections["join"][room.room_id] = part
            elif since is not None and now in ("leave", "ban") and before in ("join", "invite"):
                sections["leave"][room.room_id] = room.left(asked.user, asked.device, since)
        return sections


def _position(token: str | None) -> int | None:
    if token is None:
        return None
    if not token.startswith("s"):
        raise Refused(400, "M_UNKNOWN")
    return int(token[1:])
