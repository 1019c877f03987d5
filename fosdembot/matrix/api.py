"""Requests to the homeserver (Matrix Client-Server API), as raw dictionaries.

maubot's client is used for its address and token only: its own requests have no
time limit, drop `retry_after_ms`, and refuse events that are only slightly odd.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import quote

import aiohttp
from yarl import URL

from .wire import read_json

Json = dict[str, Any]

MAX_ANSWER_BYTES = 32 * 1024 * 1024
"""Read as JSON it takes ten times as much memory; whoever needs more asks for less at a time."""

LARGE_ANSWER_BYTES = 64 * 1024
"""Those above are read in a thread: a page of history takes many milliseconds."""

SENT_WITHIN = 20.0
"""Seconds for a request that sends something. It is made again; the homeserver knows it by its
transaction id, so a room that was only slow hears it once."""


class Account(Protocol):
    """Where and as whom; read at each request, since a new log-in may change the token."""

    base_url: URL
    token: str


class MatrixError(Exception):
    """The homeserver refused a request ("Standard error response")."""

    def __init__(
        self, status: int, errcode: str, message: str, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{errcode} ({status}): {message}")
        self.status = status
        self.errcode = errcode
        self.message = message
        self.retry_after = retry_after
        """Seconds to wait, where the limit was reached (429)."""


class HomeserverAway(Exception):
    """The homeserver could not be reached, or answered that it is in trouble (5xx)."""


class Unreadable(HomeserverAway):
    """The homeserver did what was asked, and its answer is too large, or is not what the
    specification says. The same request is likely to be answered like this again."""


@dataclass(frozen=True, slots=True)
class Answer:
    content: Json
    date: str
    """The server's time (RFC 9110, "Date"), as it was sent."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to send."""

    name: str
    mimetype: str
    content: bytes


async def ask(
    session: aiohttp.ClientSession,
    method: str,
    url: URL,
    body: Mapping[str, Any] | None = None,
    token: str = "",
    timeout: float = 60,
    redirects: bool = False,
    file: File | None = None,
) -> Answer:
    """Make one request, with a body in JSON or a file; `timeout` in seconds. Raises `MatrixError`
    and `HomeserverAway`."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if file is not None:
        headers["Content-Type"] = file.mimetype
    try:
        async with session.request(
            method,
            url,
            json=body if method != "GET" and file is None else None,
            data=file.content if file is not None else None,
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=10),
            allow_redirects=redirects,
        ) as response:
            raw = await _read_bounded(response)
            status, retry_after = response.status, response.headers.get("Retry-After")
            date = response.headers.get("Date", "")
    except (TimeoutError, aiohttp.ClientError, OSError) as err:
        raise HomeserverAway(f"{type(err).__name__}: {err}") from err
    return Answer(await content_of(status, raw, retry_after), date)


async def content_of(status: int, raw: bytes, retry_after: str | None = None) -> Json:
    """What an answer says. Raises `MatrixError` and `HomeserverAway`."""
    # A first answer of /sync with hundreds of rooms would hold the loop.
    is_large = len(raw) > LARGE_ANSWER_BYTES
    content = await asyncio.to_thread(read_json, raw) if is_large else read_json(raw)
    if not 200 <= status < 300:
        raise _error(status, content, retry_after)
    if content is None:
        raise Unreadable(f"HTTP {status} with {len(raw)} bytes that are no JSON object")
    return content


class Api:
    """The few endpoints that the bot uses. Raises `MatrixError` and `HomeserverAway`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        account: Account,
        dated: Callable[[str], None] = lambda date: None,
    ) -> None:
        """`dated` is called with the homeserver's time, as each answer bears it."""
        self._session = session
        self._account = account
        self._dated = dated

    @property
    def token(self) -> str:
        """The access token in use; another one may mean another device."""
        return self._account.token

    async def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Json:
        """Ask `path` below `/_matrix/client/`; `timeout` in seconds."""
        url, token = self._url(f"client/{path}", query), self._account.token
        answer = await ask(self._session, method, url, body, token, timeout)
        self._dated(answer.date)
        return answer.content

    async def upload(self, file: File) -> str:
        """Put a file into the homeserver's media repository ("Content repository"); returns its
        `mxc://` address. Each time it is another one."""
        url, token = self._url("media/v3/upload", {"filename": file.name}), self._account.token
        answer = await ask(self._session, "POST", url, None, token, file=file)
        return _named(answer.content, "content_uri")

    def _url(self, path: str, query: Mapping[str, str] | None) -> URL:
        base = str(self._account.base_url).rstrip("/")
        params = "&".join(f"{k}={_escaped(v)}" for k, v in (query or {}).items())
        return URL(f"{base}/_matrix/{path}" + (f"?{params}" if params else ""), encoded=True)

    async def login(self, user: str, password: str, device_id: str, device_name: str) -> Json:
        """Log in by password; `user` is an id or its local part. A device that is known
        already gets a new token, and the old one ends."""
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": user},
            "password": password,
            "device_id": device_id,
            "initial_device_display_name": device_name,
        }
        return await self.request("POST", "v3/login", body)

    async def openid_userinfo(self, openid_token: str) -> Json:
        """Whose an OpenID token is that our homeserver gave out ("OpenID")."""
        base = str(self._account.base_url).rstrip("/")
        query = f"access_token={quote(openid_token, safe='')}"
        url = URL(f"{base}/_matrix/federation/v1/openid/userinfo?{query}", encoded=True)
        return (await ask(self._session, "GET", url, timeout=10)).content

    async def whoami(self) -> Json:
        return await self.request("GET", "v3/account/whoami")

    async def sync(self, since: str | None, filter_: Json, wait: float) -> Json:
        """Long-poll for at most `wait` seconds."""
        query = {
            "filter": json.dumps(filter_, separators=(",", ":")),
            "timeout": str(int(wait * 1000)),
            "set_presence": "offline",
        }
        if since is not None:
            query["since"] = since
        return await self.request("GET", "v3/sync", query=query, timeout=wait + 120)

    async def messages(
        self,
        room: str,
        direction: str,
        start: str | None,
        end: str | None,
        filter_: Json,
        limit: int = 500,
        timeout: float = 60,
    ) -> Json:
        """One page of a room's history; `direction` is `f` or `b`."""
        query = {
            "dir": direction,
            "limit": str(limit),
            "filter": json.dumps(filter_, separators=(",", ":")),
        }
        if start is not None:
            query["from"] = start
        if end is not None:
            query["to"] = end
        path = f"v3/rooms/{quote(room, safe='')}/messages"
        return await self.request("GET", path, query=query, timeout=timeout)

    async def create_room(self, **content: Any) -> str:
        """Make a room ("createRoom"); returns its id."""
        return _named(await self.request("POST", "v3/createRoom", content), "room_id")

    async def invite(self, room: str, user_id: str) -> None:
        path = f"v3/rooms/{quote(room, safe='')}/invite"
        await self.request("POST", path, {"user_id": user_id})

    async def joined_rooms(self) -> list[str]:
        answer = await self.request("GET", "v3/joined_rooms")
        rooms = answer.get("joined_rooms")
        if not isinstance(rooms, list):
            raise Unreadable("an answer without joined_rooms")
        return [room for room in rooms if isinstance(room, str)]

    async def joined_members(self, room: str) -> Json:
        """Who is in a room, by user id what their profile there is (`display_name`): costly
        in a large one, see `rooms.py`."""
        answer = await self.request("GET", f"v3/rooms/{quote(room, safe='')}/joined_members")
        joined = answer.get("joined")
        return joined if isinstance(joined, dict) else {}

    async def join(self, address: str, via: str | None = None, timeout: float = 180) -> str:
        """Join by alias or id; returns the room's id. The homeserver goes on trying where it
        takes longer than `timeout` seconds; then `/sync` tells of it."""
        query = {"server_name": via, "via": via} if via else None
        path = f"v3/join/{quote(address, safe='')}"
        return _named(await self.request("POST", path, {}, query, timeout), "room_id")

    async def resolve(self, alias: str) -> str | None:
        """The id of the room that the alias leads to."""
        try:
            answer = await self.request("GET", f"v3/directory/room/{quote(alias, safe='')}")
        except MatrixError as err:
            if err.status != 404:
                raise
            return None
        return _named(answer, "room_id")

    async def leave(self, room: str, timeout: float = 60) -> None:
        path = f"v3/rooms/{quote(room, safe='')}/leave"
        await self.request("POST", path, {}, timeout=timeout)

    async def state(self, room: str, event_type: str, state_key: str = "") -> Json:
        path = f"v3/rooms/{quote(room, safe='')}/state/{quote(event_type, safe='')}"
        return await self.request("GET", f"{path}/{quote(state_key, safe='')}")

    async def find_state(self, room: str, event_type: str, state_key: str = "") -> Json | None:
        """The content of a state event; None where the room has no such one."""
        try:
            return await self.state(room, event_type, state_key)
        except MatrixError as err:
            if err.status != 404:
                raise
            return None

    async def find_state_event(self, room: str, event_type: str) -> Json | None:
        """A state event without a key, as a whole where the homeserver gives it so, and else its
        `content` alone; None where the room has no such one."""
        path = f"v3/rooms/{quote(room, safe='')}/state/{quote(event_type, safe='')}/"
        try:
            answer = await self.request("GET", path, query={"format": "event"})
        except MatrixError as err:
            if err.status != 404:
                raise
            return None
        is_whole = answer.get("type") == event_type and isinstance(answer.get("content"), dict)
        return answer if is_whole else {"content": answer}

    async def send(self, room: str, event_type: str, txn_id: str, content: Json) -> str:
        """Send a message event; the same `txn_id` on the same device sends it once."""
        path = f"v3/rooms/{quote(room, safe='')}/send/{quote(event_type, safe='')}"
        return await self._put_event(f"{path}/{quote(txn_id, safe='')}", content)

    async def redact(self, room: str, event_id: str, txn_id: str, content: Json) -> str:
        """Empty an event ("Redactions"); `content` is the redaction's own. The same `txn_id`
        on the same device sends it once."""
        path = f"v3/rooms/{quote(room, safe='')}/redact/{quote(event_id, safe='')}"
        return await self._put_event(f"{path}/{quote(txn_id, safe='')}", content)

    async def edits(self, room: str, event_id: str, sender: str) -> list[str]:
        """The events by which `sender` edited a message, those that are not redacted."""
        path = f"v1/rooms/{quote(room, safe='')}/relations/{quote(event_id, safe='')}/m.replace"
        query = {"limit": "100"}
        found: list[str] = []
        # Others may send as many as they like, which count for nothing.
        for _ in range(50):
            page = await self.request("GET", path, query=query, timeout=SENT_WITHIN)
            found += _ids_by(sender, page.get("chunk"))
            following = page.get("next_batch")
            if not isinstance(following, str):
                break
            query["from"] = following
        return found

    async def event(self, room: str, event_id: str) -> Json:
        """A single event; `MatrixError` (404) where there is none that we may see."""
        path = f"v3/rooms/{quote(room, safe='')}/event/{quote(event_id, safe='')}"
        return await self.request("GET", path)

    async def event_near(self, room: str, moment_ms: int, direction: str) -> Json:
        """The event of a room whose date is nearest to `moment_ms` (milliseconds since 1970),
        not after it (`b`) or not before it (`f`); `MatrixError` (404) where there is none, or the
        homeserver knows no such request ("Timestamp to event")."""
        path = f"v1/rooms/{quote(room, safe='')}/timestamp_to_event"
        query = {"ts": str(moment_ms), "dir": direction}
        return await self.request("GET", path, query=query)

    async def context(self, room: str, event_id: str) -> Json:
        """A single event with the positions before (`start`) and behind it (`end`)."""
        path = f"v3/rooms/{quote(room, safe='')}/context/{quote(event_id, safe='')}"
        return await self.request("GET", path, query={"limit": "0"})

    async def send_state(
        self, room: str, event_type: str, content: Json, state_key: str = ""
    ) -> str:
        path = f"v3/rooms/{quote(room, safe='')}/state/{quote(event_type, safe='')}"
        return await self._put_event(f"{path}/{quote(state_key, safe='')}", content)

    async def _put_event(self, path: str, content: Json) -> str:
        answer = await self.request("PUT", path, content, timeout=SENT_WITHIN)
        return _named(answer, "event_id")


async def _read_bounded(response: aiohttp.ClientResponse) -> bytes:
    raw = bytearray()
    async for chunk in response.content.iter_chunked(1 << 16):
        raw += chunk
        if len(raw) > MAX_ANSWER_BYTES:
            raise Unreadable(f"an answer of more than {MAX_ANSWER_BYTES} bytes")
    return bytes(raw)


@lru_cache(maxsize=64)
def _escaped(value: str) -> str:
    """A value in a query. Each request for what is new has the same filter, which is long."""
    return quote(value, safe="")


def _ids_by(sender: str, events: Any) -> list[str]:
    """The ids of the events that `sender` sent."""
    found = [e for e in events if isinstance(e, dict)] if isinstance(events, list) else []
    ids = [event.get("event_id") for event in found if event.get("sender") == sender]
    return [event_id for event_id in ids if isinstance(event_id, str)]


def _named(answer: Json, key: str) -> str:
    """The id that `answer` gives under `key`."""
    value = answer.get(key)
    if not isinstance(value, str) or not value:
        raise Unreadable(f"an answer without {key}")
    return value


def _error(status: int, answer: Json | None, retry_header: str | None) -> Exception:
    if answer is None or "errcode" not in answer or status >= 500:
        # A proxy's page, or the server's own trouble: neither speaks of our request.
        return HomeserverAway(f"HTTP {status}")
    retry_after = None
    if status == 429:
        retry_after = _seconds(answer.get("retry_after_ms"), 1000) or _seconds(retry_header, 1)
        retry_after = min(retry_after or 1.0, 3600.0)
    # In one line each: they go to the log.
    message, code = (" ".join(str(answer.get(key, "")).split()) for key in ("error", "errcode"))
    return MatrixError(status, code[:100], message[:500], retry_after)


def _seconds(value: object, unit: float) -> float | None:
    try:
        return max(0.0, float(str(value)) / unit)
    except ValueError:
        return None
