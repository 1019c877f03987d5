"""The tables about transcripts, and about who does not want to be named."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, true
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class TranscriptRow(Base):
    """A talk's transcript, and what is still to be done about it. Written by
    `conference/transcripts.py`."""

    __tablename__ = "transcripts"
    __table_args__ = (
        CheckConstraint("tries >= 0", name="tries"),
        Index("ix_transcripts_due", "due"),
    )

    talk: Mapped[str] = mapped_column(primary_key=True)
    """Its guid."""
    room_id: Mapped[str | None] = mapped_column(index=True)
    """The Matrix room in which it took place, once that is known."""
    due: Mapped[datetime | None]
    """When it is to be made (again); null: it stands as it should."""
    made_at: Mapped[datetime | None]
    """When it was made last; null: never."""
    tries: Mapped[int] = mapped_column(default=0)
    """Attempts that failed since then."""
    error: Mapped[str | None]
    """Why the last one did, in one line."""
    published: Mapped[bool] = mapped_column(default=False)
    """Whether everybody may read what was made last."""
    begins: Mapped[str | None]
    """The event before which nothing of the room belongs to it: where to read on from later,
    whatever was sent since."""
    recording: Mapped[str | None]
    """The recording of which the room was told."""
    uploaded: Mapped[str | None]
    """Names the file that was posted in the room and is there still (`transcripts/uploads.py`)."""


class TranscriptChange(Base):
    """A message that was redacted or edited, or that somebody answered, since transcripts were
    made that may have it. Written by `conference/transcripts.py`, in the transaction of the event;
    gone once it is known which have it."""

    __tablename__ = "transcript_changes"

    event_id: Mapped[str] = mapped_column(primary_key=True)
    room_id: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]
    removed: Mapped[bool] = mapped_column(server_default=true())
    """Whether nobody may read it any more. Where the homeserver has it no more either, nothing else
    says so."""


class OptOut(Base):
    """Somebody who does not want to be named, nor their words be kept with their name. Written by
    `actions/privacy.py`. It stays when all else about them is forgotten."""

    __tablename__ = "opt_outs"
    __table_args__ = (CheckConstraint("substr(person, 1, 1) = '@'", name="person"),)

    person: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
