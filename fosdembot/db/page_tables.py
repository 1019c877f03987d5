"""The tables about pages: secret links, who is logged in, and what people in the hall do.

Of each secret only a hash is kept (`conference/page_secrets.py`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base

# --- conference/page_links.py ------------------------------------------------


class PageLink(Base):
    """A secret address to pass on: whoever opens it may do there what its kind says, and nowhere
    else."""

    __tablename__ = "page_links"
    __table_args__ = (
        CheckConstraint("kind IN ('speaker', 'moderator', 'overlay')", name="kind"),
        CheckConstraint("(kind = 'overlay') = (talk IS NULL)", name="talk"),
        CheckConstraint("(kind = 'overlay') = (address IS NOT NULL)", name="address"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    secret: Mapped[str] = mapped_column(unique=True)
    """Its hash."""
    kind: Mapped[str]
    talk: Mapped[str | None] = mapped_column(index=True)
    """The talk (its guid) that it is for."""
    address: Mapped[str | None] = mapped_column(index=True)
    """The talk room that it is for."""
    name: Mapped[str]
    """What others see of what is done by it: the speaker's name, for example."""
    made_at: Mapped[datetime]
    made_by: Mapped[str | None]
    """Who asked for it; null where nobody did, or once forgotten."""
    expires: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


# --- conference/page_sessions.py ---------------------------------------------


class PageSession(Base):
    """Somebody who is logged in on a page: a person with a Matrix account, or a guest in the hall
    during one talk."""

    __tablename__ = "page_sessions"
    __table_args__ = (
        CheckConstraint("(substr(person, 1, 1) = '@') = (talk IS NULL)", name="talk"),
    )

    token: Mapped[str] = mapped_column(primary_key=True)
    """The hash of what a browser shows."""
    person: Mapped[str] = mapped_column(index=True)
    """A Matrix id; of a guest `guest:` and an id of its own."""
    name: Mapped[str]
    """What others see where no room knows them; empty of a guest."""
    talk: Mapped[str | None] = mapped_column(index=True)
    """A guest's."""
    made_at: Mapped[datetime]
    expires: Mapped[datetime] = mapped_column(index=True)


# --- conference/page_logins.py -----------------------------------------------


class PageLogin(Base):
    """Somebody who is about to log in: a page shows a code that a person types in a direct chat
    with the bot, or a person there was given a personal link. The page asks whether it is them."""

    __tablename__ = "page_logins"

    id: Mapped[int] = mapped_column(primary_key=True)
    browser: Mapped[str | None] = mapped_column(unique=True)
    """The hash of what the browser shows that waits; null of a link that none has opened."""
    code: Mapped[str | None] = mapped_column(unique=True)
    """What is typed; null of a personal link."""
    secret: Mapped[str | None] = mapped_column(unique=True)
    """The hash of a personal link's secret; null of a code."""
    person: Mapped[str | None]
    """Who typed the code, or was given the link."""
    name: Mapped[str]
    expires: Mapped[datetime] = mapped_column(index=True)


# --- questions/hall_votes.py -------------------------------------------------


class HallVote(Base):
    """A guest in the hall is for a question. Counted in `Question.hall_votes`, apart from the
    votes of persons."""

    __tablename__ = "hall_votes"

    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True)
    guest: Mapped[str] = mapped_column(primary_key=True, index=True)


# --- conference/widgets.py ---------------------------------------------------


class RoomWidget(Base):
    """Whether a talk room has the room page as a widget, where a moderator decided it."""

    __tablename__ = "room_widgets"

    room_id: Mapped[str] = mapped_column(primary_key=True)
    wanted: Mapped[bool]
