"""Guests in the hall: people with a phone and no Matrix account. What they may do in a room, and
how much."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.changes import Changes, TalksChanged
from fosdembot.db.engine import WriteSession
from fosdembot.matrix.room_addresses import addresses_of

from . import log, scopes
from .by import By

GUEST = "guest:"
"""Begins the id of a guest."""
MOST_OPEN = 2
"""Questions of one guest to a talk that are not decided: anybody can be several guests, and each
of their questions is work for a moderator."""
LONGEST = 200
"""Characters of what a guest asks: it is typed on a phone, and read by a moderator in a hurry."""


class Guests(StrEnum):
    """What they may do, as `pages.guests`."""

    OFF = "off"
    ASK = "ask"
    ASK_AND_VOTE = "ask_and_vote"

    @property
    def may_ask(self) -> bool:
        return self is not Guests.OFF

    @property
    def may_vote(self) -> bool:
        return self is Guests.ASK_AND_VOTE


def is_guest(person: str) -> bool:
    return person.startswith(GUEST)


async def guests_in(session: AsyncSession, room: str, default: str) -> Guests:
    """What they may do in a Matrix room (its id); `default` is what the settings say where nobody
    decided it."""
    _, guests = await scopes.decided_for(session, room)
    return Guests(default if guests is None else guests)


async def set_guests(
    session: WriteSession, room: str, guests: Guests, by: By, changes: Changes
) -> None:
    row = await scopes.question_room(session, room)
    row.guests = guests.value
    log.write_for_room(session, row.scope, f"guests {guests}", by)
    changes.publish(session, TalksChanged(frozenset(await addresses_of(session, room))))
