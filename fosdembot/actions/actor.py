"""Who does something, and by what. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fosdembot.questions.by import By

CHAT = "chat"
"""The face that reads Matrix events."""


@dataclass(frozen=True, slots=True)
class Who:
    """Whose permissions count."""

    person: str
    """Their Matrix id; of a relay, its own. Another face may know people by other ids, which do
    not begin with an @."""
    relayed: bool = False
    """Whether a relay says that somebody else said it: the relay's account may have power, the
    people it speaks for have none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor(Who):
    """Somebody who does something."""

    act: str
    """What they did: an id that the face gives to nothing else. In chat the event."""
    at: datetime
    """When they did it."""
    now: datetime
    """When it takes effect: the bot may have been away in between."""
    face: str = CHAT
    tap: bool = False
    """Whether it can be taken back as it was done, by redacting a reaction."""

    @property
    def cause(self) -> str:
        """The id of what they did, among those of all faces: Matrix ids have no such prefix."""
        return self.act if self.face == CHAT else f"{self.face}:{self.act}"

    @property
    def by(self) -> By:
        """As the desk writes it down."""
        return By(self.person, self.cause, self.now, self.tap, self.at)
