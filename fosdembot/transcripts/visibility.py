"""Who could read what was said in a room: newcomers, or only those who were there.

It may have been another then than it is now, and a change counts from then on alone (Client-Server
API, "Room History Visibility").
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fosdembot.clock import Clock
from fosdembot.matrix.api import Api, Json, MatrixError

from .publishing_rules import HISTORY_VISIBILITY, SHARED, visibility_in
from .window import Window

MOST_CHANGES = 20
"""Of a room, that are followed back."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def visibility_of(api: Api, clock: Clock, room: str, window: Window) -> str | None:
    """The `history_visibility` of what was said in a room within the window, where that lets
    newcomers not read it; else the one of now, None where the room says none. Raises `MatrixError`
    and `HomeserverAway`."""
    start, end = (_milliseconds(clock.to_wall(moment)) for moment in (window.start, window.end))
    event = await api.find_state_event(room, HISTORY_VISIBILITY)
    now = visibility_in(event["content"] if event is not None else None)
    for _ in range(MOST_CHANGES):
        if event is None:
            break
        sent, before = _since(event)
        found = visibility_in(event["content"])
        if found is not None and found not in SHARED and (sent <= start or sent < end):
            return found
        if sent <= start or before is None:
            break
        event = await _earlier(api, room, before)
    return now


async def _earlier(api: Api, room: str, event_id: str) -> Json | None:
    """None where the homeserver has it no more."""
    try:
        event = await api.event(room, event_id)
    except MatrixError as err:
        if err.status not in (403, 404):
            raise
        return None
    return event if isinstance(event.get("content"), dict) else None


def _since(event: Json) -> tuple[int, str | None]:
    """When it was set, as far as is said, and the event that it replaced."""
    sent, unsigned = event.get("origin_server_ts"), event.get("unsigned")
    before = unsigned.get("replaces_state") if isinstance(unsigned, dict) else None
    return sent if isinstance(sent, int) else 0, before if isinstance(before, str) else None


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
