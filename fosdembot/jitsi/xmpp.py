"""How the bot comes into an XMPP server as a guest (RFC 6120), to take part in its meetings.

It sends no media and asks the conference's focus for nothing.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

from fosdembot.clock import Clock, at_most

from . import refusals
from . import stanzas as xml
from .meeting import MeetingError, Trouble
from .stanzas import BadXml, Element, child, condition, is_a, make, sub
from .websocket import LARGEST_FRAME, Stream

ANSWER_SECONDS = 15.0
"""For which an answer of the server is waited for."""
PING_SECONDS = 20.0
"""Between two pings: oftener than any proxy closes idle connections."""
MOST_ANSWERS = 20
"""To questions of others that come at once, and then one a second: a server would throttle all we
say if we answered as fast as somebody can ask."""
MOST_UNREADABLE = 100
"""Frames one after another. Few are passed over: somebody in the meeting may have made the server
send them, and its history repeats them to who comes back."""
_LONGEST_JID = 3071


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server announces (XEP-0478, "Stream Limits"), in bytes and seconds."""

    max_bytes: int = LARGEST_FRAME
    idle_seconds: float = 0.0
    """0: it says nothing."""

    @property
    def ping_seconds(self) -> float:
        if not self.idle_seconds:
            return PING_SECONDS
        return max(1.0, min(PING_SECONDS, self.idle_seconds / 3))


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
        self._answers = float(MOST_ANSWERS)
        self._answered = clock.monotonic()

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
            element = await self._next()
            if not is_a(element, "iq"):
                return element
            if element.get("id") == self._pinged:
                self._pinged = ""

    async def ask(self, to: str, question: Element) -> Element:
        """The answer to a question, for who is the only reader. Raises `MeetingError`."""
        iq = make("iq", type="get", id=f"ask-{next(self._ids)}", to=to)
        iq.append(question)
        await self.send(iq)
        try:
            async with at_most(self._clock, ANSWER_SECONDS):
                while True:
                    element = await self._next()
                    if is_a(element, "iq") and element.get("id") == iq.get("id"):
                        return element
        except TimeoutError:
            raise MeetingError(Trouble.AWAY, "the server does not answer") from None

    async def _next(self) -> Element:
        """The next stanza that asks nothing of us."""
        unreadable = 0
        while True:
            try:
                element = await self.stream.receive()
            except BadXml as err:
                unreadable += 1
                if unreadable >= MOST_UNREADABLE:
                    raise MeetingError(Trouble.UNREADABLE, str(err)) from None
                continue
            if ended := refusals.of_stream(element):
                raise ended
            if not (is_a(element, "iq") and element.get("type") in ("get", "set")):
                return element
            answer = _answer(element) if self._may_answer() else None
            # Nobody makes us say more than the server takes.
            if answer is not None and self.takes(answer):
                await self.send(answer)

    def takes(self, element: Element) -> bool:
        """Whether the element is not larger than the server allows."""
        return len(xml.write(element).encode()) <= self.limits.max_bytes

    async def send(self, element: Element) -> None:
        """Raises `MeetingError`."""
        if not self.takes(element):
            raise MeetingError(Trouble.REFUSED, f"max-bytes is {self.limits.max_bytes}")
        await self.stream.send(element)

    async def keep_alive(self) -> None:
        """Pings (XEP-0199) until one is not answered, or cannot be sent; then closes the stream, so
        that `receive` ends. Any answer will do."""
        every = self.limits.ping_seconds
        try:
            while True:
                self._pinged = f"ping-{next(self._ids)}"
                ping = make("iq", type="get", id=self._pinged, to=self.domain)
                sub(ping, "ping", xml.PING)
                await self.send(ping)
                await self._clock.sleep(every)
                if self._pinged and every < ANSWER_SECONDS:
                    await self._clock.sleep(ANSWER_SECONDS - every)
                if self._pinged:
                    raise MeetingError(Trouble.AWAY, "the server does not answer")
        except MeetingError:
            await self.stream.close()
            raise

    async def close(self) -> None:
        """Never raises."""
        with suppress(MeetingError, TimeoutError):
            async with at_most(self._clock, 1):
                await self.stream.send(make("close", xml.FRAMING))
        await self.stream.close()

    async def _receive(self) -> Element:
        """While nobody else can make the server send anything."""
        try:
            return await self.stream.receive()
        except BadXml as err:
            raise MeetingError(Trouble.UNREADABLE, str(err)) from None

    async def _open(self) -> Element:
        """Opens the stream (RFC 7395, section 3.4); returns its features."""
        await self.stream.send(make("open", xml.FRAMING, to=self.domain, version="1.0"))
        while True:
            element = await self._receive()
            if is_a(element, "features", xml.STREAMS):
                self._read_limits(element)
                return element
            if not is_a(element, "open", xml.FRAMING):
                lost = refusals.of_stream(element)
                raise lost or MeetingError(Trouble.UNREADABLE, "no stream")

    def _read_limits(self, features: Element) -> None:
        found = child(features, "limits", xml.LIMITS)
        bytes_, idle = (
            _number(xml.words(found, name, xml.LIMITS)) for name in ("max-bytes", "idle-seconds")
        )
        self.limits = Limits(bytes_ or self.limits.max_bytes, idle or self.limits.idle_seconds)

    async def _log_in(self, features: Element) -> None:
        """As a guest, also with a token, which stands in the address (RFC 4505)."""
        offered = child(features, "mechanisms", xml.SASL)
        names = [each.text or "" for each in offered] if offered is not None else []
        if "ANONYMOUS" not in names:
            raise MeetingError(Trouble.NO_GUESTS, refusals.detail(" ".join(names)))
        await self.stream.send(make("auth", xml.SASL, mechanism="ANONYMOUS"))
        answer = await self._receive()
        if not is_a(answer, "success", xml.SASL):
            raise refusals.of_log_in(answer)

    async def _bind(self, features: Element) -> None:
        """RFC 6120, section 7."""
        if child(features, "bind", xml.BIND) is None:
            raise MeetingError(Trouble.UNREADABLE, "the server offers no address")
        request = make("iq", type="set", id="bind")
        sub(request, "bind", xml.BIND)
        await self.stream.send(request)
        answer = await self._receive()
        if lost := refusals.of_stream(answer):
            raise lost
        error = child(answer, "error")
        if error is not None:
            name, said = condition(error)
            raise MeetingError(Trouble.REFUSED, refusals.detail(said or name))
        jid = xml.words(child(answer, "bind", xml.BIND), "jid", xml.BIND)
        if not (jid.partition("@")[0] and "@" in jid and len(jid) <= _LONGEST_JID):
            raise MeetingError(Trouble.UNREADABLE, "the server gives no address")
        self.jid = jid

    def _may_answer(self) -> bool:
        now = self._clock.monotonic()
        self._answers = min(MOST_ANSWERS, self._answers + now - self._answered)
        self._answered = now
        if self._answers < 1:
            return False
        self._answers -= 1
        return True


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _answer(iq: Element) -> Element | None:
    """To a question of the server or of somebody in the meeting: what we are, that we are there,
    and that we can do nothing else. None: it can have no answer."""
    id_, sender = iq.get("id", ""), iq.get("from", "")
    if not 0 < len(id_) <= 1000 or len(sender) > _LONGEST_JID:
        return None
    asked = iq.get("type") == "get"
    reply = make("iq", type="result", id=id_)
    if sender:
        reply.set("to", xml.harmless(sender))
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
