"""Why the desk does not do something."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    EMPTY = "empty"
    TOO_LONG = "too long"
    """`number`: how many characters it has."""
    TOO_MANY = "too many"
    """`number`: of how many that are open."""
    RELAY_FULL = "relay full"
    """Too many wait of those for whom one account speaks."""
    ASKED_ALREADY = "asked already"
    """By the same person; `number`: of that question."""
    CLOSED = "closed"
    BARRED = "barred"
    """Muted, banned or removed."""
    STATE = "state"
    """That cannot be done with a question in this state."""
    OTHER_TALK = "other talk"
    """Questions of different talks are not merged."""
    ITSELF = "itself"
    """A question is not merged into itself, not by way of others either."""


class Refused(Exception):
    """Raised before anything is changed."""

    def __init__(self, why: Refusal, number: int = 0) -> None:
        super().__init__(why)
        self.why = why
        self.number = number
