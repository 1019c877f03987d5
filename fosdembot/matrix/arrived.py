"""When an event arrived at our homeserver, which its sender cannot choose."""

from __future__ import annotations

from datetime import UTC, datetime

from .api import Json

ARRIVED = "org.fosdembot.arrived"
"""In an event, as a handler gets it: when it arrived at our homeserver, as seconds since 1970
of conference time. Its sender says when it was sent; it counts as far as it lies after the
moment up to which we had seen everything, and not after now."""


def arrival(event: Json) -> datetime | None:
    """When an event arrived; None where nobody has noted it."""
    seconds = event.get(ARRIVED)
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, float) else None
