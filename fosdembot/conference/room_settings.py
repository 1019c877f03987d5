"""What the settings say of one Matrix room, whatever addresses talks have for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.addresses import names_of
from fosdembot.db.tables import RoomAddress
from fosdembot.matrix.power import is_bridged
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.settings import Settings
from fosdembot.talks.notices import may_edit

V = TypeVar("V")
_STRICTEST_EDITS = ("off", "auto", "on")


def set_for(settings: Settings, address: str, names: Collection[str], room: str | None) -> Settings:
    """The settings, with what they say of any of a room's `names` said of its `address`. What
    they say of its id, `room`, counts; else, of two that differ, the stricter: without edits,
    with the longer delay."""
    notices = settings.notices
    edits = _of_room(notices.edits_by_room, names, room)
    delays = _of_room(notices.stream_delay_by_room, names, room)
    changed: dict[str, Any] = {}
    if edits:
        strictest = min(edits, key=_STRICTEST_EDITS.index)
        changed["edits_by_room"] = {**notices.edits_by_room, address: strictest}
    if delays:
        by_room = {**notices.stream_delay_by_room, address: max(delays)}
        changed["stream_delay_by_room"] = by_room
    if not changed:
        return settings
    return settings.model_copy(update={"notices": notices.model_copy(update=changed)})


async def settings_for(session: AsyncSession, settings: Settings, address: str) -> Settings:
    """The settings, with what they say of the room at `address`."""
    if not (settings.notices.edits_by_room or settings.notices.stream_delay_by_room):
        return settings
    row = await session.get(RoomAddress, address)
    room = row.room_id if row is not None else None
    return set_for(settings, address, await names_of(session, [address]), room)


async def edits_in(session: AsyncSession, settings: Settings, room: str) -> bool:
    """Whether messages in a room (its id) are edited."""
    names = await addresses_of(session, room)
    own = set_for(settings, room, names, room)
    return may_edit(own, room, await is_bridged(session, room))


def _of_room(table: Mapping[str, V], names: Collection[str], room: str | None) -> list[V]:
    if room is not None and room in table:
        return [table[room]]
    return [table[name] for name in names if name in table]
