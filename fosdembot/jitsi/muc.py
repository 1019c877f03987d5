"""A Jitsi meeting as an XMPP chat room (XEP-0045): who is in it, and what is said.

What Jitsi adds: names in `<nick>` (XEP-0172), the ways in which machines and visitors are marked
(`occupants.py`), a lobby before the room, and that nobody but the focus may open one
(`entering.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress

from fosdembot.clock import Clock, at_most

from . import refusals
from . import stanzas as xml
from .entering import Entrance, presence
from .happened import Happened
from .meeting import (
    Arrived,
    Event,
    Left,
    LineRefused,
    MeetingError,
    Participant,
    Said,
    Trouble,
)
from .occupants import LONGEST_ID, is_id, participant
from .pace import LinePace
from .stanzas import Element, child, condition, is_a, make, sub, words
from .xmpp import ANSWER_SECONDS, Session, end

LINES_PER_SECOND = 1.0
"""Servers limit what one connection sends, by bytes a second."""
LINES_AT_ONCE = 4
"""After a while in which nothing was said. They are less than the 10 kB that a server takes."""
MOST_PARTICIPANTS = 5_000
LONGEST_HEARD = 2_000
"""Characters of what somebody wrote; the rest is cut off."""
_CORRECTION = "urn:xmpp:message-correct:0"


class Meeting:
    """The bot in one meeting: a `Connection`. `vouched`: whether the server checks whom tokens
    name."""

    def __init__(
        self,
        session: Session,
        room: str,
        name: str,
        clock: Clock,
        log: logging.Logger,
        *,
        vouched: bool,
    ) -> None:
        self._session = session
        self._room = room
        self._name = name
        self._clock = clock
        self._log = log
        self._vouched = vouched
        # Newer servers refuse any other nick.
        self._nick = session.jid.partition("@")[0][:8]
        self._participants: dict[str, Participant] = {}
        self._known: frozenset[str] = frozenset()
        self._happened = Happened()
        self._is_lost = False
        """Whether it was said that some of what happened is not heard."""
        self._waiting: dict[str, asyncio.Future[None]] = {}
        """What we said and the meeting has not shown yet, by id."""
        self._pace = LinePace(LINES_PER_SECOND, LINES_AT_ONCE, clock)
        self._tasks: list[asyncio.Task[None]] = []

    async def enter(self, waits: Callable[[], None]) -> None:
        """Raises `MeetingError`. `waits` is called where somebody has to let us in."""
        entrance = Entrance(
            self._session, self._room, self._nick, self._name, self._clock, self._take
        )
        self._known = await entrance.enter(waits)
        self._tasks = [
            asyncio.create_task(self._read(), name=f"meeting {self._room}"),
            asyncio.create_task(self._keep_alive(), name=f"ping {self._room}"),
        ]

    # --- what a `Connection` does --------------------------------------------------

    @property
    def participants(self) -> Mapping[str, Participant]:
        return self._participants

    @property
    def known(self) -> frozenset[str]:
        return self._known

    async def ready(self) -> None:
        await self._pace.wait()

    async def say(self, id_: str, text: str, to: str | None = None) -> None:
        message = self._message(id_, to)
        sub(message, "body", xml.CLIENT, text)
        await self._send(id_, message, is_shown=to is None)

    async def retract(self, id_: str, to: str | None = None) -> None:
        name = f"retract-{id_}"
        message = self._message(name, to)
        sub(message, "retract", xml.RETRACT, id=id_)
        sub(message, "fallback", "urn:xmpp:fallback:0", for_=xml.RETRACT)
        await self._send(name, message, is_shown=to is None)

    async def next_event(self) -> Event:
        return await self._happened.next()

    async def close(self) -> None:
        self._end(MeetingError(Trouble.AWAY, "the bot left"))
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            await end(task)
        with suppress(MeetingError, TimeoutError):
            async with at_most(self._clock, 1):
                await self._session.send(presence(self._room, self._nick))
        await self._session.close()

    def _message(self, id_: str, to: str | None) -> Element:
        if to is None:
            return make("message", id=id_, to=self._room, type="groupchat")
        return make("message", id=id_, to=f"{self._room}/{to}", type="chat")

    async def _send(self, id_: str, message: Element, *, is_shown: bool) -> None:
        """`is_shown`: whether the meeting shows it to ourselves as well."""
        if not self._session.takes(message):
            raise LineRefused(f"max-bytes is {self._session.limits.max_bytes}")
        await self._pace.wait()
        if self._happened.ended is not None:
            raise self._happened.ended
        self._pace.started()
        if not is_shown:
            await self._session.send(message)
            return
        shown = self._waiting[id_] = asyncio.get_running_loop().create_future()
        try:
            await self._session.send(message)
            async with at_most(self._clock, ANSWER_SECONDS):
                await shown
        except TimeoutError:
            raise MeetingError(Trouble.AWAY, "what was said does not appear") from None
        finally:
            self._waiting.pop(id_, None)
            if shown.done() and not shown.cancelled():
                # Where the sending failed, nobody else asks for it.
                shown.exception()

    # --- what comes in -------------------------------------------------------------

    async def _read(self) -> None:
        try:
            while True:
                self._take(await self._session.receive())
        except MeetingError as err:
            self._end(err)
        except Exception as err:
            self._log.exception("%s: a stanza could not be read", self._room)
            self._end(MeetingError(Trouble.UNREADABLE, type(err).__name__))

    async def _keep_alive(self) -> None:
        try:
            await self._session.keep_alive()
        except MeetingError as err:
            self._end(err)

    def _end(self, why: MeetingError) -> None:
        self._happened.end(why)
        for shown in self._waiting.values():
            if not shown.done():
                shown.set_exception(why)

    def _take(self, element: Element) -> None:
        room, _, nick = element.get("from", "").partition("/")
        if room != self._room:
            return
        if is_a(element, "presence"):
            self._take_presence(element, nick)
        elif is_a(element, "message"):
            self._take_message(element, nick)

    def _take_presence(self, element: Element, nick: str) -> None:
        is_gone = element.get("type") == "unavailable"
        if nick == self._nick:
            if is_gone:
                self._end(refusals.of_leave(element))
            return
        if is_gone:
            left = self._participants.pop(nick, None)
            if left is not None:
                self._tell(Left(left))
            return
        if element.get("type") is not None or not is_id(nick):
            return
        if nick not in self._participants and len(self._participants) >= MOST_PARTICIPANTS:
            return
        somebody = participant(element, nick, vouched=self._vouched)
        if self._participants.get(nick) != somebody:
            self._participants[nick] = somebody
            self._tell(Arrived(somebody))

    def _take_message(self, element: Element, nick: str) -> None:
        id_, type_ = element.get("id", ""), element.get("type")
        is_past = child(element, "delay", xml.DELAY) is not None
        if type_ == "error":
            # What concerns us comes from the room; participants can send errors as well.
            if not nick:
                self._refused(id_, element)
        elif nick == self._nick:
            if type_ == "groupchat" and not is_past:
                self._shown(id_)
        elif type_ in ("groupchat", "chat") and not is_past and is_id(id_):
            self._heard(element, id_, nick, is_private=type_ == "chat")

    def _heard(self, element: Element, id_: str, nick: str, *, is_private: bool) -> None:
        sender = self._participants.get(nick)
        text = words(element, "body")[:LONGEST_HEARD]
        # What is corrected was heard already; what is taken back only says so.
        is_new = (
            child(element, "replace", _CORRECTION) is None
            and child(element, "retract", xml.RETRACT) is None
        )
        if sender is not None and text and is_new:
            self._tell(Said(id_, sender, text, _replied(element), is_private))

    def _shown(self, id_: str) -> None:
        waiting = self._waiting.get(id_)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def _refused(self, id_: str, element: Element) -> None:
        waiting = self._waiting.get(id_)
        if waiting is not None and not waiting.done():
            error = child(element, "error")
            name, said = condition(error) if error is not None else ("", "")
            waiting.set_exception(LineRefused(refusals.detail(said or name)))

    def _tell(self, event: Event) -> None:
        if not self._happened.tell(event) and not self._is_lost:
            self._is_lost = True
            self._log.warning("%s: too much happens at once; some is not heard", self._room)


def _replied(element: Element) -> str | None:
    """Clients send the mark with its namespace or without."""
    for namespace in (xml.REPLY, xml.CLIENT):
        reply = child(element, "reply", namespace)
        if reply is not None:
            return (reply.get("id") or reply.get("to") or "")[:LONGEST_ID] or None
    return None
