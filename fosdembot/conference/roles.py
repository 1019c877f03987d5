"""The roles that somebody may have. Pure."""

from __future__ import annotations

from enum import IntEnum


class Role(IntEnum):
    """Each may do what those before it may."""

    ATTENDEE = 0
    SPEAKER = 10
    """Of the talk in question."""
    MODERATOR = 20
    """Of the room in question."""
    ORGANISER = 30
