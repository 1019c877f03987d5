"""The one model of a transcript, from which every format is rendered.

It is stored as JSON (`model_file.py`), whose schema (docs/transcript.schema.json) is made from
these classes. It is private: it holds Matrix ids, and the chat also where that is not published.

Texts are as people wrote them, made harmless for one line or several, and bounded; they are still
untrusted. HTML is what nh3 left of it. Times are UTC.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

VERSION = 1
"""Of the model. A reader refuses those of later ones."""

LONGEST_RECORDING = 1_000_000
"""Seconds: of a stream that went on for days."""

ChatRule = Literal["published", "kept", "none"]
"""What becomes of the chat: everybody reads it; it is kept for those who asked questions later and
never published; it is not even kept."""

MessageType = Literal[
    "text", "notice", "emote", "image", "video", "audio", "file", "sticker", "location", "poll",
    "other", "unreadable", "redacted",
]  # fmt: skip

QuestionState = Literal["open", "starred", "answering", "answered"]
"""Others are not published: those that wait for a moderator, were dismissed or withdrawn. A merged
one stands under the question that it became part of."""


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Span(_Value):
    start: AwareDatetime
    end: AwareDatetime


class Link(_Value):
    label: str
    url: str
    """http or https."""


class Links(_Value):
    """Those of the schedule."""

    recordings: tuple[Link, ...] = ()
    subtitles: tuple[Link, ...] = ()
    slides: tuple[Link, ...] = ()


class TalkInfo(_Value):
    guid: str
    id: str = ""
    title: str
    subtitle: str = ""
    persons: tuple[str, ...] = ()
    track: str = ""
    place: str = ""
    language: str = ""
    url: str = ""
    planned: Span
    actual: Span
    outcome: Literal["held", "cancelled", "no_show"] = "held"
    recording_optout: bool = False


class Privacy(_Value):
    """What the organiser had said when this was made."""

    contact: str
    """Whom to write to, to have something removed."""
    chat: ChatRule
    indexed: bool = False
    """Whether search engines may list it."""


class People(_Value):
    """How many took part; nobody is counted twice."""

    wrote: int = 0
    asked: int = 0
    voted: int = 0


class Answer(_Value):
    """In writing."""

    text: str
    author: str
    """The name that others saw."""
    by: str | None = None
    """Matrix id, or a mark (see `Question.by`); null where it is forgotten, or was not given by a
    Matrix account."""
    at: AwareDatetime
    event: str | None = None


class Spoken(_Value):
    """Where the question is in the recording, and what was answered there."""

    second: Annotated[float, Field(ge=0, le=LONGEST_RECORDING)]
    score: Annotated[float, Field(ge=0, le=100)] | None
    """How well the subtitles match the question; null where its place follows from those of other
    questions."""
    quote: str | None = None
    """What the subtitles say until the next question. It is not shown where the speaker answered in
    writing after the talk, which corrects it."""


class Merged(_Value):
    """A question that became part of another one."""

    number: int
    text: str
    asker: str = ""
    by: str | None = None
    event: str | None = None


class Question(_Value):
    number: int
    text: str
    asker: str = ""
    """The name that others saw; empty where it was asked without one, or is not to be shown."""
    by: str | None = None
    """Matrix id of who asked; for somebody who is not to be named a mark, which begins with ~ and
    says nothing; null where it is forgotten or never shown (a nameless question)."""
    event: str | None = None
    """The message that asked it, in the talk's room."""
    votes: int
    state: QuestionState
    asked_at: AwareDatetime
    taken_at: AwareDatetime | None = None
    """When it was taken to be answered, on the stage."""
    answered_at: AwareDatetime | None = None
    answers: tuple[Answer, ...] = ()
    merged: tuple[Merged, ...] = ()
    spoken: Spoken | None = None


class Unread(_Value):
    """A question that was taken, and so perhaps read aloud, and that nobody may read any more. Of
    its words nothing is left: no quote may go on into its reading."""

    number: int
    taken_at: AwareDatetime


class Reaction(_Value):
    key: str
    events: tuple[str, ...]
    """The reactions themselves: as many people."""


class Quote(_Value):
    """The message that one answers, shortened."""

    id: str
    """Empty where that message was removed."""
    name: str = ""
    by: str | None = None
    """Matrix id of who wrote it, or a mark; null where that is forgotten."""
    text: str = ""
    """Empty where it is not to be read (any more)."""


class PollOption(_Value):
    text: str
    votes: int


class File(_Value):
    name: str
    mimetype: str = ""
    bytes: int | None = None


class Message(_Value):
    """One event of the chat."""

    kind: Literal["message"] = "message"
    id: str
    at: AwareDatetime
    name: str
    """The display name that its sender had then."""
    by: str | None
    type: MessageType
    text: str = ""
    """Of a poll its question; of a location its description; of another kind what it is."""
    html: str | None = None
    """The same with its markup, where it has some."""
    is_bot: bool = False
    is_question: bool = False
    """Whether it asked one of the questions above."""
    edited: str | None = None
    """The last edit."""
    reply_to: Quote | None = None
    thread: str | None = None
    """The message that its thread began with. Such a line follows that one, after others of the
    same thread."""
    reactions: tuple[Reaction, ...] = ()
    poll: tuple[PollOption, ...] = ()
    file: File | None = None


class Gap(_Value):
    """A part of the chat that could not be read."""

    kind: Literal["gap"] = "gap"
    after: AwareDatetime | None
    """The last moment before it that is known."""
    why: str


Line = Annotated[Message | Gap, Field(discriminator="kind")]


class Transcript(_Value):
    """All but the lines of the chat, which may be many."""

    version: Literal[1] = 1
    conference: str
    zone: str = "UTC"
    """IANA zone in which people read the times."""
    talk: TalkInfo
    room: str | None = None
    """Address of the Matrix room."""
    room_id: str | None = None
    window: Span
    """When the messages below were sent, but for replies to them."""
    links: Links = Links()
    privacy: Privacy
    people: People = People()
    messages: int = 0
    """Lines of the chat that people wrote."""
    recording_offset: (
        Annotated[float, Field(ge=-LONGEST_RECORDING, le=LONGEST_RECORDING)] | None
    ) = None
    """Second of the recording at which the talk's actual start is, where that is known."""
    questions: tuple[Question, ...] = ()
    """As people knew them: best first, those that were taken in the order of that."""
    unread: tuple[Unread, ...] = ()
    """By number."""

    @property
    def name(self) -> str:
        """What its files are called."""
        from fosdembot.talks.file_name import file_name

        return file_name(self.talk.guid)


def minute_of(talk: TalkInfo, moment: datetime) -> int:
    """The minute of the talk (its first is 1) in which something was; 0 before its start."""
    return max(0, int((moment - talk.actual.start).total_seconds() // 60) + 1)
