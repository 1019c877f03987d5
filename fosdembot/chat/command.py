"""A command somebody typed, and what a handler of commands looks like."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fosdembot.chat.roles import Role
from fosdembot.db.engine import WriteSession
from fosdembot.texts.render import Text


class Place(StrEnum):
    """Where a command was typed."""

    TALK_ROOM = "talk room"
    CONTROL_ROOM = "control room"
    DIRECT = "direct"
    ELSEWHERE = "elsewhere"
    """A room that the bot was invited to and that no talk takes place in."""


@dataclass(frozen=True, slots=True)
class Command:
    session: WriteSession
    """The inbox's transaction: the effect of the command goes in here, or fails with it."""
    room: str
    """The Matrix room it was typed in."""
    place: Place
    sender: str
    relayed: bool
    """Whether somebody else may have said it, whom a relay speaks for: no power then."""
    event_id: str
    at: datetime
    """When it was sent; that may be long ago if the bot was away."""
    now: datetime
    word: str
    arguments: str


class Declined(Exception):
    """Raised before the command has any effect; `answer` is one sentence that says what to
    do instead."""

    def __init__(self, answer: Text) -> None:
        super().__init__(answer.plain)
        self.answer = answer


Handler = Callable[[Command], Awaitable[Text | None]]
"""Does what was asked; returns the answer, or None where the effect says it all."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the command table."""

    handler: Handler
    role: Role = Role.ATTENDEE
    places: frozenset[Place] = frozenset(Place)
    question: bool = False
    """Whether, without arguments, it only asks: then the same answer is not given to a
    room twice within two minutes, but a pointer to it."""


Commands = dict[str, Entry]
