"""The tables about speakers' meetings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base

LINE_STATES = ("queued", "sending", "sent", "refused", "dropped")
LINE_KINDS = ("times", "moment", "question", "answer", "refusal")
SHOWN = ("best", "taken", "none")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(map(repr, values))})"


_WORK = text("state IN ('queued', 'sending') OR retract")


class MeetingOfRoom(Base):
    """The meeting that somebody named for the talks of a Matrix room, whatever schedule and
    settings say. Written by `conference/meetings.py`."""

    __tablename__ = "meetings_of_rooms"

    address: Mapped[str] = mapped_column(primary_key=True)
    """Of the room, as schedule and settings name it."""
    url: Mapped[str | None]
    """Null: its talks have none (`!jitsi off`)."""
    at: Mapped[datetime]
    actor: Mapped[str]


class MeetingRemoval(Base):
    """That somebody removed the bot from a meeting. Written by `conference/meeting_removals.py`."""

    __tablename__ = "meeting_removals"

    meeting: Mapped[str] = mapped_column(primary_key=True)
    """Its address (`MeetingUrl`)."""
    talk: Mapped[str]
    """The guid of the talk that was on, or came next: until that is over the bot stays out."""
    at: Mapped[datetime]


class MeetingLine(Base):
    """What a meeting is told, once. Written by `conference/meeting_lines.py`.

    It is put here in the transaction of its cause, `sending` is durable before it leaves, and it
    is `sent` once the meeting has shown it to us. `refused`: the meeting does not take it.
    `dropped`: nobody needs it any more; where it was tried, nobody knows whether it was shown.
    """

    __tablename__ = "meeting_lines"
    __table_args__ = (
        UniqueConstraint("meeting", "key"),
        UniqueConstraint("stanza"),
        CheckConstraint(_one_of("state", LINE_STATES), name="state"),
        CheckConstraint(_one_of("kind", LINE_KINDS), name="kind"),
        CheckConstraint(f"shows IS NULL OR {_one_of('shows', SHOWN)}", name="shows"),
        CheckConstraint(
            "CASE state WHEN 'queued' THEN tried IS NULL WHEN 'dropped' THEN true"
            " ELSE tried IS NOT NULL END",
            name="tried",
        ),
        CheckConstraint("length(body) <= 500", name="body"),
        Index("ix_meeting_lines_work", "meeting", "id", sqlite_where=_WORK, postgresql_where=_WORK),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    """Also the order in which they are said, among those that are equally urgent."""
    meeting: Mapped[str]
    """Its address (`MeetingUrl`)."""
    key: Mapped[str]
    """What is said under a key is said once in a meeting."""
    kind: Mapped[str]
    talk: Mapped[str | None] = mapped_column(index=True)
    """The guid of the talk that it is about."""
    shows: Mapped[str | None]
    """What it tells of the talk's questions: the best one, the one that is taken, or that none
    waits. Null: nothing."""
    question_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"), index=True)
    """The question that it shows."""
    body: Mapped[str]
    """Empty once it may not be read any more; so are lines that only note what was told."""
    recipient: Mapped[str | None]
    """To whom alone it is said, by their id in the meeting; null: to all."""
    stanza: Mapped[str]
    """The id with which it is sent, and sent again where we cannot know whether it arrived."""
    state: Mapped[str] = mapped_column(default="queued")
    at: Mapped[datetime]
    expires: Mapped[datetime]
    """Not worth saying afterwards."""
    tried: Mapped[datetime | None]
    """When it left, or was about to."""
    voice: Mapped[str | None]
    """Which run of the bot says it."""
    retract: Mapped[bool] = mapped_column(default=False)
    """Whether it is to be taken back in the meeting, and is not yet."""


class CheckIn(Base):
    """What was seen to before a talk: whether its speaker is there. Written by
    `conference/check_in_rows.py`, as is the next one."""

    __tablename__ = "check_ins"
    __table_args__ = (UniqueConstraint("talk", "start", "about"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    """Stands in the key of what hosts were told, if they were."""
    talk: Mapped[str]
    """Its guid."""
    start: Mapped[datetime]
    """For which start; a talk that is moved is looked at again."""
    about: Mapped[str]
    """What was seen to: so many minutes before the start, or a trouble."""


class HushedTalk(Base):
    """Of this talk hosts want to hear no more that nobody is in its meeting."""

    __tablename__ = "hushed_talks"

    cause: Mapped[str] = mapped_column(primary_key=True)
    """By which somebody said so, and by which it is taken back."""
    talk: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]
