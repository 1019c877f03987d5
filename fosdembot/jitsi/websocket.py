"""How stanzas reach a meeting's server: XMPP over WebSocket (RFC 7395), on aiohttp."""

from __future__ import annotations

import aiohttp
from aiohttp import WSMsgType

from .meeting import MeetingError, Trouble
from .stanzas import BadXml, Element, read, write

LARGEST_FRAME = 512 * 1024
"""Bytes. Servers pass on stanzas of up to 256 kB; what is larger ends the connection."""
_HANDSHAKE = aiohttp.ClientTimeout(total=15)


class Stream:
    """One connection. Whoever reads and writes sets the deadlines."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    @classmethod
    async def connect(cls, http: aiohttp.ClientSession, url: str) -> Stream:
        """Raises `MeetingError`, which does not repeat `url`: it may hold a token."""
        try:
            socket = await http.ws_connect(
                url,
                protocols=("xmpp",),
                max_msg_size=LARGEST_FRAME,
                timeout=aiohttp.ClientWSTimeout(ws_close=2),
                # Compressed, a small frame could become a huge one.
                compress=0,
            )
        except aiohttp.ClientConnectorDNSError:
            raise MeetingError(Trouble.UNKNOWN_HOST) from None
        except aiohttp.ClientSSLError as err:
            raise MeetingError(Trouble.UNTRUSTED, type(err.__cause__ or err).__name__) from None
        except aiohttp.WSServerHandshakeError as err:
            raise MeetingError(Trouble.NO_WEBSOCKET, f"HTTP status {err.status}") from None
        except (aiohttp.ClientError, OSError, ValueError) as err:
            raise MeetingError(Trouble.AWAY, type(err).__name__) from None
        if socket.protocol != "xmpp":
            await socket.close()
            raise MeetingError(Trouble.NO_WEBSOCKET, "it speaks no XMPP")
        return cls(socket)

    async def send(self, element: Element) -> None:
        """Raises `MeetingError` where the connection is lost."""
        try:
            await self._socket.send_str(write(element))
        except (aiohttp.ClientError, OSError) as err:
            raise MeetingError(Trouble.AWAY, type(err).__name__) from None

    async def receive(self) -> Element:
        """The next element. Raises `MeetingError` where the connection is lost, or what comes is
        no XML."""
        message = await self._socket.receive()
        if message.type is WSMsgType.TEXT:
            try:
                return read(message.data)
            except BadXml as err:
                raise MeetingError(Trouble.UNREADABLE, str(err)) from None
        if message.type is WSMsgType.BINARY:
            raise MeetingError(Trouble.UNREADABLE, "a binary frame")
        if isinstance(message.data, aiohttp.WebSocketError):
            raise MeetingError(Trouble.UNREADABLE, "a frame that is too large, or none")
        raise MeetingError(Trouble.AWAY, "the connection was closed")

    async def close(self) -> None:
        """Never raises."""
        try:
            await self._socket.close()
        except (aiohttp.ClientError, OSError):
            return


def http_session() -> aiohttp.ClientSession:
    """For connections to meetings: it keeps no cookies, and verifies certificates."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=_HANDSHAKE)
