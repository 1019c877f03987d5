"""Who somebody is in a room: by power level and the settings, never by name."""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.matrix.power import power_of
from fosdembot.settings import Settings

MODERATOR_POWER = 50


class Role(IntEnum):
    """Each may do what those before it may."""

    ATTENDEE = 0
    MODERATOR = 20
    ORGANISER = 30


async def role_of(
    session: AsyncSession, settings: Settings, user: str, room: str | None, relayed: bool
) -> Role:
    """The role of `user` in what concerns the Matrix `room` (None: no room in particular).

    A relay's account may have power; the people it speaks for have none.
    """
    if relayed:
        return Role.ATTENDEE
    if user in settings.organisers:
        return Role.ORGANISER
    if user in settings.moderators:
        return Role.MODERATOR
    if room is not None and await power_of(session, room, user) >= MODERATOR_POWER:
        return Role.MODERATOR
    return Role.ATTENDEE
