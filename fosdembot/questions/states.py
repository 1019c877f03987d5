"""What may become of a question, and by whose decision. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    PENDING = "pending"
    """Waits for a moderator."""
    OPEN = "open"
    STARRED = "starred"
    """To be taken next."""
    ANSWERING = "answering"
    ANSWERED = "answered"
    DISMISSED = "dismissed"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """What is done to a question that is there."""

    APPROVE = "approve"
    TAKE = "take"
    DONE = "done"
    SKIP = "skip"
    STAR = "star"
    UNSTAR = "unstar"
    DISMISS = "dismiss"
    RESTORE = "restore"
    MERGE = "merge"
    WITHDRAW = "withdraw"


ON_BOARD = (State.ANSWERING, State.STARRED, State.OPEN)
"""The states in which a question waits for its answer, in the board's order."""
UNDECIDED = (State.PENDING, *ON_BOARD)
"""Those of which a person may have only so many."""

HIDDEN = (State.PENDING, State.DISMISSED, State.WITHDRAWN)
"""Those in which the audience may not read it."""


@dataclass(frozen=True, slots=True)
class Status:
    state: State
    skipped: bool = False
    """Behind the others that are open."""


_FROM_TO: dict[Action, tuple[tuple[State, ...], Status]] = {
    Action.APPROVE: ((State.PENDING,), Status(State.OPEN)),
    Action.TAKE: (
        (State.PENDING, State.OPEN, State.STARRED, State.ANSWERED),
        Status(State.ANSWERING),
    ),
    Action.DONE: (ON_BOARD, Status(State.ANSWERED)),
    Action.SKIP: (ON_BOARD, Status(State.OPEN, skipped=True)),
    Action.STAR: ((State.PENDING, State.OPEN, State.ANSWERING), Status(State.STARRED)),
    Action.UNSTAR: ((State.STARRED,), Status(State.OPEN)),
    Action.DISMISS: (UNDECIDED, Status(State.DISMISSED)),
    Action.RESTORE: ((State.ANSWERED, State.DISMISSED, State.MERGED), Status(State.OPEN)),
    Action.MERGE: (UNDECIDED, Status(State.MERGED)),
    Action.WITHDRAW: (UNDECIDED, Status(State.WITHDRAWN)),
}


def after(status: Status, action: Action) -> Status | None:
    """How a question stands after `action`; itself where it stood so already; None where
    that cannot be done."""
    possible, result = _FROM_TO[action]
    if status == result:
        return status
    return result if status.state in possible else None


def after_edit(status: Status, moderated: bool) -> Status | None:
    """How a question stands once its text is another; None: the edit is not followed.

    What a moderator has let through, and may put back, may not become something else behind
    their back.
    """
    if status.state is State.PENDING:
        return status
    if status.state in (State.ANSWERING, State.MERGED, State.DISMISSED):
        return None if moderated else status
    if status.state in ON_BOARD:
        return Status(State.PENDING) if moderated else status
    return None
