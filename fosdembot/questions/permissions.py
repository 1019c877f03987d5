"""Who may do what to a question. Pure."""

from __future__ import annotations

from enum import IntEnum

from .states import Action


class Role(IntEnum):
    """Each may do what those before it may."""

    ATTENDEE = 0
    SPEAKER = 10
    """Of the talk in question."""
    MODERATOR = 20
    """Of the room in question."""
    ORGANISER = 30


_LEAST = {
    Action.APPROVE: Role.MODERATOR,
    Action.TAKE: Role.SPEAKER,
    Action.DONE: Role.SPEAKER,
    Action.SKIP: Role.SPEAKER,
    Action.STAR: Role.SPEAKER,
    Action.UNSTAR: Role.SPEAKER,
    Action.DISMISS: Role.MODERATOR,
    Action.RESTORE: Role.MODERATOR,
    Action.MERGE: Role.MODERATOR,
}


def may(role: Role, action: Action, *, asker: bool, pending: bool) -> bool:
    """Whether somebody may do `action` to a question; `asker`: whether it is the own one,
    `pending`: whether it waits for a moderator, whom a speaker does not replace."""
    if action is Action.WITHDRAW:
        return asker
    return role >= (Role.MODERATOR if pending else _LEAST[action])
