"""How stanzas reach a meeting's server: XMPP over WebSocket (RFC 7395), on aiohttp."""

from __future__ import annotations

import asyncio
import socket as sockets
import ssl
from contextlib import suppress
from typing import NoReturn

import aiohttp
from aiohttp import WSMsgType
from yarl import URL

from fosdembot.clock import Clock, at_most

from .meeting import MeetingError, Trouble
from .refusals import detail
from .stanzas import Element, read, write

LARGEST_FRAME = 4 * 1024 * 1024
"""Bytes; what is larger ends the connection. Nobody in a meeting can bring that about: servers take
stanzas of up to 512 kB from them, whose quotes they write as `&apos;`."""
SENDING_SECONDS = 15.0
"""For which a server may take nothing of what is sent to it."""
CLOSING_SECONDS = 2.0
_HANDSHAKE = aiohttp.ClientTimeout(total=15)


class Stream:
    """One connection. Whoever reads sets the deadline; a write has its own."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, clock: Clock) -> None:
        self._socket = socket
        self._clock = clock
        # One at a time: where several wait, aiohttp cancels all with the first that gives up.
        self._sending = asyncio.Lock()
        self._tcp: sockets.socket | None = socket.get_extra_info("socket")

    @classmethod
    async def connect(cls, http: aiohttp.ClientSession, url: str, clock: Clock) -> Stream:
        """Raises `MeetingError`, which does not repeat `url`: it may hold a token."""
        try:
            socket = await http.ws_connect(
                # As it is: yarl would encode a token once more.
                URL(url, encoded=True),
                protocols=("xmpp",),
                max_msg_size=LARGEST_FRAME,
                timeout=aiohttp.ClientWSTimeout(ws_close=CLOSING_SECONDS),
                # Compressed, a small frame could become a huge one.
                compress=0,
            )
        except aiohttp.WSServerHandshakeError as err:
            # That is what a proxy answers while the server behind it restarts.
            is_away = err.status >= 500 or err.status == 429
            trouble = Trouble.AWAY if is_away else Trouble.NO_WEBSOCKET
            raise MeetingError(trouble, f"HTTP status {err.status}") from None
        except (aiohttp.ClientError, OSError, ValueError) as err:
            raise not_reached(err) from None
        if socket.protocol != "xmpp":
            await socket.close()
            raise MeetingError(Trouble.NO_WEBSOCKET, "it speaks no XMPP")
        return cls(socket, clock)

    async def send(self, element: Element) -> None:
        """Raises `MeetingError` where the connection is lost."""
        try:
            async with at_most(self._clock, SENDING_SECONDS), self._sending:
                await self._socket.send_str(write(element))
        except TimeoutError:
            raise MeetingError(Trouble.AWAY, "the server takes nothing") from None
        except (aiohttp.ClientError, OSError) as err:
            raise MeetingError(Trouble.AWAY, type(err).__name__) from None

    async def receive(self) -> Element:
        """The next element. Raises `BadXml`, after which the next one can be received, and
        `MeetingError` where the connection is lost."""
        message = await self._socket.receive()
        if message.type is WSMsgType.TEXT:
            return read(message.data)
        if message.type is WSMsgType.BINARY:
            raise MeetingError(Trouble.UNREADABLE, "a binary frame")
        if isinstance(message.data, aiohttp.WebSocketError):
            raise MeetingError(Trouble.UNREADABLE, "a frame that is too large, or none")
        raise MeetingError(Trouble.AWAY, "the connection was closed")

    async def close(self) -> None:
        """Never raises."""
        try:
            async with at_most(self._clock, CLOSING_SECONDS):
                await self._socket.close()
        except (aiohttp.ClientError, OSError):
            pass
        finally:
            # A server that takes nothing would else keep the socket for minutes.
            if self._tcp is not None:
                with suppress(OSError):
                    self._tcp.shutdown(sockets.SHUT_RDWR)


def http_session(tls: ssl.SSLContext | None = None) -> aiohttp.ClientSession:
    """For connections to meetings: it keeps no cookies, verifies certificates (`tls`: by others
    than those of the system), follows no redirects (they might lead to a host that the settings do
    not name, with our token)."""
    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(_refuse_redirect)
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=_HANDSHAKE,
        trace_configs=[trace],
        # What is compressed could become huge.
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
        # Each meeting keeps a connection.
        connector=aiohttp.TCPConnector(limit=0, ssl=tls or True),
    )


def not_reached(err: Exception) -> MeetingError:
    """Why a request had no answer."""
    match err:
        case aiohttp.ClientConnectorDNSError():
            return MeetingError(Trouble.UNKNOWN_HOST)
        case aiohttp.ClientConnectorCertificateError():
            why = getattr(err.certificate_error, "verify_message", "")
            return MeetingError(Trouble.UNTRUSTED, detail(why))
        case _Redirected():
            return MeetingError(Trouble.NO_WEBSOCKET, "it redirects")
    return MeetingError(Trouble.AWAY, type(err).__name__)


class _Redirected(aiohttp.ClientError):
    pass


async def _refuse_redirect(*_: object) -> NoReturn:
    raise _Redirected
