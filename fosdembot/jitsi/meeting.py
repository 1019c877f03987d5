"""What a meeting is to the bot, whatever carries it.

What the bot says and obeys there (`bridge.py`) knows only this module; `xmpp.py` is what carries
Jitsi's meetings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from fosdembot.meeting_url import MeetingUrl

LONGEST_NAME = 100
"""Characters of a name in a meeting; what is longer is cut."""


class Kind(Enum):
    """What takes part."""

    PERSON = "person"
    VISITOR = "visitor"
    """Somebody who watches, without camera and microphone."""
    MACHINE = "machine"
    """The conference's focus, a recorder, a transcriber, a bot."""


@dataclass(frozen=True, slots=True)
class Participant:
    id: str
    """By which the meeting knows them as long as they are in it; given by the server."""
    name: str
    """What they call themselves: anybody can take any name."""
    kind: Kind = Kind.PERSON
    is_owner: bool = False
    """Whether they moderate the meeting, as the server says."""
    identity: str | None = None
    """Who they are by a token that the server checked; None: it says nothing."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody came, or is not as they were: their name, or whether they moderate."""

    participant: Participant


@dataclass(frozen=True, slots=True)
class Left:
    participant: Participant


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody, not the bot, wrote something now: what was said before the bot came is never
    passed on."""

    id: str
    """Unique among what this participant wrote; at most 100 printable characters."""
    sender: Participant
    text: str
    """At most 2,000 characters; not trusted."""
    reply_to: str | None = None
    """The id of the line that it answers, where it answers one."""
    is_private: bool = False
    """Whether it was said to the bot alone."""


Event = Arrived | Left | Said


class Trouble(Enum):
    """Why the bot is not in a meeting."""

    NOT_CONFIGURED = "not configured"
    """Its host is none of `jitsi.servers`."""
    UNKNOWN_HOST = "unknown host"
    """No address is known of its host."""
    AWAY = "away"
    """The server does not answer, or ended the connection."""
    UNTRUSTED = "untrusted"
    """Its certificate is not valid."""
    NO_WEBSOCKET = "no WebSocket"
    """It answers, but has no WebSocket there."""
    NOT_STARTED = "not started"
    """Nobody is there, and the bot is never the first."""
    TOKEN_NEEDED = "token needed"
    TOKEN_REFUSED = "token refused"
    NO_GUESTS = "no guests"
    """The server lets in only people with accounts ("secure domain")."""
    PASSWORD_NEEDED = "password needed"
    """The meeting has a password."""
    WRONG_NAMES = "wrong names"
    """Inside, the server is not called as its configuration, or the settings, say."""
    WAITS_IN_LOBBY = "waits in the lobby"
    """Somebody in the meeting has to let the bot in. It goes on waiting: this is no failure."""
    MEMBERS_ONLY = "members only"
    KICKED = "kicked"
    """Somebody removed the bot: it does not come back by itself."""
    REFUSED = "refused"
    """Anything else that the server said no to."""
    UNREADABLE = "unreadable"
    """What it sends is not what a meeting sends, or too much."""


class MeetingError(Exception):
    """The meeting cannot be entered, or is lost."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(trouble.value + (f": {detail}" if detail else ""))
        self.trouble = trouble
        self.detail = detail
        """What the server said: one harmless line of at most 200 characters, without secrets."""


class LineRefused(Exception):
    """The meeting does not take this line; the connection goes on."""


class Connection(Protocol):
    """The bot in one meeting, from the moment at which it was let in."""

    @property
    def participants(self) -> Mapping[str, Participant]:
        """All others, by their ids."""
        ...

    @property
    def known(self) -> frozenset[str]:
        """The ids of lines that the meeting's history showed when the bot came in: they were said,
        whatever we know of it."""
        ...

    async def ready(self) -> None:
        """Returns once a line would leave at once: servers limit how much one connection says.
        What is to be said is chosen after that, not before."""
        ...

    async def say(self, id_: str, text: str, to: str | None = None) -> None:
        """Say a line, to all or to one participant. Returns
        once the meeting has shown it to us. Raises `LineRefused`; `MeetingError` where the
        connection is lost, and nobody knows whether it was shown."""
        ...

    async def retract(self, id_: str, to: str | None = None) -> None:
        """Take a line back (XEP-0424), `to` whom it was said: clients that know it hide it. Raises
        as `say` does."""
        ...

    async def next_event(self) -> Event:
        """What happens, in its order. Raises `MeetingError` once the connection has ended."""
        ...

    async def close(self) -> None:
        """Leave. May be called again, and never raises."""
        ...


class Connect(Protocol):
    """Enters meetings."""

    async def __call__(
        self, meeting: MeetingUrl, name: str, waits: Callable[[], None]
    ) -> Connection:
        """Enter as `name`, and never as the first. Where there is a lobby, calls `waits` and waits
        there until it is let in. Raises `MeetingError`."""
        ...
