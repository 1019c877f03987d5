"""How the bot comes into an XMPP server as a guest (RFC 6120), to take part in its meetings.

It sends no media and asks the conference's focus for nothing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import count

from fosdembot.clock import Clock, at_most

from . import stanzas as xml
from .meeting import MeetingError, Trouble
from .stanzas import Element, child, condition, is_a, make, sub
from .websocket import LARGEST_FRAME, Stream

ANSWER_SECONDS = 15.0
"""For which an answer of the server is waited for."""
_PING_SECONDS = 20.0
"""Between two pings: oftener than any proxy closes idle connections."""
_TOKEN_WORDS = ("token", "exp", "nbf", "aud", "iss", "sub", "kid", "signature", "room")
_SMALLEST_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server announces (XEP-0478, "Stream Limits"), in bytes and seconds."""

    max_bytes: int = LARGEST_FRAME
    idle_seconds: float = 0.0
    """0: it says nothing."""

    @property
    def ping_seconds(self) -> float:
        return min(_PING_SECONDS, self.idle_seconds / 3) if self.idle_seconds else _PING_SECONDS


class Session:
    """A guest's stream, from `enter` on. Its reader is whoever calls `receive`."""

    def __init__(self, stream: Stream, domain: str, clock: Clock) -> None:
        self.stream = stream
        self.domain = domain
        self.jid = ""
        self.limits = Limits()
        self._clock = clock
        self._ids = count(1)
        self._pinged = ""
        """The id of the ping that is not answered yet."""

    async def enter(self) -> None:
        """Raises `MeetingError`."""
        try:
            async with at_most(self._clock, ANSWER_SECONDS):
                await self._log_in(await self._open())
                await self._bind(await self._open())
        except TimeoutError:
            raise MeetingError(Trouble.AWAY, "the server does not answer") from None

    async def receive(self) -> Element:
        """The next stanza that is no question to us: those are answered here, since servers wait
        for each answer. Raises `MeetingError`."""
        while True:
            element = await self.stream.receive()
            if is_a(element, "close", xml.FRAMING) or is_a(element, "error", xml.STREAMS):
                raise MeetingError(Trouble.AWAY, "the server ended the connection")
            if not is_a(element, "iq"):
                return element
            if element.get("type") in ("get", "set"):
                await self.send(_answer(element))
            elif element.get("id") == self._pinged:
                self._pinged = ""

    async def send(self, element: Element) -> None:
        if len(xml.write(element).encode()) > self.limits.max_bytes:
            raise MeetingError(Trouble.UNREADABLE, "the server takes no stanza of this size")
        await self.stream.send(element)

    async def keep_alive(self) -> None:
        """Pings (XEP-0199) until one is not answered; then closes the stream, so that `receive`
        ends. Any answer will do."""
        while not self._pinged:
            self._pinged = f"ping-{next(self._ids)}"
            ping = make("iq", type="get", id=self._pinged, to=self.domain)
            sub(ping, "ping", xml.PING)
            await self.send(ping)
            await self._clock.sleep(self.limits.ping_seconds)
        await self.stream.close()

    async def close(self) -> None:
        """Never raises."""
        try:
            await self.stream.send(make("close", xml.FRAMING))
        except MeetingError:
            pass
        finally:
            await self.stream.close()

    async def _open(self) -> Element:
        """Opens the stream (RFC 7395, section 3.4); returns its features."""
        await self.stream.send(make("open", xml.FRAMING, to=self.domain, version="1.0"))
        while True:
            element = await self.stream.receive()
            if is_a(element, "features", xml.STREAMS):
                self._read_limits(element)
                return element
            if not is_a(element, "open", xml.FRAMING):
                raise MeetingError(Trouble.REFUSED, _stream_error(element))

    def _read_limits(self, features: Element) -> None:
        found = child(features, "limits", xml.LIMITS)
        bytes_, idle = (
            _number(xml.words(found, name, xml.LIMITS)) for name in ("max-bytes", "idle-seconds")
        )
        if bytes_ is not None:
            bytes_ = max(_SMALLEST_LIMIT, bytes_)
        self.limits = Limits(bytes_ or self.limits.max_bytes, idle or self.limits.idle_seconds)

    async def _log_in(self, features: Element) -> None:
        """As a guest, also with a token, which stands in the address (RFC 4505)."""
        offered = child(features, "mechanisms", xml.SASL)
        names = [each.text for each in offered] if offered is not None else []
        if "ANONYMOUS" not in names:
            raise MeetingError(Trouble.PASSWORD_NEEDED, "the server lets no guests in")
        await self.stream.send(make("auth", xml.SASL, mechanism="ANONYMOUS"))
        answer = await self.stream.receive()
        if not is_a(answer, "success", xml.SASL):
            raise refusal(*condition(answer, xml.SASL))

    async def _bind(self, features: Element) -> None:
        """RFC 6120, section 7."""
        if child(features, "bind", xml.BIND) is None:
            raise MeetingError(Trouble.REFUSED, "the server offers no address")
        request = make("iq", type="set", id="bind")
        sub(request, "bind", xml.BIND)
        await self.stream.send(request)
        answer = await self.stream.receive()
        bound = child(answer, "bind", xml.BIND)
        self.jid = xml.words(bound, "jid", xml.BIND)
        if not self.jid:
            error = child(answer, "error")
            raise refusal(*condition(error if error is not None else answer))


def refusal(name: str, said: str) -> MeetingError:
    """What a refusal of a guest means. Servers tell what is wrong with a token only in words
    (mod_auth_token of Jitsi Meet)."""
    lower = said.lower()
    if "token required" in lower:
        return MeetingError(Trouble.TOKEN_NEEDED)
    if "not acceptable by" in lower or any(word in lower.split() for word in _TOKEN_WORDS):
        return MeetingError(Trouble.TOKEN_REFUSED, detail(said))
    return MeetingError(Trouble.REFUSED, detail(said or name))


def detail(said: str) -> str:
    """Words of a server as one harmless line."""
    return " ".join(xml.harmless(said).split())[:200]


def _stream_error(element: Element) -> str:
    return detail(condition(element, "urn:ietf:params:xml:ns:xmpp-streams")[0] or "no stream")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _answer(iq: Element) -> Element:
    """To a question of the server or of somebody in the meeting: what we are, that we are there,
    and that we can do nothing else."""
    asked = iq.get("type") == "get"
    reply = make("iq", type="result", id=iq.get("id", "")[:200], to=iq.get("from", "")[:3072])
    query = child(iq, "query", xml.DISCO)
    if asked and child(iq, "ping", xml.PING) is not None:
        return reply
    if asked and query is not None:
        told = sub(reply, "query", xml.DISCO)
        sub(told, "identity", xml.DISCO, category="client", type="bot", name="fosdembot")
        for feature in (xml.DISCO, xml.PING):
            sub(told, "feature", xml.DISCO, var=feature)
        return reply
    reply.set("type", "error")
    error = sub(reply, "error", xml.CLIENT, type="cancel")
    sub(error, "feature-not-implemented", xml.STANZAS)
    return reply


async def end(task: asyncio.Task[None]) -> None:
    """Cancels what runs beside, and waits until it has ended."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
