"""Who changes a question, by what, and when. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class By:
    """Who does something, by what, when."""

    person: str
    cause: str
    """What they did, by an id of its own: a Matrix event's, or that of another face, which begins
    with its name (`web:…`)."""
    at: datetime
    """When it takes effect."""
    revocable: bool = False
    """Whether a decision stands only as long as its cause, as with a reaction."""
    acted_at: datetime | None = None
    """When they did it; None: `at`. The bot may have been away in between."""


def is_event(cause: str) -> bool:
    """Whether that is a Matrix event (Client-Server API, "Common Identifier Format"), which people
    can reply and react to; not what somebody did by another face."""
    return cause.startswith("$")
