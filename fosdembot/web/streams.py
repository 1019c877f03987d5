"""Tells an open page what has changed (HTML, "Server-sent events").

One task for each open page. It sends when its browser has taken what was sent before, so a slow
one holds up nobody, and the most that is kept for it is one message.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

from fosdembot.clock import Call, Clock

from .live import Live
from .refusals import Declined
from .requests import query_of
from .screens import Screen, Topic
from .stream_places import StreamPlaces
from .telling import seconds_until
from .watched import Looker

BEAT = 20.0
"""Seconds: so often something is sent, so that proxies keep the connection, and a browser that is
gone is noticed."""
RETRY_MS = (1_000, 5_000)
"""After how many milliseconds a page comes back that was cut off: between these, as all of them are
cut off together when the bot stops."""
SEND_BUFFER = 65_536
"""Bytes that the system keeps for a browser that does not read."""
GONE_MS = 60_000
"""Milliseconds until a connection is closed on which nothing arrives any more."""
Allowed = Callable[[], Awaitable[object]]
"""Raises `Declined` where somebody may not look any more."""


@dataclass(frozen=True, slots=True)
class Streams:
    live: Live
    clock: Clock
    places: StreamPlaces

    async def serve(
        self, request: web.Request, topic: Topic, allowed: Allowed | None = None
    ) -> web.StreamResponse:
        """Until the browser is gone, the bot stops, or `allowed` declines: that is asked at each
        beat, and when somebody's rights have changed. Raises `Declined` where too many pages are
        open."""
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
                "X-Content-Type-Options": "nosniff",
            }
        )
        since = request.headers.get("Last-Event-ID") or query_of(request).get("since", "")
        with self.places.taken(request):
            if request.method == "HEAD":
                return response
            looker = await self.live.look(topic, since)
            sending = _Sending(request, looker, self.clock)
            try:
                await response.prepare(request)
                _bound(request)
                sending.begin()
                with suppress(ConnectionError):
                    await self._tell(sending, response, allowed)
            finally:
                sending.end()
                self.live.leave(looker)
        return response

    async def _tell(
        self, sending: _Sending, response: web.StreamResponse, allowed: Allowed | None
    ) -> None:
        looker = sending.looker
        start = b"retry: %d\n\n" % random.randint(*RETRY_MS)
        while not looker.is_closed:
            if looker.must_ask and allowed is not None:
                # Before it is asked: a change that comes meanwhile is asked about once more.
                looker.must_ask = False
                try:
                    await allowed()
                except (Declined, web.HTTPException):
                    return
                continue
            data = start + looker.take(self.clock.monotonic(), self._seconds)
            start = b""
            if data:
                await sending.send(response, data)
            await looker.news.wait()

    def _seconds(self, screen: Screen) -> bytes:
        to_wall = self.clock.to_wall
        return seconds_until(screen.countdown, to_wall(self.clock.now()), to_wall)


@dataclass(slots=True)
class _Sending:
    """What goes to one page."""

    request: web.Request
    looker: Looker
    clock: Clock
    _is_under_way: bool = False
    _is_stuck: bool = False
    """It was at the last beat."""
    _next: Call | None = None

    def begin(self) -> None:
        self.looker.cut_off = self._cut_off
        self._next = self.clock.call_later(BEAT, self._beat)

    def end(self) -> None:
        self.looker.cut_off = None
        if self._next is not None:
            self._next.cancel()

    async def send(self, response: web.StreamResponse, data: bytes) -> None:
        """Returns once the browser has taken it."""
        self._is_under_way = True
        await response.write(data)
        await self.request.writer.drain()
        self._is_under_way = self._is_stuck = False

    def _beat(self) -> None:
        if self._is_stuck:
            self._cut_off()
            return
        self._is_stuck = self._is_under_way
        self.looker.beat()
        self._next = self.clock.call_later(BEAT, self._beat)

    def _cut_off(self) -> None:
        """Nobody waits for a browser that does not read."""
        if self._is_under_way and self.request.transport is not None:
            self.request.transport.abort()


def _bound(request: web.Request) -> None:
    """Let little be kept for a browser that does not read, and notice one that is gone."""
    transport = request.transport
    if transport is None:
        return
    transport.set_write_buffer_limits(high=0)
    connection = transport.get_extra_info("socket")
    if connection is None or connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, GONE_MS)
