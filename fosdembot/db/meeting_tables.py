"""The tables about speakers' meetings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base

LINE_STATES = ("queued", "sending", "sent", "dropped")


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


class MeetingLine(Base):
    """What a meeting is told, once. Written by
    `conference/meeting_lines.py`.

    It is put here in the transaction of its cause, `sending` is durable before it leaves, and it
    is `sent` once the meeting has shown it to us.
    """

    __tablename__ = "meeting_lines"
    __table_args__ = (
        UniqueConstraint("meeting", "key"),
        UniqueConstraint("stanza"),
        CheckConstraint(f"state IN ({', '.join(map(repr, LINE_STATES))})", name="state"),
        CheckConstraint("length(body) <= 500", name="body"),
        Index(
            "ix_meeting_lines_waiting",
            "meeting",
            "id",
            sqlite_where=text("state IN ('queued', 'sending')"),
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    """Also the order in which they are said."""
    meeting: Mapped[str]
    """Its address (`MeetingUrl`)."""
    key: Mapped[str]
    """What is said under a key is said once in a meeting."""
    talk: Mapped[str | None] = mapped_column(index=True)
    """The guid of the talk that it is about."""
    question_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"), index=True)
    """The question that it shows."""
    body: Mapped[str]
    """Empty once the question's text is redacted."""
    recipient: Mapped[str | None]
    """To whom alone it is said, by their id in the meeting; null: to all."""
    stanza: Mapped[str]
    """The id with which it is sent, and sent again where we cannot know whether it arrived."""
    state: Mapped[str] = mapped_column(default="queued")
    at: Mapped[datetime]
    expires: Mapped[datetime]
    """Not worth saying afterwards."""
    retract: Mapped[bool] = mapped_column(default=False)
    """Whether it is to be taken back in the meeting, and is not yet."""
