"""Who may come into a room (Client-Server API, "m.room.join_rules")."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from .power import room_state
from .timeline import JOIN_RULES


async def is_open(session: AsyncSession, room: str) -> bool:
    """Whether anybody may come in, also by way of a space or room that anybody may enter, or
    of which we do not know ("Restricted rooms")."""
    state = await room_state(session, room, JOIN_RULES)
    rules = state.content if state is not None else {}
    if rules.get("join_rule") not in ("restricted", "knock_restricted"):
        return rules.get("join_rule") == "public"
    allowed = rules.get("allow")
    for entry in allowed if isinstance(allowed, list) else ():
        other = entry.get("room_id") if isinstance(entry, dict) else None
        by_way = await room_state(session, other, JOIN_RULES) if isinstance(other, str) else None
        if by_way is None or by_way.content.get("join_rule") not in ("invite", "knock"):
            return True
    return False
