"""Somebody who opens the bot's pages and streams by HTTP, without a browser."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from .waiting import wait_for

JSON = "application/json"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Event:
    """Of a stream."""

    id: str
    kind: str
    data: Any
    """Read from JSON."""


class Refused(Exception):
    """A stream is not opened."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status


@dataclass
class Stream:
    """An open stream, and what the page shows by what it was told."""

    response: aiohttp.ClientResponse
    events: list[Event] = field(default_factory=list)
    beats: int = 0
    """Which only keep the connection."""
    parts: dict[str, str] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """What a screen reader would have said."""
    is_over: bool = False
    """The bot has closed it."""

    async def until(
        self, condition: Callable[[Stream], object], what: str = "an event", seconds: float = 10
    ) -> None:
        """Until something is so of what was told."""

        async def is_so() -> bool:
            # What was sent in this process has to come through a socket.
            for _ in range(3):
                await asyncio.sleep(0)
            return bool(condition(self))

        await wait_for(is_so, seconds, f"{what} in {self.events!r:.800}", every=0.01)

    async def sees(self, words: str, seconds: float = 10) -> None:
        """Until these words are on the page."""
        await self.until(lambda page: words in page.shown, f"{words!r}", seconds)

    @property
    def shown(self) -> str:
        """Everything on the page, as HTML."""
        listed = [self.items[key] for key in self.order]
        return "\n".join([*self.parts.values(), *listed])

    async def read(self) -> None:
        """Until it is over."""
        lines: dict[str, list[str]] = {}
        async for raw in self.response.content:
            line = raw.decode().removesuffix("\n")
            if line:
                name, _, value = line.partition(":")
                lines.setdefault(name, []).append(value.removeprefix(" "))
            elif lines:
                self._take(lines)
                lines = {}
        self.is_over = True

    def _take(self, lines: Mapping[str, list[str]]) -> None:
        if "data" not in lines:
            return  # a remark of the connection itself
        if lines.get("event") == ["beat"]:
            self.beats += 1
            return
        data = json.loads("\n".join(lines["data"]))
        self.events.append(
            Event("".join(lines.get("id", [])), "".join(lines.get("event", [])), data)
        )
        if isinstance(data, dict):
            self.parts |= data.get("parts", {})
            self.items |= data.get("items", {})
            self.order = data.get("order", self.order)
            # As `list.js` does: an entry that comes back has to be told anew.
            self.items = {key: self.items[key] for key in self.order if key in self.items}
            self.said += [data["say"]] if "say" in data else []


class PageClient:
    """`url` is the public address of the pages. It keeps no cookies: each request says which."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=None),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._http is not None:
            await self._http.close()

    async def get(self, path: str, **who: Any) -> Answer:
        """`path` is relative to the pages; `who`: see `request`."""
        return await self.request("GET", path, **who)

    async def post(
        self,
        path: str,
        form: Mapping[str, str] | None = None,
        *,
        as_json: bool = True,
        act: str | None = None,
        **who: Any,
    ) -> Answer:
        """As the page does it: with an `act` of its own, and from its own origin. `as_json`: it
        wants JSON, as our module does; else a page, as a form does without it."""
        fields = {"act": act or secrets.token_hex(8), **(form or {})}
        headers = {"Origin": self.origin, "Content-Type": "application/x-www-form-urlencoded"}
        headers |= {"Accept": JSON} if as_json else {"Accept": "text/html"}
        headers |= who.pop("headers", {})
        body = urlencode(fields).encode()
        return await self.request("POST", path, body=body, headers=headers, **who)

    async def request(self, method: str, path: str, *, body: bytes = b"", **who: Any) -> Answer:
        """By whom: `cookie` (names and values), `key` (of a secret link), `bearer` (of a session
        in a frame); and `headers`."""
        async with self._sent(method, path, body, who) as response:
            return Answer(response.status, response.headers, await response.read())

    @asynccontextmanager
    async def stream(
        self, path: str, *, after: Stream | None = None, **who: Any
    ) -> AsyncIterator[Stream]:
        """An open page's stream, until the end of the block; Refused. `after`: the one that the
        same page had before its connection was lost."""
        if after is not None and after.events:
            path += ("&" if "?" in path else "?") + urlencode({"since": after.events[-1].id})
        async with self._sent("GET", path, b"", who) as response:
            if response.status != 200:
                raise Refused(response.status, await response.text())
            if after is None:
                stream = Stream(response)
            else:
                stream = replace(after, response=response, is_over=False)
            reading = asyncio.create_task(stream.read())
            try:
                yield stream
            finally:
                reading.cancel()
                with contextlib.suppress(asyncio.CancelledError, aiohttp.ClientError):
                    await reading

    @asynccontextmanager
    async def _sent(
        self, method: str, path: str, body: bytes, who: Mapping[str, Any]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        assert self._http is not None
        asks = self._http.request(
            method,
            _with_key(self.url + path, who.get("key")),
            data=io.BytesIO(body) if body else None,
            headers=_headers(who),
            allow_redirects=False,
        )
        async with asks as response:
            yield response


def _with_key(url: str, key: str | None) -> URL:
    if key is not None:
        url += ("&" if "?" in url else "?") + urlencode({"key": key})
    return URL(url, encoded=True)


def _headers(who: Mapping[str, Any]) -> dict[str, str]:
    headers = dict(who.get("headers", {}))
    if cookie := who.get("cookie"):
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookie.items())
    if bearer := who.get("bearer"):
        headers["Authorization"] = f"Bearer {bearer}"
    return headers
