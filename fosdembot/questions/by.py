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
    tap: bool = False
    """Whether the cause is a reaction: taking that back takes the decision back."""
    acted_at: datetime | None = None
    """When they did it; None: `at`. The bot may have been away in between."""
