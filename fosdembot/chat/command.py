"""A command somebody typed, and what a handler of commands looks like."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fosdembot.actions.actor import CHAT, Actor
from fosdembot.actions.permissions import Permission
from fosdembot.db.engine import WriteSession
from fosdembot.texts.render import Text


class Place(StrEnum):
    """Where a command was typed."""

    TALK_ROOM = "talk room"
    HOSTS_ROOM = "hosts' room"
    CONTROL_ROOM = "control room"
    DIRECT = "direct"
    ELSEWHERE = "elsewhere"
    """A room that the bot was invited to and that no talk takes place in."""


PRIVATE = frozenset({Place.HOSTS_ROOM, Place.CONTROL_ROOM, Place.DIRECT})
"""Where the audience does not read."""


@dataclass(frozen=True, slots=True)
class Command:
    session: WriteSession
    """The inbox's transaction: the effect of the command goes in here, or fails with it."""
    room: str
    """The Matrix room it was typed in."""
    place: Place
    sender: str
    nick: str | None
    """Who said it, where a relay speaks for many: no power then."""
    bridged: bool
    """Whether the sender sits behind a bridge, and sees no reactions."""
    event_id: str
    answers: str
    """The event for which its answer stands in the outbox: of an edit of what was answered
    before, the edit."""
    at: datetime
    """When it was sent; that may be long ago if the bot was away."""
    now: datetime
    word: str
    arguments: str
    reply_to: str | None
    """The event that it answers."""
    text: str = ""
    """As the arguments, but of punctuation alone as well: `!ask ??`."""
    thread: str | None = None
    """The event that began the thread in which it stands."""
    edited: bool = False
    """Whether a relay says that it is the edit of another message."""
    arrived: datetime | None = None
    """When it came to our homeserver, as far as is known."""
    linked: tuple[str, ...] = ()
    """The users whose names in it are links."""

    @property
    def relayed(self) -> bool:
        return self.nick is not None

    @property
    def actor(self) -> Actor:
        return Actor(
            self.sender, self.relayed, face=CHAT, act=self.event_id, at=self.at, now=self.now
        )


class Declined(Exception):
    """Raised before the command has any effect; `answer` is one sentence that says what to
    do instead."""

    def __init__(self, answer: Text) -> None:
        super().__init__(answer.plain)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Quietly:
    """An answer that not all need to read: in a talk room the bot's ✅ says it, where the
    sender sees reactions."""

    text: Text


@dataclass(frozen=True, slots=True)
class Listed:
    """An answer of which something is to be kept."""

    text: Text
    keep: Callable[[str], Awaitable[None]]
    """Called with the key of the message that says it; not where another one is pointed to."""


Answer = Text | Quietly | Listed
Handler = Callable[[Command], Awaitable[Answer | None]]
"""Does what was asked; returns the answer, or None where the effect says it all."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the command table."""

    handler: Handler
    permission: Permission | None = None
    """What is needed in any case; a handler may need more."""
    places: frozenset[Place] = frozenset(Place)
    question: bool = False
    """Whether, without arguments, it only asks: then the same answer is not given to a
    room twice within two minutes, but a pointer to it."""
    asks_with: frozenset[str] = frozenset()
    """The arguments with which it only asks as well."""
    may_hold_secrets: bool = False
    """Whether people may type a password behind it: then nothing of the message is kept."""


Commands = dict[str, Entry]
