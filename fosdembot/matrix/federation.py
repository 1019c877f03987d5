"""Asks other homeservers for little things, by their names (Server-Server API, "Server discovery").

Whom we ask, strangers say: so only public addresses are reached, by https, without redirects, and
whatever comes back is bounded in size and time. What is not followed is delegation by SRV records,
for which one needs a DNS client of one's own: who uses them has to have a `.well-known` as well.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from fosdembot.clock import Clock, at_most

from .wire import read_json

PATIENCE = 8.0
"""Seconds for everything about one request: somebody waits for it."""
LARGEST = 16_384
"""Bytes of an answer; what we ask for has some hundred."""
_USUAL_PORT = 8448
_REMEMBERED, _FOR = 500, 3600.0
"""Servers of which we remember where they are, and for how many seconds."""
_FOR_UNSAID = 60.0
"""Seconds for which we remember that a server does not say where it is: perhaps it only failed."""
_NAME = re.compile(
    r"(?=.{1,230}\Z)(?P<host>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+)"
    r"(?::(?P<port>\d{1,5}))?\Z"
)
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|\d+)\Z")
_LOOK_UPS = ThreadPoolExecutor(4, thread_name_prefix="federation")
"""Looking a name up ends when its name server likes. Whoever has a slow one keeps none of the
threads busy in which the bot looks up its homeserver and reads schedules."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Unreachable(Exception):
    """The server could not be asked; or it is one that we ask nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    host: str
    port: int
    """0: none is named."""

    @classmethod
    def parse(cls, name: str) -> Place | None:
        """Of a server name. None where it is none, or not one that strangers may have us ask: an
        address in place of a name, or a port of something else."""
        found = _NAME.fullmatch(name.lower())
        # Some take "127.1" and "0x7f000001" for addresses. No top-level domain is a number.
        if found is None or _NUMBER.fullmatch(found["host"].rpartition(".")[2]):
            return None
        if found["port"] is None:
            return cls(found["host"], 0)
        port = int(found["port"])
        return cls(found["host"], port) if port == 443 or 1024 <= port < 65_536 else None

    def url(self, path: str, query: Mapping[str, str] | None = None) -> URL:
        port = self.port or _USUAL_PORT
        return URL.build(scheme="https", host=self.host, port=port, path=path, query=query or {})


def is_public(address: str) -> bool:
    """Whether an internet address is one that everybody can reach, and no other in disguise."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        inner: list[ipaddress.IPv4Address] = [
            each for each in (parsed.ipv4_mapped, parsed.sixtofour) if each is not None
        ]
        inner += parsed.teredo or ()
        if parsed in _NAT64:
            inner.append(ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF))
        if not all(is_public(str(each)) for each in inner):
            return False
        if parsed.ipv4_mapped is not None:
            return True
    return parsed.is_global and not parsed.is_multicast


class OwnThreads(AbstractResolver):
    """Finds addresses of names as the system does."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop, kind = asyncio.get_running_loop(), socket.SOCK_STREAM
        look_up = partial(socket.getaddrinfo, host, port, family, kind)
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=int(address[1]),
                family=found,
                proto=proto,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for found, _, proto, _, address in await loop.run_in_executor(_LOOK_UPS, look_up)
        ]

    async def close(self) -> None:
        pass


class PublicResolver(AbstractResolver):
    """Finds public addresses only. The connection goes to what is found here: a name cannot lead
    elsewhere in between."""

    def __init__(self, finds: AbstractResolver | None = None) -> None:
        self._finds = finds or OwnThreads()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._finds.resolve(host, port, family)
        public = [each for each in found if is_public(each["host"])]
        if not public:
            raise OSError("no public address")
        return public

    async def close(self) -> None:
        await self._finds.close()


def public_connector() -> aiohttp.BaseConnector:
    return aiohttp.TCPConnector(resolver=PublicResolver(), limit=4, force_close=True)


@dataclass(slots=True)
class Federation:
    clock: Clock
    connector: Callable[[], aiohttp.BaseConnector] = public_connector
    _places: OrderedDict[str, tuple[Place, float]] = field(default_factory=OrderedDict)
    """Of servers where they are, and until when that is believed."""

    async def get(self, server: str, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """What a server answers. Raises `Unreachable`, which names neither the address nor the
        query."""
        place = Place.parse(server)
        if place is None:
            raise Unreachable("not a server that is asked")
        try:
            async with (
                at_most(self.clock, PATIENCE),
                aiohttp.ClientSession(
                    connector=self.connector(),
                    cookie_jar=aiohttp.DummyCookieJar(),
                    auto_decompress=False,
                    headers={"Accept-Encoding": "identity"},
                    timeout=aiohttp.ClientTimeout(total=PATIENCE),
                ) as http,
            ):
                return await self._get(http, await self._find(http, place), path, query)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as err:
            raise Unreachable(type(err).__name__) from None

    async def _get(
        self, http: aiohttp.ClientSession, place: Place, path: str, query: Mapping[str, str]
    ) -> dict[str, Any]:
        found = await _read(http, place.url(path, query))
        if found is None:
            raise Unreachable("no answer that could be read")
        return found

    async def _find(self, http: aiohttp.ClientSession, place: Place) -> Place:
        if place.port:
            return place
        now = self.clock.monotonic()
        known, until = self._places.get(place.host, (None, now))
        if known is not None and now < until:
            return known
        said = await self._delegated(http, place)
        found = said or place
        self._places[place.host] = found, now + (_FOR if said is not None else _FOR_UNSAID)
        while len(self._places) > _REMEMBERED:
            self._places.popitem(last=False)
        return found

    async def _delegated(self, http: aiohttp.ClientSession, place: Place) -> Place | None:
        """Where the server says that it is; None where it says nothing, and is at its
        name."""
        try:
            said = await _read(http, Place(place.host, 443).url("/.well-known/matrix/server"))
        except (aiohttp.ClientError, OSError):
            said = None
        name = said.get("m.server") if said is not None else None
        if not isinstance(name, str):
            return None
        there = Place.parse(name)
        if there is None:
            raise Unreachable("delegates to what is not asked")
        return there


async def _read(http: aiohttp.ClientSession, url: URL) -> dict[str, Any] | None:
    """A small JSON object; None for anything else."""
    async with http.get(url, allow_redirects=False) as response:
        if response.status != 200:
            return None
        raw = bytearray()
        async for chunk in response.content.iter_chunked(4096):
            raw += chunk
            if len(raw) > LARGEST:
                return None
    return read_json(bytes(raw))
