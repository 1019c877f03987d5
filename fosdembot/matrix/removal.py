"""When somebody removes or bans the bot: who and when is known, and what it missed is read
once it is back.

It is read as after a downtime: from the position before the removal on (`Room.behind`, see
`lagging.py`), in order, and takes effect once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from fosdembot.db.tables import Room

from . import timeline
from .api import Json
from .known import KnownRoom

READ_BACK = timedelta(hours=24)
"""What is older when we come back is nothing that people still wait for."""


def note_removal(
    room: Room, event: Json, since: str, after: datetime | None, at: datetime, now: datetime
) -> None:
    """`event` is a membership event of ours that came after the position `since`, sent `at`."""
    membership, by = timeline.membership(event), event["sender"]
    if not _is_removal(event):
        return
    if room.membership == "join":
        room.removed_at, room.removed_by = at, by
        if room.behind is None:
            room.behind, room.behind_at = since, after or now
    elif membership == "ban":
        room.removed_at, room.removed_by = room.removed_at or at, by
    elif room.membership == "ban":
        # The ban is lifted.
        room.membership = "leave"


def _is_removal(event: Json) -> bool:
    """Whether by this membership event of ours somebody else put us out."""
    by_others = event["sender"] != event["state_key"]
    return by_others and timeline.membership(event) in ("leave", "ban")


def was_recent_removal(event: Json, at: datetime, now: datetime) -> bool:
    """Whether `event`, sent `at`, removed us so lately that what followed is read."""
    return _is_removal(event) and now - at < READ_BACK


def is_read_back(room: Room | KnownRoom, now: datetime) -> bool:
    """Whether what happened since our removal is read when we are back."""
    return (
        room.removed_at is not None
        and room.behind is not None
        and now - room.removed_at < READ_BACK
    )


def forget_removal(room: Room) -> None:
    """We are back, and have read what there was."""
    room.removed_at = room.removed_by = room.behind = room.behind_at = None


def was_removed_after(room: Room, moment: datetime) -> bool:
    """Whether somebody removed us since, and did not ask us back."""
    removed = room.removed_at if room.membership != "invite" else None
    return removed is not None and removed > moment
