"""Who does something. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    person: str
    """Their Matrix id; of a relay, its own."""
    relayed: bool = False
    """Whether a relay says that somebody else said it: the relay's account may have power, the
    people it speaks for have none."""
