"""Who may do what in a room: its power levels, never a display name."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.prepared import Prepared
from fosdembot.db.tables import Room, RoomAddress, RoomState

from .remembered import remembered

CREATOR = 1 << 60
"""Stands for "more than any number" (room version 12, MSC4289)."""
DECIDE_POWER = ("m.room.create", "m.room.power_levels")
"""Types of the state events by which `power_of` and its like decide."""
BRIDGES = ("m.bridge", "uk.half-shot.bridge")
"""Types of the state events by which a bridge says that it is in a room (MSC2346)."""


async def room_state(
    session: AsyncSession, room: str, event_type: str, state_key: str = ""
) -> RoomState | None:
    key = (room, event_type, state_key)
    known = remembered(session)
    if key in known:
        return None
    row = await session.get(RoomState, key)
    if row is None:
        # One that is there is held by the session.
        known[key] = None
    return row


async def power_of(session: AsyncSession, room: str, user: str) -> int:
    """The power level of `user`."""
    create = await room_state(session, room, "m.room.create")
    levels = await room_state(session, room, "m.room.power_levels")
    return power_by(create, levels, user)


async def may_send_state(session: AsyncSession, room: str, user: str, event_type: str) -> bool:
    """Whether `user` may send state events of this type there."""
    levels = await room_state(session, room, "m.room.power_levels")
    return await power_of(session, room, user) >= power_for_state(levels, event_type)


async def may_redact(session: AsyncSession, room: str, user: str) -> bool:
    """Whether `user` may redact what others sent there."""
    levels = await room_state(session, room, "m.room.power_levels")
    needed = _level(levels.content.get("redact"), 50) if levels is not None else 50
    return await power_of(session, room, user) >= needed


def power_by(create: RoomState | None, levels: RoomState | None, user: str) -> int:
    """The power level of `user` (Client-Server API, "m.room.power_levels") where these
    are the room's states of the types `m.room.create` and `m.room.power_levels`."""
    if create is not None and _version(create) >= 12 and user in _creators(create):
        return CREATOR
    if levels is None:
        return 100 if create is not None and create.sender == user else 0
    users = levels.content.get("users")
    own = users.get(user) if isinstance(users, dict) else None
    return _level(own, _level(levels.content.get("users_default"), 0))


def power_for_state(levels: RoomState | None, event_type: str) -> int:
    """The power level that it takes to send state events of this type."""
    if levels is None:
        return 0
    events = levels.content.get("events")
    special = events.get(event_type) if isinstance(events, dict) else None
    return _level(special, _level(levels.content.get("state_default"), 50))


def power_for_message(levels: RoomState | None, event_type: str) -> int:
    """The power level that it takes to send events of this type that are no state."""
    if levels is None:
        return 0
    events = levels.content.get("events")
    special = events.get(event_type) if isinstance(events, dict) else None
    return _level(special, _level(levels.content.get("events_default"), 0))


async def may_speak(session: AsyncSession, room: str, user: str) -> bool:
    """Whether `user` may write messages there."""
    levels = await room_state(session, room, "m.room.power_levels")
    return await power_of(session, room, user) >= power_for_message(levels, "m.room.message")


async def may_notify(session: AsyncSession, room: str, user: str) -> bool:
    """Whether `user` may notify everybody there."""
    levels = await room_state(session, room, "m.room.power_levels")
    kinds = levels.content.get("notifications") if levels is not None else None
    needed = _level(kinds.get("room"), 50) if isinstance(kinds, dict) else 50
    return await power_of(session, room, user) >= needed


async def is_encrypted(session: AsyncSession, room: str) -> bool:
    return await room_state(session, room, "m.room.encryption") is not None


def is_bridged_by(people: Iterable[str], globs: Iterable[str]) -> bool:
    """Whether one of `people` sits behind a bridge, as the settings' globs know them."""
    globs = tuple(globs)
    return any(fnmatchcase(person, glob) for person in people for glob in globs)


async def is_bridged(session: AsyncSession, room: str) -> bool:
    """Whether people behind a bridge read there, who see every edit as a new line."""
    [(was_met,)] = await _MET.find(session, {"room": room})
    return was_met or any(said for (said,) in await _SAID.find(session, {"room": room}))


_MET = Prepared(
    select(
        exists().where(Room.room_id == bindparam("room"), Room.bridged)
        | exists().where(RoomAddress.room_id == bindparam("room"), RoomAddress.bridged)
    )
)
"""Whether somebody from behind a bridge was seen there."""
_SAID = Prepared(
    select(RoomState.content).where(
        RoomState.room_id == bindparam("room"), or_(*(RoomState.type == kind for kind in BRIDGES))
    )
)
"""What bridges say of themselves there."""


def _version(create: RoomState) -> int:
    version = str(create.content.get("room_version", "1"))
    return int(version) if version.isdecimal() else 0


def _creators(create: RoomState) -> set[str]:
    additional = create.content.get("additional_creators")
    named = additional if isinstance(additional, list) else []
    return {create.sender, *(user for user in named if isinstance(user, str))}


def _level(value: Any, default: int) -> int:
    # Before room version 10, levels may be strings.
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return default
