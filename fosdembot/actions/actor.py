"""Who does something, and by what. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from fosdembot.conference.roles import Role
from fosdembot.questions.by import By, is_event

CHAT = "chat"
"""The face that reads Matrix events."""
LONGEST_ID = 255
"""Characters of a cause, or of a person's id; as many as Matrix allows."""
_FACE = re.compile(r"[a-z][a-z0-9]*")


@dataclass(frozen=True, slots=True)
class Who:
    """Whose permissions count."""

    person: str
    """Their Matrix id; of a relay, its own. Another face may know people by other ids, which do
    not begin with an @."""
    relayed: bool = False
    """Whether a relay says that somebody else said it: the relay's account may have power, the
    people it speaks for have none."""
    vouched: Role | None = None
    """The role that the face vouches for, where it knows who people are and the conference does
    not, as in a meeting that has moderators of its own. It lets them do only what they do there."""
    bound_to: str | None = None
    """The only talk (its guid) for which the face vouches for them, as by a secret link; None: any.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor(Who):
    """Somebody who does something."""

    face: str
    """By which face: a word of its own."""
    act: str
    """What they did: an id that the face gives to nothing else. In chat the event."""
    at: datetime
    """When they did it."""
    now: datetime
    """When it takes effect: the bot may have been away in between."""
    revocable: bool = False
    """Whether a decision stands only as long as what they did, which can be taken back as well."""

    def __post_init__(self) -> None:
        """Raises `ValueError` where the cause could be another face's, or cannot be stored. Who
        sent a Matrix event is the homeserver's to say, whatever their id looks like."""
        if self.face == CHAT:
            is_own, ids = is_event(self.act), [self.cause]
        else:
            is_own = bool(self.act) and _FACE.fullmatch(self.face) is not None
            ids = [self.cause, self.person]
        for id_ in ids:
            if not (is_own and 0 < len(id_) <= LONGEST_ID and id_.isprintable()):
                raise ValueError(f"no id of what somebody did, or of a person: {id_!r}")

    @property
    def cause(self) -> str:
        """The id of what they did, among those of all faces: that of a Matrix event begins
        with a `$`, any other with the name of its face."""
        return self.act if self.face == CHAT else f"{self.face}:{self.act}"

    @property
    def by(self) -> By:
        """As the desk writes it down."""
        return By(self.person, self.cause, self.now, self.revocable, self.at)
