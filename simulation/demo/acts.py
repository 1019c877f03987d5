"""What people do in the demo: the words of its script."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """There is one of each; as a key it is looked up by what it is, and not by what it says."""

    name: str
    alias: str | None = None
    """The local part; None: it has none."""
    topic: str = ""
    public: bool = False
    person: str | None = None
    """With whom the bot is alone there: a direct chat."""


@dataclass(frozen=True, slots=True)
class Act:
    at: str
    """The time on the clock, `10:25` or `10:25:30`."""


@dataclass(frozen=True, slots=True)
class Publish(Act):
    """A newer version of the schedule is published."""

    version: int
    said: str
    """For people: what is new."""


@dataclass(frozen=True, slots=True)
class Scan(Act):
    """Somebody in the hall, without an account, scans the code on the stage's page, and votes for
    a question on the room's. No room is told of it."""

    room: Room
    number: int
    said: str
    """For people."""


@dataclass(frozen=True, slots=True)
class Join(Act):
    """Somebody comes into a room, or begins a direct chat with the bot."""

    who: str
    room: Room
    invited: bool = False
    """Whether the bot begins that chat."""


@dataclass(frozen=True, slots=True)
class Leave(Act):
    """Somebody goes home from the meeting."""

    who: str
    room: Room


@dataclass(frozen=True, slots=True)
class Say(Act):
    """`answer` is a part of what the bot must answer; None: it must not answer."""

    who: str
    room: Room
    text: str
    answer: str | None = None
    lists: Room | None = None
    """The talk room whose questions the answer lists, with their votes."""


@dataclass(frozen=True, slots=True)
class Delete(Act):
    """Somebody deletes what they said in a room."""

    who: str
    room: Room
    text: str


@dataclass(frozen=True, slots=True)
class _About(Act):
    """Somebody does something with question `number` of a talk room."""

    who: str
    room: Room
    number: int


@dataclass(frozen=True, slots=True)
class Ask(_About):
    """`how` stands before the question; "❓": the message gets that as a reaction."""

    text: str
    how: str = "!ask"
    by: Room | None = None
    """The direct chat in which it is asked."""
    to: int | None = None
    """The question to which it is a reply, and whose talk it therefore is for."""
    answer: str | None = None
    """What is answered besides the question's number as a reaction."""
    pending: bool = False
    """Whether it waits for a moderator."""

    @property
    def said(self) -> str:
        return self.text if self.how == "❓" else f"{self.how} {self.text}"

    @property
    def nameless(self) -> bool:
        return self.how.startswith("!anon")


@dataclass(frozen=True, slots=True)
class Vote(_About):
    """By a reaction; by `+1`, as a reply; or by a command."""

    how: str = "👍"


@dataclass(frozen=True, slots=True)
class Unvote(_About):
    """A reaction is taken back; or by a command."""

    how: str = "👍"


@dataclass(frozen=True, slots=True)
class Edit(_About):
    """The asker's message says something else from now on."""

    text: str


@dataclass(frozen=True, slots=True)
class Decide(_About):
    """The question stands as `state` from then on: by a tap on its card in the hosts' room, or
    by what is typed in the room `by`."""

    state: str
    how: str
    answer: str | None = None
    by: Room | None = None
    """None: in the hosts' room."""
    sees: str | None = None
    """A part of what the bot must have said there before."""
    to_card: bool = False
    """Whether it is typed as a reply to the card."""
    into: int | None = None
    """With which question it is one now."""

    @property
    def is_tap(self) -> bool:
        return not self.how.isascii()

    @property
    def reason(self) -> str:
        """What the asker must be told."""
        return self.how.partition(f"dismiss {self.number} ")[2]


@dataclass(frozen=True, slots=True)
class Write(_About):
    """A speaker answers a letter in writing, in the direct chat `by`, which closes the question."""

    text: str
    by: Room


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did, where, and the event that it is."""

    act: Act
    room: Room
    event_id: str
    said: str
    """For people: who, and what was said."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something that a room must be told: it begins with `words`, is due at `at` (None:
    when the bot starts) and true for so many minutes."""

    at: str | None
    room: Room
    kind: str
    holds: float
    words: str
    lists: Room | None = None
    """As of `Say`."""
    also: str = ""
    """A part of what it says besides."""
