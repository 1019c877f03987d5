"""What comes in a room, as values. They are read once, in `reading/events.py`: nothing else in chat
opens the JSON of an event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Content(NamedTuple):
    """What a message says, as its client made it. A tuple, because each line of chat is read."""

    kind: str | None = None
    """Its `msgtype`."""
    body: str | None = None
    html: str | None = None
    format: str | None = None
    filename: str | None = None
    reply_to: str | None = None
    """The event that it answers."""
    thread: str | None = None
    """The event that began the thread in which it stands."""


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a person in a message."""

    text: str
    """Without the message quoted above it, and without the name of who speaks by a relay."""
    nick: str | None
    """Who said it, where a relay speaks for many; "" where the relay does not tell."""
    whole: str
    """With what a relay puts before it."""
    edited: bool = False
    """Whether a relay says that it was sent before, and says something else now."""
    emote: bool = False
    """`/me …`: it may ask something, but commands nothing."""
    names: tuple[str, ...] = ()
    """What the bot is called in it."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something came that means nothing; what means something is one of those below."""

    room: str
    event_id: str
    sender: str
    at: datetime
    """When it was sent; that may be long ago if the bot was away."""
    arrived: datetime | None
    """When it came to our homeserver, as far as is known."""


@dataclass(frozen=True, slots=True)
class Message(Incoming):
    content: Content
    """What it says; of an edit, what it turns its message into."""
    said: Said | None
    """None where it has no words of a person."""
    reply_to: str | None
    """The event that it answers; of an edit, the one that its message answers."""
    thread: str | None


@dataclass(frozen=True, slots=True)
class Edit(Message):
    original: str
    """The message that it edits. Homeservers let anybody send one."""


@dataclass(frozen=True, slots=True)
class Reaction(Incoming):
    target: str
    """The event that it is to."""
    key: str


@dataclass(frozen=True, slots=True)
class Redaction(Incoming):
    target: str
    """The event that it empties."""


@dataclass(frozen=True, slots=True)
class Encrypted(Incoming):
    """A message is encrypted; or all are that are sent from now on."""

    from_now_on: bool


@dataclass(frozen=True, slots=True)
class RightsChange(Incoming):
    """Others may do other things in the room now."""


@dataclass(frozen=True, slots=True)
class Upgrade(Incoming):
    """The room was replaced by another."""

    replacement: str


@dataclass(frozen=True, slots=True)
class Membership(Incoming):
    """Somebody came, left, was invited, removed or banned."""

    change: MemberChange


class MemberChange(NamedTuple):
    """What `Membership` says. A tuple, as `Tap`, because there are thousands of them."""

    room: str
    sender: str
    person: str
    now: str
    """`join`, `invite`, `leave` or `ban`."""

    @property
    def is_removed(self) -> bool:
        """Whether somebody else did it: removed, or banned."""
        return self.now == "ban" or (self.now == "leave" and self.sender != self.person)


class Tap(NamedTuple):
    """A reaction, as one of a run of many: when it was sent does not count there."""

    room: str
    event_id: str
    sender: str
    target: str
    key: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message that was asked for, because it may be older than all that came in."""

    message: Message
    """As it says now. Of whom it is, is `sender`; when it was sent is not looked at."""
    first: Content
    """As it said at first."""
    edit: str | None
    """The last edit of it, if there is one: that says what it says now."""
    mentions: tuple[str, ...]
    """The events that it says it answers, or belongs to."""
