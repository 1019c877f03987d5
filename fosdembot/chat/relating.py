"""Reactions, replies, edits and redactions count only in the room in which that stands to
which they relate: an event may name any other (Client-Server API, "Forming relationships
between events"), and everybody has power in a room of their own."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.tables import Outgoing, SeenEvent
from fosdembot.matrix.api import Json
from fosdembot.matrix.power import may_redact
from fosdembot.matrix.relations import acts_on, mentioned_in_relation, without_relation
from fosdembot.questions import lookup

_NO_ROOM = ""


async def within_its_room(session: AsyncSession, room: str, event: Json) -> Json | None:
    """The event as it counts in `room`: without its relation to an event of another room;
    None for a reaction, an edit or a redaction of one."""
    for target in acts_on(event):
        if await _is_elsewhere(session, room, target):
            return None
    for target in mentioned_in_relation(event["content"]):
        if await _is_elsewhere(session, room, target):
            return without_relation(event)
    return event


async def may_take_out(session: AsyncSession, room: str, sender: str, event_id: str) -> bool:
    """Whether an event of `room` is the sender's own, or they have the power to redact it.
    Homeservers pass on what others send as well."""
    seen = await session.get(SeenEvent, event_id)
    if seen is None or seen.room_id != room:
        return False
    return seen.sender == sender or await may_redact(session, room, sender)


async def _is_elsewhere(session: AsyncSession, room: str, event_id: str) -> bool:
    """An event that is not known means nothing to the bot, in whichever room it stands."""
    return await _room_of(session, event_id) not in (None, room)


async def _room_of(session: AsyncSession, event_id: str) -> str | None:
    """None: it is not known. Retention keeps what is known of events that still count."""
    seen = await session.get(SeenEvent, event_id)
    if seen is not None:
        return seen.room_id
    ours = select(Outgoing.room_id).where(Outgoing.event_id == event_id)
    if (room := await session.scalar(ours.limit(1))) is not None:
        return room
    question = await lookup.by_source(session, event_id)
    if question is None:
        return None
    return _NO_ROOM if question.direct else question.room_id
