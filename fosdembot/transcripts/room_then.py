"""In which room a talk took place."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.transcript_tables import TranscriptRow
from fosdembot.matrix.room_addresses import room_of
from fosdembot.matrix.upgrades import newest

from .window import Window


async def room_then(
    session: AsyncSession, row: TranscriptRow, address: str | None, window: Window
) -> str | None:
    """The room (its id) in which a talk took place: not the one that replaced it since (a room
    upgrade), which has nothing of what was said."""
    then = row.room_id
    there = await room_of(session, address) if address is not None else None
    if there is None or then is None or then == there:
        return there or then
    was_over = row.made_at is None or row.made_at >= window.end
    return then if was_over and await newest(session, then) == there else there
