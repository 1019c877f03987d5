"""Reactions, replies, edits and redactions count only in the room in which that stands to
which they relate: an event may name any other (Client-Server API, "Forming relationships
between events"), and everybody has power in a room of their own."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.prepared import Prepared
from fosdembot.db.tables import Outgoing, Room, SeenEvent
from fosdembot.matrix.power import may_redact
from fosdembot.questions import lookup

_NO_ROOM = ""
_OURS = Prepared(select(Outgoing.room_id).where(Outgoing.event_id == bindparam("event")).limit(1))
"""Made once: to make it takes longer than to execute it."""


async def are_elsewhere(session: AsyncSession, room: str, events: Iterable[str]) -> bool:
    """Whether one of these events stands in another room than `room`."""
    for event_id in events:
        # One that is not known means nothing to the bot, in whichever room it stands.
        if await _room_of(session, event_id, room) not in (None, room):
            return True
    return False


async def may_take_out(session: AsyncSession, room: str, sender: str, event_id: str) -> bool:
    """Whether an event of `room` is the sender's own, or they have the power to redact it.
    Homeservers pass on what others send as well."""
    seen = await session.get(SeenEvent, event_id)
    if seen is None or seen.room_id != room:
        return False
    return seen.sender == sender or await may_redact(session, room, sender)


async def _room_of(session: AsyncSession, event_id: str, room: str) -> str | None:
    """None: it is not known. Retention keeps what is known of events that still count, but for the
    chat in which somebody asked without a name: `room`, if that is one; whoever was in no such chat
    does not know the event."""
    seen = await session.get(SeenEvent, event_id)
    if seen is not None:
        return seen.room_id
    for (home,) in await _OURS.find(session, {"event": event_id}):
        return str(home)
    question = await lookup.by_source(session, event_id)
    if question is None:
        return None
    if not question.direct:
        return question.room_id
    is_forgotten = question.asker is None and question.asker_name == ""
    return room if is_forgotten and await _is_direct(session, room) else _NO_ROOM


async def _is_direct(session: AsyncSession, room: str) -> bool:
    row = await session.get(Room, room)
    return row is not None and row.direct_with is not None
