"""A Jitsi meeting as an XMPP chat room (XEP-0045): who is in it, what is said, how one comes in.

What Jitsi adds: names in `<nick>` (XEP-0172), a lobby before the room, the ways in which machines
and visitors are marked, and that nobody but the focus may open a room.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from fosdembot.clock import Clock, at_most
from fosdembot.matrix.pace import Pace

from . import stanzas as xml
from .meeting import (
    LONGEST_NAME,
    Arrived,
    Event,
    Kind,
    Left,
    LineRefused,
    MeetingError,
    Participant,
    Said,
    Trouble,
)
from .stanzas import Element, child, condition, is_a, make, sub, words
from .xmpp import ANSWER_SECONDS, Session, detail, end

LINES_PER_SECOND = 1.0
"""Servers limit what one connection sends, by bytes a second."""
MOST_PARTICIPANTS = 5_000
MOST_EVENTS = 500
"""That wait to be read; what comes beyond is not heard."""
LONGEST_HEARD = 2_000
"""Characters of what somebody wrote; the rest is cut off."""
_LONGEST_ID = 100
_HISTORY = "50"
"""Lines of the past that are asked for, to find our own among them."""
_SELF, _REMOVED = "110", frozenset({"301", "307", "321", "322"})
"""Status codes (XEP-0045, section 15.6): our own presence; banned, kicked, not a member."""
_FOCUS = "focus"


class Meeting:
    """The bot in one meeting: a `Connection`."""

    def __init__(
        self, session: Session, room: str, name: str, clock: Clock, log: logging.Logger
    ) -> None:
        self._session = session
        self._room = room
        self._name = name
        self._clock = clock
        self._log = log
        # Newer servers refuse any other nick.
        self._nick = session.jid.partition("@")[0][:8]
        self._participants: dict[str, Participant] = {}
        self._known: set[str] = set()
        self._events: asyncio.Queue[Event] = asyncio.Queue(MOST_EVENTS)
        self._waiting: dict[str, asyncio.Future[None]] = {}
        """What we said and the meeting has not shown yet, by id."""
        self._pace = Pace(LINES_PER_SECOND, clock)
        self._tasks: list[asyncio.Task[None]] = []
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    # --- coming in -----------------------------------------------------------------

    async def enter(self, waits: Callable[[], None]) -> None:
        """Raises `MeetingError`. `waits` is called where somebody has to let us in."""
        lobby = await self._join(self._room, waits_for_lobby=True)
        if lobby:
            waits()
            await self._wait_in(lobby)
            await self._join(self._room, waits_for_lobby=False)
        await self._read_history()
        self._tasks = [
            asyncio.create_task(self._read(), name=f"meeting {self._room}"),
            asyncio.create_task(self._keep_alive(), name=f"ping {self._room}"),
        ]

    async def _join(self, room: str, *, waits_for_lobby: bool) -> str:
        """Returns the lobby's address where one has to wait there, else nothing."""
        await self._session.send(self._presence(room))
        try:
            async with at_most(self._clock, ANSWER_SECONDS):
                while True:
                    element = await self._session.receive()
                    if not is_a(element, "presence") or not element.get("from", "").startswith(
                        f"{room}/"
                    ):
                        self._take(element)
                    elif element.get("type") == "error":
                        lobby = words(element, "lobbyroom", "jabber:client") or _lobby(element)
                        if lobby and waits_for_lobby:
                            return lobby
                        raise _not_let_in(element)
                    elif _SELF in _codes(element):
                        return ""
                    else:
                        self._take(element)
        except TimeoutError:
            raise MeetingError(Trouble.AWAY, "the meeting does not answer") from None

    async def _read_history(self) -> None:
        """It comes before the room's subject (XEP-0045, section 7.2.15)."""
        try:
            async with at_most(self._clock, ANSWER_SECONDS):
                while True:
                    element = await self._session.receive()
                    self._take(element)
                    if is_a(element, "message") and child(element, "subject") is not None:
                        return
        except TimeoutError:
            raise MeetingError(Trouble.AWAY, "the meeting does not say what it is about") from None

    async def _wait_in(self, lobby: str) -> None:
        """As long as it takes. Raises `MeetingError` where we are turned away."""
        await self._join(lobby, waits_for_lobby=False)
        alive = asyncio.create_task(self._keep_alive(), name=f"ping {lobby}")
        try:
            while True:
                element = await self._session.receive()
                about_lobby = element.get("from", "").partition("/")[0] == lobby
                about = child(element, "x", xml.MUC_USER)
                if is_a(element, "message") and about is not None:
                    if child(about, "invite", xml.MUC_USER) is not None and not about_lobby:
                        break
                elif about_lobby and _SELF in _codes(element) and _is_gone(element):
                    # The lobby was opened for all, or we were turned away.
                    if about is not None and child(about, "destroy", xml.MUC_USER) is not None:
                        break
                    raise MeetingError(Trouble.KICKED, "nobody let the bot in")
        finally:
            await end(alive)
        await self._session.send(self._presence(lobby, "unavailable"))

    def _presence(self, room: str, type_: str = "") -> Element:
        presence = make("presence", to=f"{room}/{self._nick}")
        if type_:
            presence.set("type", type_)
            return presence
        muc = sub(presence, "x", xml.MUC)
        sub(muc, "history", xml.MUC, maxstanzas=_HISTORY)
        sub(presence, "nick", xml.NICK, self._name)
        # Without it the bot would fill the speaker's window.
        sub(presence, "bot", xml.CLIENT, type="talk-bot")
        # Jicofo makes no robot the moderator (`AutoOwnerRoleManager`).
        sub(presence, "userinfo", xml.USER_INFO, robot="true")
        return presence

    # --- what a `Connection` does --------------------------------------------------

    @property
    def participants(self) -> Mapping[str, Participant]:
        return self._participants

    @property
    def known(self) -> frozenset[str]:
        return frozenset(self._known)

    async def say(self, id_: str, text: str, to: str | None = None) -> None:
        message = self._message(id_, to)
        sub(message, "body", xml.CLIENT, text)
        await self._send(id_, message, is_shown=to is None)

    async def retract(self, id_: str) -> None:
        name = f"retract-{id_}"
        message = self._message(name, None)
        sub(message, "retract", xml.RETRACT, id=id_)
        sub(message, "fallback", "urn:xmpp:fallback:0", for_=xml.RETRACT)
        await self._send(name, message, is_shown=True)

    async def next_event(self) -> Event:
        if not self._events.empty():
            return self._events.get_nowait()
        getting = asyncio.ensure_future(self._events.get())
        try:
            await asyncio.wait((getting, self._ended), return_when=asyncio.FIRST_COMPLETED)
            if getting.done():
                return getting.result()
        finally:
            getting.cancel()
        self._ended.result()
        raise MeetingError(Trouble.AWAY)

    async def close(self) -> None:
        self._end(MeetingError(Trouble.AWAY, "the bot left"))
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            await end(task)
        try:
            await self._session.send(self._presence(self._room, "unavailable"))
        except MeetingError:
            pass
        finally:
            await self._session.close()

    def _message(self, id_: str, to: str | None) -> Element:
        if to is None:
            return make("message", id=id_, to=self._room, type="groupchat")
        return make("message", id=id_, to=f"{self._room}/{to}", type="chat")

    async def _send(self, id_: str, message: Element, *, is_shown: bool) -> None:
        """`is_shown`: whether the meeting shows it to ourselves as well."""
        await self._pace.wait()
        if self._ended.done():
            self._ended.result()
        self._pace.started()
        shown = self._waiting[id_] = asyncio.get_running_loop().create_future()
        try:
            await self._session.send(message)
            if not is_shown:
                return
            async with at_most(self._clock, ANSWER_SECONDS):
                await asyncio.wait((shown, self._ended), return_when=asyncio.FIRST_COMPLETED)
            (shown if shown.done() else self._ended).result()
        except TimeoutError:
            raise MeetingError(Trouble.AWAY, "what was said does not appear") from None
        finally:
            del self._waiting[id_]
            if shown.done() and not shown.cancelled():
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
        if not self._ended.done():
            self._ended.set_exception(why)
            # Whoever asks next hears of it; perhaps nobody does.
            self._ended.exception()

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
                self._end(_gone(element))
            return
        if is_gone:
            left = self._participants.pop(nick, None)
            if left is not None:
                self._tell(Left(left))
            return
        if element.get("type") is not None or len(nick) > _LONGEST_ID or not nick.isprintable():
            return
        if nick not in self._participants and len(self._participants) >= MOST_PARTICIPANTS:
            return
        participant = _participant(element, nick)
        if self._participants.get(nick) != participant:
            self._participants[nick] = participant
            self._tell(Arrived(participant))

    def _take_message(self, element: Element, nick: str) -> None:
        id_, type_ = element.get("id", ""), element.get("type")
        waiting = self._waiting.get(id_)
        if type_ == "error":
            if waiting is not None and not waiting.done():
                error = child(element, "error")
                name, said = condition(error) if error is not None else ("", "")
                waiting.set_exception(LineRefused(detail(said or name)))
            return
        is_history = child(element, "delay", xml.DELAY) is not None
        if type_ == "groupchat" and nick == self._nick:
            if waiting is not None and not waiting.done() and not is_history:
                waiting.set_result(None)
            return
        if is_history:
            # Our own lines of an earlier visit, when we had another nick.
            if type_ == "groupchat" and len(self._known) < int(_HISTORY) and id_:
                self._known.add(id_[:_LONGEST_ID])
            return
        sender = self._participants.get(nick)
        text = words(element, "body")[:LONGEST_HEARD]
        if sender is None or not text or type_ not in ("groupchat", "chat"):
            return
        if not (0 < len(id_) <= _LONGEST_ID and id_.isprintable()):
            return
        self._tell(Said(id_, sender, text, _replied(element), type_ == "chat"))

    def _tell(self, event: Event) -> None:
        try:
            self._events.put_nowait(event)
        except asyncio.QueueFull:
            self._log.warning("%s: too much happens at once; some is not heard", self._room)


def _participant(element: Element, nick: str) -> Participant:
    item = child(child(element, "x", xml.MUC_USER) or element, "item", xml.MUC_USER)
    name = " ".join(xml.harmless(words(element, "nick", xml.NICK)).split())[:LONGEST_NAME]
    return Participant(
        id=nick,
        name=name,
        kind=_kind(element, nick),
        is_owner=item is not None and item.get("affiliation") == "owner",
        identity=_identity(element),
    )


def _kind(element: Element, nick: str) -> Kind:
    info = child(element, "userinfo", xml.USER_INFO)
    is_robot = info is not None and info.get("robot") == "true"
    is_machine = nick == _FOCUS or is_robot or child(element, "bot") is not None
    features = "http://jitsi.org/protocol/jibri", "http://jitsi.org/protocol/jigasi"
    if is_machine or any(child(element, "feature", each) is not None for each in features):
        return Kind.MACHINE
    shown = child(element, "display-name", "http://jitsi.org/protocol/display-name")
    if shown is None:
        shown = child(element, "display-name")
    is_visitor = shown is not None and shown.get("source") == "visitor"
    return Kind.VISITOR if is_visitor else Kind.PERSON


def _identity(element: Element) -> str | None:
    """Whom a token names: the server puts it into the presence, and lets nobody else do so
    (mod_presence_identity of Jitsi Meet)."""
    for namespace in (xml.CLIENT, "http://jitsi.org/jitmeet"):
        identity = child(element, "identity", namespace)
        user = None if identity is None else child(identity, "user", namespace)
        id_ = words(user, "id", namespace) if user is not None else ""
        if id_:
            return id_[:_LONGEST_ID]
    return None


def _replied(element: Element) -> str | None:
    """Clients send the mark with its namespace or without."""
    for namespace in (xml.REPLY, xml.CLIENT):
        reply = child(element, "reply", namespace)
        if reply is not None:
            return (reply.get("id") or reply.get("to") or "")[:_LONGEST_ID] or None
    return None


def _codes(element: Element) -> frozenset[str]:
    about = child(element, "x", xml.MUC_USER)
    if about is None:
        return frozenset()
    return frozenset(each.get("code", "") for each in about.iterfind(f"{{{xml.MUC_USER}}}status"))


def _is_gone(element: Element) -> bool:
    return is_a(element, "presence") and element.get("type") == "unavailable"


def _gone(element: Element) -> MeetingError:
    about = child(element, "x", xml.MUC_USER)
    if _REMOVED & _codes(element):
        return MeetingError(Trouble.KICKED)
    if about is not None and child(about, "destroy", xml.MUC_USER) is not None:
        return MeetingError(Trouble.NOT_STARTED, "the meeting has ended")
    return MeetingError(Trouble.AWAY, "the server took the bot out of the meeting")


def _lobby(element: Element) -> str:
    for each in element.iter():
        if each.tag.rpartition("}")[2] == "lobbyroom" and each.text:
            return each.text[:1000]
    return ""


def _not_let_in(element: Element) -> MeetingError:
    """XEP-0045, section 7.2; and what Jitsi's servers say in words."""
    error = child(element, "error")
    name, said = condition(error) if error is not None else ("", "")
    if name == "item-not-found" or (name == "not-allowed" and "restricted" in said.lower()):
        return MeetingError(Trouble.NOT_STARTED)
    if name == "registration-required":
        return MeetingError(Trouble.MEMBERS_ONLY)
    if name == "not-authorized":
        return MeetingError(Trouble.PASSWORD_NEEDED, "the meeting has a password")
    if "token" in said.lower():
        return MeetingError(Trouble.TOKEN_REFUSED, detail(said))
    return MeetingError(Trouble.REFUSED, detail(said or name))
