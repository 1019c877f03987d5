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
class Standing:
    state: State
    skipped: bool = False
    """Behind the others that are open."""


_FROM_TO: dict[Action, tuple[tuple[State, ...], Standing]] = {
    Action.APPROVE: ((State.PENDING,), Standing(State.OPEN)),
    Action.TAKE: (
        (State.PENDING, State.OPEN, State.STARRED, State.ANSWERED),
        Standing(State.ANSWERING),
    ),
    Action.DONE: (ON_BOARD, Standing(State.ANSWERED)),
    Action.SKIP: (ON_BOARD, Standing(State.OPEN, skipped=True)),
    Action.STAR: ((State.PENDING, State.OPEN, State.ANSWERING), Standing(State.STARRED)),
    Action.UNSTAR: ((State.STARRED,), Standing(State.OPEN)),
    Action.DISMISS: (UNDECIDED, Standing(State.DISMISSED)),
    Action.RESTORE: ((State.ANSWERED, State.DISMISSED, State.MERGED), Standing(State.OPEN)),
    Action.MERGE: (UNDECIDED, Standing(State.MERGED)),
    Action.WITHDRAW: (UNDECIDED, Standing(State.WITHDRAWN)),
}


def after(standing: Standing, action: Action) -> Standing | None:
    """How a question stands after `action`; itself where it stood so already; None where
    that cannot be done."""
    possible, result = _FROM_TO[action]
    if standing == result:
        return standing
    return result if standing.state in possible else None


def after_edit(standing: Standing, moderated: bool) -> Standing | None:
    """How a question stands once its text is another; None: the edit is not followed.

    What a moderator has let through may not become something else behind his back.
    """
    if standing.state is State.PENDING:
        return standing
    if standing.state is State.ANSWERING:
        return None if moderated else standing
    if standing.state in ON_BOARD:
        return Standing(State.PENDING) if moderated else standing
    return None
