"""How the bot comes into a meeting, through its lobby where there is one (XEP-0045, section 7.2;
mod_muc_lobby_rooms of Jitsi Meet)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

from fosdembot.clock import Clock, at_most

from . import refusals
from . import stanzas as xml
from .meeting import MeetingError, Trouble
from .occupants import is_id
from .stanzas import Element, child, is_a, make, sub
from .xmpp import ANSWER_SECONDS, Session, end

MOST_HISTORY = 50
"""Lines of the past that are asked for, to find our own among them."""
_CREATED = "201"
_ROOM = re.compile(r"[^@/\s]{1,1000}@[A-Za-z0-9_.-]{1,253}")


@dataclass(slots=True)
class Entrance:
    """`take` is given all that concerns others in the meeting; `nick`: ours."""

    session: Session
    room: str
    nick: str
    name: str
    clock: Clock
    take: Callable[[Element], None]

    async def enter(self, waits: Callable[[], None]) -> frozenset[str]:
        """Returns the ids of the lines of the past. Raises `MeetingError`. `waits` is called where
        somebody has to let us in."""
        lobby = await self._join(self.room)
        if lobby:
            waits()
            await self._wait_in(lobby)
            if await self._join(self.room):
                raise MeetingError(Trouble.MEMBERS_ONLY)
        return await self._history()

    async def _join(self, room: str) -> str:
        """Returns the lobby's address where one has to wait there, else nothing."""
        await self.session.send(presence(room, self.nick, self.name))
        try:
            async with at_most(self.clock, ANSWER_SECONDS):
                while True:
                    element = await self.session.receive()
                    if not is_a(element, "presence") or not _is_from(element, room):
                        self.take(element)
                    elif element.get("type") == "error":
                        if lobby := _lobby(element):
                            return lobby
                        raise refusals.of_join(element)
                    elif not refusals.is_ours(element):
                        self.take(element)
                    elif element.get("type") == "unavailable":
                        raise refusals.of_leave(element)
                    elif _CREATED in refusals.codes(element):
                        raise MeetingError(Trouble.NOT_STARTED)
                    elif element.get("from") != f"{room}/{self.nick}":
                        raise MeetingError(Trouble.REFUSED, "another nick")
                    else:
                        return ""
        except TimeoutError:
            raise MeetingError(Trouble.AWAY, "the meeting does not answer") from None

    async def _history(self) -> frozenset[str]:
        """It comes before the room's subject, which each room sends (XEP-0045, section 7.2.15)."""
        known: set[str] = set()
        try:
            async with at_most(self.clock, ANSWER_SECONDS):
                while True:
                    element = await self.session.receive()
                    self.take(element)
                    if not _is_from(element, self.room):
                        continue
                    if is_a(element, "presence") and _is_our_end(element):
                        raise refusals.of_leave(element)
                    if not is_a(element, "message"):
                        continue
                    # What people say may hold a subject as well.
                    if child(element, "subject") is not None and child(element, "body") is None:
                        return frozenset(known)
                    id_ = element.get("id", "")
                    is_past = child(element, "delay", xml.DELAY) is not None
                    if is_past and is_id(id_) and len(known) < MOST_HISTORY:
                        known.add(id_)
        except TimeoutError:
            raise MeetingError(Trouble.AWAY, "the meeting does not say what it is about") from None

    async def _wait_in(self, lobby: str) -> None:
        """As long as it takes. Raises `MeetingError` where we are turned away."""
        if await self._join(lobby):
            raise MeetingError(Trouble.MEMBERS_ONLY)
        alive = asyncio.create_task(self.session.keep_alive(), name=f"ping {lobby}")
        try:
            while not self._is_let_in(await self.session.receive(), lobby):
                pass
        finally:
            await end(alive)
        await self.session.send(presence(lobby, self.nick))

    def _is_let_in(self, element: Element, lobby: str) -> bool:
        about = child(element, "x", xml.MUC_USER)
        if about is None:
            return False
        if is_a(element, "message"):
            # Invitations of anybody else would lead elsewhere.
            is_invited = child(about, "invite", xml.MUC_USER) is not None
            return is_invited and element.get("from") == self.room
        is_out = is_a(element, "presence") and _is_from(element, lobby) and _is_our_end(element)
        if not is_out:
            return False
        if child(about, "destroy", xml.MUC_USER) is not None:
            # It was opened for all, or the meeting is over: we shall see.
            return True
        lost = refusals.of_leave(element)
        if lost.trouble is Trouble.KICKED:
            raise MeetingError(Trouble.KICKED, "turned away in the lobby")
        raise lost


def presence(room: str, nick: str, name: str | None = None) -> Element:
    """Ours in a room; without a name: we leave it."""
    made = make("presence", to=f"{room}/{nick}")
    if name is None:
        made.set("type", "unavailable")
        return made
    muc = sub(made, "x", xml.MUC)
    sub(muc, "history", xml.MUC, maxstanzas=str(MOST_HISTORY))
    sub(made, "nick", xml.NICK, name)
    # Without it the bot would fill the speaker's window.
    sub(made, "bot", xml.CLIENT, type="talk-bot")
    # Jicofo makes no robot the moderator (`AutoOwnerRoleManager`).
    sub(made, "userinfo", xml.USER_INFO, robot="true")
    return made


def _is_from(element: Element, room: str) -> bool:
    return element.get("from", "").partition("/")[0] == room


def _is_our_end(presence: Element) -> bool:
    return presence.get("type") == "unavailable" and refusals.is_ours(presence)


def _lobby(error: Element) -> str:
    """Where one has to wait, as the refusal of a meeting says."""
    for each in error.iter():
        if each.tag.rpartition("}")[2] == "lobbyroom" and _ROOM.fullmatch(each.text or ""):
            return each.text or ""
    return ""
