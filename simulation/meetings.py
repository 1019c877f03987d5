"""People in a Jitsi meeting, and the stand-in for what lets them in: slixmpp, which shares no code
with the bot.

Jicofo, the focus of real meetings, opens a meeting when the first person asks for it, makes that
person its owner and closes it after the last. `Focus` is a stand-in for that and does nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Literal, Self
from xml.etree import ElementTree as ET

import slixmpp
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from .prosody import (
    AUTH_DOMAIN,
    COMPONENT_SECRET,
    DOMAIN,
    FOCUS_COMPONENT,
    FOCUS_PASSWORD,
    MUC,
    Prosody,
)
from .waiting import wait_for

_Jid = slixmpp.JID
_NICK = "{http://jabber.org/protocol/nick}nick"
_MUC_USER = "{http://jabber.org/protocol/muc#user}"
_USER_INFO = "{http://jitsi.org/jitmeet/userinfo}userinfo"
_FOCUS = "focus"
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""It is not used; without it slixmpp reads the system's certificates, twice for each connection,
which takes longer than all else of it."""
# What slixmpp says of lost connections is the business of tests, which lose them.
logging.getLogger("slixmpp").setLevel(logging.CRITICAL)


class _Xmpp:
    """One connection to prosody over TCP; `async with` opens and closes it."""

    def __init__(self, prosody: Prosody, jid: str, password: str = "") -> None:
        self.prosody = prosody
        self._jid, self._password = jid, password
        self.xmpp: slixmpp.ClientXMPP | None = None

    async def open(self) -> None:
        xmpp = self.xmpp = slixmpp.ClientXMPP(self._jid, self._password, ssl_context=_NO_TLS)
        xmpp.enable_direct_tls = xmpp.enable_starttls = False
        xmpp.enable_plaintext = True
        xmpp.plugin["feature_mechanisms"].unencrypted_plain = True
        xmpp.register_plugin("xep_0045")
        xmpp.register_plugin("xep_0199")
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def failed(why: Any) -> None:
            if not ready.done():
                ready.set_exception(ConnectionError(f"no way into prosody: {why}"))

        def came(_: Any) -> None:
            if not ready.done():
                ready.set_result(None)

        xmpp.add_event_handler("session_start", came)
        xmpp.add_event_handler("failed_all_auth", failed)
        xmpp.add_event_handler("disconnected", failed)
        self._listen(xmpp)
        xmpp.connect("127.0.0.1", self.prosody.c2s)
        await asyncio.wait_for(ready, 20)
        xmpp.send_presence()

    def _listen(self, xmpp: slixmpp.ClientXMPP) -> None:
        """What is heard from the beginning on."""

    async def close(self) -> None:
        xmpp, self.xmpp = self.xmpp, None
        if xmpp is not None:
            with suppress(Exception):
                await asyncio.wait_for(asyncio.shield(xmpp.disconnect(wait=1)), 3)

    @property
    def _on(self) -> slixmpp.ClientXMPP:
        assert self.xmpp is not None, "open it first"
        return self.xmpp

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


class Focus(_Xmpp):
    """The stand-in for jicofo's part in who may be in a meeting."""

    def __init__(self, prosody: Prosody) -> None:
        super().__init__(prosody, f"{_FOCUS}@{AUTH_DOMAIN}", FOCUS_PASSWORD)
        self._inside: dict[str, list[str]] = {}
        """Of each meeting the people in it, in the order in which they came."""
        self._owners: dict[str, str] = {}
        self._leaving: set[str] = set()
        """Meetings that are over, of which prosody has not yet said so."""
        self._opening = asyncio.Lock()
        """Who asks for a meeting as well waits until it is open."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._component: slixmpp.ComponentXMPP | None = None

    async def open(self) -> None:
        await super().open()
        # Clients ask here before they come in.
        component = slixmpp.ComponentXMPP(  # type: ignore[no-untyped-call]
            FOCUS_COMPONENT, COMPONENT_SECRET, "127.0.0.1", self.prosody.component
        )
        matches = MatchXPath(
            "{jabber:component:accept}iq/{http://jitsi.org/protocol/focus}conference"
        )
        component.register_handler(
            Callback("conference", matches, lambda iq: self._do(self._asked(component, iq)))
        )
        started = asyncio.Event()
        component.add_event_handler("session_start", lambda _: started.set())
        component.connect()
        await asyncio.wait_for(started.wait(), 20)
        self._component = component

    async def close(self) -> None:
        component, self._component = self._component, None
        if component is not None:
            with suppress(Exception):
                await asyncio.wait_for(asyncio.shield(component.disconnect(wait=1)), 3)
        await super().close()

    async def _asked(self, component: slixmpp.ComponentXMPP, iq: Any) -> None:
        asked = iq.xml.find("{http://jitsi.org/protocol/focus}conference")
        await self.open_meeting(asked.get("room").partition("@")[0])
        reply = iq.reply()
        ready = ET.Element("{http://jitsi.org/protocol/focus}conference", asked.attrib)
        ready.set("ready", "true")
        ready.set("focusjid", f"{_FOCUS}@{AUTH_DOMAIN}")
        reply.xml.append(ready)
        reply.send()

    def _listen(self, xmpp: slixmpp.ClientXMPP) -> None:
        self._inside, self._owners, self._leaving = {}, {}, set()
        xmpp.add_event_handler("groupchat_presence", self._moved)

    async def open_meeting(self, room: str) -> None:
        """As for the first person who asks for it."""
        async with self._opening:
            if room in self._inside:
                return
            self._inside[room] = []
            muc = self._on.plugin["xep_0045"]
            await muc.join_muc_wait(_Jid(f"{room}@{MUC}"), _FOCUS, maxstanzas=0, timeout=20)

    async def meeting_ends(self, room: str, seconds: float = 20) -> None:
        """Returns once the last one has left it: who comes in before that may find it closing."""

        async def is_over() -> bool:
            return room not in self._inside and room not in self._leaving

        await wait_for(is_over, seconds, f"the end of the meeting {room}")

    def _moved(self, presence: Any) -> None:
        room, nick = presence["from"].local, presence["from"].resource
        has_left = presence["type"] == "unavailable"
        if nick == _FOCUS and has_left:
            self._leaving.discard(room)
        inside = self._inside.get(room)
        if inside is None or nick == _FOCUS:
            return
        if has_left and nick in inside:
            inside.remove(nick)
            self._one_less(room, inside)
        elif not has_left and nick not in inside and not _is_robot(presence):
            inside.append(nick)
            self._owned(room, inside)

    def _one_less(self, room: str, inside: list[str]) -> None:
        """A person has left. Robots do so later, and perhaps when the next meeting has begun."""
        if inside:
            self._owned(room, inside)
            return
        del self._inside[room]
        self._owners.pop(room, None)
        self._leaving.add(room)
        self._on.plugin["xep_0045"].leave_muc(_Jid(f"{room}@{MUC}"), _FOCUS)

    def _owned(self, room: str, inside: list[str]) -> None:
        if self._owners.get(room) not in inside:
            self._owners[room] = inside[0]
            self._do(self._make_owner(room, inside[0]))

    async def _make_owner(self, room: str, nick: str) -> None:
        real = self._on.plugin["xep_0045"].get_jid_property(_Jid(f"{room}@{MUC}"), nick, "jid")
        await self._on.plugin["xep_0045"].set_affiliation(
            f"{room}@{MUC}", "owner", jid=_Jid(real).bare
        )

    def _do(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _is_robot(presence: Any) -> bool:
    """Jicofo makes none of them the owner, and does not stay for them."""
    info = presence.xml.find(_USER_INFO)
    return info is not None and info.get("robot") == "true"


class Line:
    """A line of a meeting's chat as a person sees it."""

    def __init__(self, message: Any) -> None:
        self.at = time.monotonic()
        """When it came."""
        self.id: str = message["id"]
        self.sender: str = message["from"].resource
        self.text: str = message["body"]
        self.is_private = message["type"] == "chat"
        self.is_history = message.xml.find("{urn:xmpp:delay}delay") is not None
        self.retracts = ""
        for child in message.xml:
            if child.tag == "{urn:xmpp:message-retract:1}retract":
                self.retracts = child.get("id", "")

    def __repr__(self) -> str:
        return f"<{self.sender}: {self.text}>"


class MeetingPerson(_Xmpp):
    """Somebody with a display name, in one meeting at a time."""

    def __init__(self, prosody: Prosody, name: str, is_robot: bool = False) -> None:
        super().__init__(prosody, DOMAIN)
        self.name, self.is_robot = name, is_robot
        self.room = ""
        self.lines: list[Line] = []
        """All that was said since they came, and what was retracted, in order."""
        self.names: dict[str, str] = {}
        """What those are called who are in the meeting, by nick."""
        self.seen: dict[str, str] = {}
        """The same of all who ever were in it."""
        self._is_owner = False

    def _listen(self, xmpp: slixmpp.ClientXMPP) -> None:
        self.lines, self.names = [], {}
        xmpp.add_event_handler("message", self._heard)
        # Of what has no words slixmpp says nothing by itself.
        retracts = MatchXPath("{jabber:client}message/{urn:xmpp:message-retract:1}retract")
        xmpp.register_handler(Callback("retracted", retracts, self._heard))
        xmpp.add_event_handler("groupchat_presence", self._moved)

    async def join(self, focus: Focus, room: str) -> None:
        """Come in, as the first perhaps. Returns once one is in, and its owner where one is the
        first."""
        await focus.open_meeting(room)
        self.enter(room)
        await self.is_in()

    def enter(self, room: str) -> None:
        """Try to come in, open or not."""
        self.room = room
        self._presence(room)

    async def is_in(self, seconds: float = 20) -> None:
        """Returns once one is in."""

        async def named() -> bool:
            return self.nick in self.names

        await wait_for(named, seconds, f"{self.name} is in {self.room}")

    @property
    def nick(self) -> str:
        """As Jitsi has it: the first eight characters of who one is."""
        return str(self._on.boundjid.user)[:8]

    @property
    def is_owner(self) -> bool:
        return self._is_owner

    def _presence(self, room: str, kind: Literal["unavailable"] | None = None) -> None:
        presence = self._on.make_presence(pto=f"{room}@{MUC}/{self.nick}", ptype=kind)
        muc = ET.SubElement(presence.xml, "{http://jabber.org/protocol/muc}x")
        ET.SubElement(muc, "{http://jabber.org/protocol/muc}history", maxstanzas="0")
        ET.SubElement(presence.xml, _NICK).text = self.name
        if self.is_robot:
            ET.SubElement(presence.xml, _USER_INFO, robot="true")
        presence.send()

    def leave(self) -> None:
        self._presence(self.room, "unavailable")
        self.names.clear()

    def say(self, text: str, reply_to: str = "", id_: str = "") -> str:
        """Returns the id of what was said."""
        message = self._on.make_message(f"{self.room}@{MUC}", mbody=text, mtype="groupchat")
        message["id"] = id_ or str(uuid.uuid4())
        if reply_to:
            ET.SubElement(message.xml, "{urn:xmpp:reply:0}reply", id=reply_to)
        message.send()
        return str(message["id"])

    async def kick(self, name: str) -> None:
        """Remove somebody from the meeting, by their name."""
        [nick] = [nick for nick, called in self.names.items() if called == name]
        await self._on.plugin["xep_0045"].set_role(f"{self.room}@{MUC}", nick, "none")

    async def sees(self, says: Callable[[Line], bool], seconds: float = 20) -> Line:
        """Waits for a line."""

        async def seen() -> Line | None:
            return next((line for line in self.lines if says(line)), None)

        line = await wait_for(seen, seconds, f"{self.name} sees it among {self.lines}")
        assert line is not None
        return line

    def _heard(self, message: Any) -> None:
        if message["type"] in ("groupchat", "chat") and message["from"].resource != self.nick:
            self.heard(Line(message))

    def heard(self, line: Line) -> None:
        """Somebody else said something."""
        self.lines.append(line)

    def came(self, name: str) -> None:
        """Somebody is there now, oneself as well."""

    def _moved(self, presence: Any) -> None:
        if presence["from"].local != self.room:
            return
        nick = presence["from"].resource
        if presence["type"] == "unavailable":
            self.names.pop(nick, None)
            return
        is_new = nick not in self.names
        self.names[nick] = self.seen[nick] = presence.xml.findtext(_NICK, "")
        if is_new:
            self.came(self.names[nick])
        item = presence.xml.find(f"{_MUC_USER}x/{_MUC_USER}item")
        if nick == self.nick and item is not None:
            self._is_owner = item.get("affiliation") == "owner"
