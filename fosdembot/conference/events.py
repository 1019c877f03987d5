"""What is said of a decision, in its transaction, to whom it concerns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from fosdembot.conference.programme import RoomProgramme
from fosdembot.db.engine import WriteSession
from fosdembot.schedule.model import Talk
from fosdembot.talks.decisions import Decision


@dataclass(frozen=True, slots=True)
class TalkDecided:
    """Something was decided about a talk of a room, or that was taken back."""

    guid: str
    """The talk."""
    decision: Decision | None
    """None: the last decision is taken back."""
    before: RoomProgramme
    after: RoomProgramme
    cause: str
    at: datetime
    """When it was decided."""
    answered_there: bool
    """Whether the talk room reads the answer to who decided, and need not be told as well."""


@dataclass(frozen=True, slots=True)
class QaClosed:
    """No more questions to a talk are taken, or they are again."""

    room: str
    """The talk room (its id)."""
    talk: Talk
    closed: bool
    cause: str
    answered_there: bool
    """As in `TalkDecided`."""


@dataclass(frozen=True, slots=True)
class QaModerated:
    """A moderator sees each question of a room first from now on, or no more."""

    room: str
    """Its id."""
    moderated: bool
    cause: str
    answered_there: bool
    """As in `TalkDecided`."""


@dataclass(frozen=True, slots=True)
class NoticesPaused:
    """No notice is told in some rooms from now on."""

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SpeakerNamed:
    """Somebody is a speaker of a talk from now on."""

    talk: Talk
    person: str
    cause: str


@dataclass(frozen=True, slots=True)
class SpeakerClaimed:
    """Somebody says that they are a speaker of a talk; moderators are to confirm it."""

    talk: Talk
    person: str
    cause: str
    """The claim."""
    address: str
    """Of the talk room."""
    hosts_rooms: tuple[str, ...]
    """The ids of those in which its moderators meet."""


@dataclass(frozen=True, slots=True)
class ClaimDropped:
    """A claim to be a speaker is void."""

    cause: str


ConferenceEvent = (
    TalkDecided
    | QaClosed
    | QaModerated
    | NoticesPaused
    | SpeakerNamed
    | SpeakerClaimed
    | ClaimDropped
)
Hears = Callable[[WriteSession, ConferenceEvent], Awaitable[None]]
"""Called at the end of a change, in its transaction: what it writes, is written with it."""
