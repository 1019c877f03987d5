"""A **fake** of a Jitsi server, for what a real prosody cannot be made to do: faults, forged
stanzas, and what Jitsi's own Lua modules add.

It speaks XMPP over WebSocket (RFC 7395), serves a `config.js`, and answers each step of a guest as
a test says, else as Jitsi does. It knows one meeting, and one guest at a time.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Self
from xml.etree import ElementTree as ET

from aiohttp import WSMsgType, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DOMAIN = "meet.jitsi"
MUC = "muc.meet.jitsi"
LOBBY = "lobby.meet.jitsi"
NODE = "8c3f1b2a-0000-4000-8000-000000000000"
NICK = NODE[:8]
FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"
STREAMS = "http://etherx.jabber.org/streams"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"
MUC_USER = "http://jabber.org/protocol/muc#user"
_SECONDS = 10.0
"""For which a test waits for what the bot sends."""


class Step(Enum):
    """What a guest sends."""

    OPEN = "open"
    LOG_IN = "log in"
    OPEN_AGAIN = "open again"
    BIND = "bind"
    JOIN = "join"
    SAY = "say"
    PING = "ping"
    ANSWER = "answer"
    LEAVE = "leave"
    CLOSE = "close"


ENDS = "the connection ends"
"""In place of a frame: the server ends the connection without a word."""
NOTHING: Sequence[str] = ()
Answer = Callable[[ET.Element], Sequence[str]]


def features(*inside: str) -> str:
    return f'<features xmlns="{STREAMS}">{"".join(inside)}</features>'


def mechanisms(*names: str) -> str:
    offered = "".join(f"<mechanism>{name}</mechanism>" for name in names)
    return f'<mechanisms xmlns="{SASL}">{offered}</mechanisms>'


def error(name: str, said: str = "", inside: str = "") -> str:
    text = f'<text xmlns="{STANZAS}">{said}</text>' if said else ""
    return f'<error type="cancel"><{name} xmlns="{STANZAS}"/>{text}{inside}</error>'


def stream_error(name: str) -> str:
    about = f'<{name} xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>'
    return f'<error xmlns="{STREAMS}">{about}</error>'


def presence(sender: str, *codes: str, type_: str = "", inside: str = "", item: str = "") -> str:
    """Of an occupant. `item`: attributes of what the server says of them."""
    status = "".join(f'<status code="{code}"/>' for code in codes)
    given = f' type="{type_}"' if type_ else ""
    about = f'<x xmlns="{MUC_USER}"><item affiliation="none" {item}/>{status}</x>'
    if "affiliation" in item:
        about = about.replace('affiliation="none" ', "")
    return f'<presence xmlns="jabber:client" from="{sender}"{given}>{about}{inside}</presence>'


def message(sender: str, id_: str, inside: str, type_: str = "groupchat") -> str:
    return (
        f'<message xmlns="jabber:client" from="{sender}" id="{id_}" type="{type_}">'
        f"{inside}</message>"
    )


def body(text: str) -> str:
    return f"<body>{text}</body>"


DELAY = '<delay xmlns="urn:xmpp:delay" stamp="2026-01-31T09:00:00Z"/>'
SUBJECT = "<subject/>"


def named(name: str) -> str:
    return f'<nick xmlns="http://jabber.org/protocol/nick">{name}</nick>'


@dataclass
class FakeMeetingServer:
    """`async with` starts and stops it."""

    room: str = f"hall@{MUC}"
    answers: dict[Step, Sequence[str] | Answer] = field(default_factory=dict)
    """What is answered in place of what Jitsi does."""
    people: list[str] = field(default_factory=list)
    """Presences of who is there."""
    history: list[str] = field(default_factory=list)
    config_js: Callable[[web.Request], web.StreamResponse] | None = None
    refuses: Callable[[web.Request], web.StreamResponse | None] = lambda _: None
    """What is answered in place of a WebSocket."""
    protocols: Sequence[str] = ("xmpp",)
    tls: ssl.SSLContext | None = None
    port: int = field(default=0, init=False)
    paths: list[str] = field(default_factory=list, init=False)
    """All addresses that were asked for."""
    got: list[tuple[Step, ET.Element]] = field(default_factory=list, init=False)
    """All that guests sent."""
    connections: int = field(default=0, init=False)
    """How many guests came."""
    _news: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _socket: web.WebSocketResponse | None = field(default=None, init=False)
    _request: web.Request | None = field(default=None, init=False)
    _runner: web.AppRunner | None = field(default=None, init=False)

    @property
    def websocket(self) -> str:
        return f"ws://127.0.0.1:{self.port}/xmpp-websocket"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._asked)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self.tls)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._runner is not None
        self.break_off()
        await self._runner.cleanup()

    # What a test does.

    async def sends(self, *frames: str | bytes) -> None:
        """At any time; bytes are a binary frame. Who is gone misses it."""
        assert self._socket is not None
        with suppress(ConnectionError):
            for frame in frames:
                if frame == ENDS:
                    self.break_off()
                elif isinstance(frame, bytes):
                    await self._socket.send_bytes(frame)
                else:
                    await self._socket.send_str(frame)

    def writes(self, data: bytes) -> None:
        """Bytes that are no frame, or not a whole one."""
        assert self._request is not None
        assert self._request.transport is not None
        self._request.transport.write(data)

    def stops_reading(self) -> None:
        assert self._request is not None
        transport = self._request.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()

    def break_off(self) -> None:
        if self._request is not None and self._request.transport is not None:
            self._request.transport.abort()

    async def sees(self, step: Step, number: int = 1) -> ET.Element:
        """What a guest sent at this step, for the `number`th time."""
        async with asyncio.timeout(_SECONDS):
            while len(found := [element for at, element in self.got if at is step]) < number:
                self._news.clear()
                await self._news.wait()
        return found[number - 1]

    # What it does.

    async def _asked(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(request.path_qs)
        if request.path == "/config.js":
            assert self.config_js is not None, "a test says what it is"
            return self.config_js(request)
        if (refusal := self.refuses(request)) is not None:
            return refusal
        self.connections += 1
        self._request = request
        self._socket = socket = web.WebSocketResponse(protocols=self.protocols, autoping=True)
        await socket.prepare(request)
        opened = 0
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                break
            element = ET.fromstring(frame.data)
            step = _step(element, opened)
            opened += step in (Step.OPEN, Step.OPEN_AGAIN)
            self.got.append((step, element))
            self._news.set()
            answer = self.answers.get(step, _ANSWERS.get(step, NOTHING))
            frames = answer(element) if callable(answer) else answer
            if step is Step.JOIN and step not in self.answers:
                frames = self.lets_in(element)
            await self.sends(*frames)
        return socket

    def lets_in(self, element: ET.Element) -> Sequence[str]:
        """What one hears who may come in."""
        own = presence(element.get("to", ""), "100", "110")
        subject = message(self.room, "subject", SUBJECT)
        return [*self.people, own, *self.history, subject]


def _step(element: ET.Element, opened: int) -> Step:
    name = element.tag.rpartition("}")[2]
    match name, element.get("type", ""):
        case "open", _:
            return Step.OPEN_AGAIN if opened else Step.OPEN
        case "auth", _:
            return Step.LOG_IN
        case "iq", "set":
            return Step.BIND
        case "iq", "get":
            return Step.PING
        case "iq", _:
            return Step.ANSWER
        case "presence", "":
            return Step.JOIN
        case "presence", _:
            return Step.LEAVE
        case "message", _:
            return Step.SAY
    return Step.CLOSE


_OPEN = f'<open xmlns="{FRAMING}" from="{DOMAIN}" version="1.0" id="1"/>'
_BOUND = f'<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><jid>{NODE}@{DOMAIN}/r</jid></bind>'
BIND = '<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/>'


def opens(*inside: str) -> Sequence[str]:
    """What one hears who opens a stream."""
    return _OPEN, features(*inside)


def binds(jid: str) -> Sequence[str]:
    bound = _BOUND.replace(f"{NODE}@{DOMAIN}/r", jid)
    return (f'<iq xmlns="jabber:client" type="result" id="bind">{bound}</iq>',)


def echoes(element: ET.Element) -> Sequence[str]:
    """What was said, as all see it."""
    if element.get("type") != "groupchat":
        return NOTHING
    element.set("from", f"{element.attrib.pop('to')}/{NICK}")
    return (ET.tostring(element, encoding="unicode"),)


def _pongs(element: ET.Element) -> Sequence[str]:
    id_ = element.get("id")
    return (f'<iq xmlns="jabber:client" type="result" id="{id_}" from="{DOMAIN}"/>',)


_ANSWERS: dict[Step, Sequence[str] | Answer] = {
    Step.OPEN: opens(mechanisms("ANONYMOUS")),
    Step.LOG_IN: (f'<success xmlns="{SASL}"/>',),
    Step.OPEN_AGAIN: opens(BIND),
    Step.BIND: binds(f"{NODE}@{DOMAIN}/r"),
    Step.SAY: echoes,
    Step.PING: _pongs,
    Step.CLOSE: (f'<close xmlns="{FRAMING}"/>',),
}


def self_signed(folder: Path, days: int = 1) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For 127.0.0.1: what a server takes, and what somebody takes who trusts that one. `days`: for
    how many it is valid."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "meet.example.org")])
    now = datetime.now(UTC)
    begin, end = sorted((now - timedelta(minutes=5), now + timedelta(days=days)))
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    trusting = ssl.create_default_context(cadata=certificate.public_bytes(Encoding.PEM).decode())
    return server, trusting
