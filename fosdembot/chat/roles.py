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


async def role_of(session: AsyncSession, settings: Settings, user: str, rooms: list[str]) -> Role:
    """The role of `user` where a command concerns the Matrix `rooms`: a moderator is
    one of all of them."""
    if user in settings.organisers:
        return Role.ORGANISER
    if user in settings.moderators:
        return Role.MODERATOR
    for room in rooms:
        if await power_of(session, room, user) < MODERATOR_POWER:
            return Role.ATTENDEE
    return Role.MODERATOR if rooms else Role.ATTENDEE
