"""The tables about questions. The desk (`questions/`) is their only writer, except where a
comment names another.

Of a person only the Matrix id is kept, and the name that others see.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base

STATES = (
    "pending",
    "open",
    "starred",
    "answering",
    "answered",
    "dismissed",
    "merged",
    "withdrawn",
)


class QuestionRoom(Base):
    """A Matrix room in which questions are asked."""

    __tablename__ = "question_rooms"

    room_id: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(index=True)
    """The first room of those that were upgraded one to the next: their questions are
    numbered together."""
    moderated: Mapped[bool | None]
    """Whether a moderator sees each question first; null: as the settings say."""
    guests: Mapped[str | None]
    """What guests in the hall may do, as `pages.guests`; null: as the settings say."""
    last_number: Mapped[int] = mapped_column(default=0)
    """Of the scope, in the row of its first room: none is given twice, even where a question
    has left with its talk."""


class TalkQuestions(Base):
    """What was decided for all questions of a talk."""

    __tablename__ = "talk_questions"

    talk: Mapped[str] = mapped_column(primary_key=True)
    """Its guid, as everywhere."""
    closed: Mapped[bool] = mapped_column(default=False)
    """Whether no more questions are taken."""


class Question(Base):
    __tablename__ = "questions"
    __table_args__ = (
        UniqueConstraint("scope", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("votes >= 0", name="votes"),
        CheckConstraint(f"state IN ({', '.join(map(repr, STATES))})", name="state"),
        CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="merged"),
        CheckConstraint("merged_into <> id", name="merged_into_itself"),
        CheckConstraint("NOT skipped OR state = 'open'", name="skipped"),
        Index("ix_questions_talk_state", "talk", "state"),
        # One at a time is being answered.
        Index(
            "uq_questions_answering",
            "talk",
            unique=True,
            sqlite_where=text("state = 'answering'"),
            postgresql_where=text("state = 'answering'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str]
    number: Mapped[int]
    talk: Mapped[str]
    room_id: Mapped[str] = mapped_column(index=True)
    """The talk room in which it was asked, or for which, where it was asked elsewhere."""
    text: Mapped[str]
    """Empty once its message is redacted."""
    asker: Mapped[str | None] = mapped_column(index=True)
    """Null once forgotten. A relay's account, where it speaks for `asker_name`."""
    asker_name: Mapped[str]
    """What others see; empty for one who asked without a name."""
    relayed: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str | None] = mapped_column(unique=True)
    """What asked it, by an id as in `QuestionLog`: the asker's message in the talk room, or in a
    direct chat, or in the room in which the talk was to take place before; or what they did by
    another face."""
    direct: Mapped[bool] = mapped_column(default=False)
    """Whether `source` is no message in the talk room."""
    asked_at: Mapped[datetime]
    state: Mapped[str]
    state_at: Mapped[datetime]
    """Since when it is in this state."""
    skipped: Mapped[bool] = mapped_column(default=False)
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("questions.id"))
    root: Mapped[int | None] = mapped_column(ForeignKey("questions.id"), index=True)
    """The question that its votes count for: the end of the chain of `merged_into`, or
    itself. Null only between the two statements that make it."""
    votes: Mapped[int] = mapped_column(default=0)
    """How many people it has behind it, counted from the tables below; the desk sees to
    it after each change. What a merged one shows means nothing."""
    hall_votes: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many guests in the hall are for it, see `HallVote`; seen to in the same way."""
    hall_rank: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many of these count for the order: all, where `pages.guest_votes_rank` says so, or none.
    """


class Vote(Base):
    """A person is for a question. Whether that counts, see `questions/votes.py`."""

    __tablename__ = "votes"

    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True, index=True)


class VoteMark(Base):
    """What somebody voted by: a reaction or a command, for example. With the last one of a
    person the vote goes."""

    __tablename__ = "vote_marks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["question_id", "person"], ["votes.question_id", "votes.person"], ondelete="CASCADE"
        ),
        Index("ix_vote_marks_question_id_person", "question_id", "person"),
    )

    cause: Mapped[str] = mapped_column(primary_key=True)
    """As in `QuestionLog`."""
    question_id: Mapped[int]
    person: Mapped[str]


class Barred(Base):
    """Somebody whose votes do not count in a scope, while this row is there."""

    __tablename__ = "barred"
    __table_args__ = (CheckConstraint("reason IN ('membership', 'muted', 'relay')", name="reason"),)

    scope: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    """`membership`: banned or removed. `muted`: by a moderator; may not ask either.
    `relay`: an account that speaks for many."""


class QuestionLog(Base):
    """Every change of a question, and what was decided for a room or a person: who, when,
    from, to. `!undo` works from it."""

    __tablename__ = "question_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    scope: Mapped[str] = mapped_column(index=True)
    actor: Mapped[str | None]
    """Null once forgotten."""
    action: Mapped[str]
    cause: Mapped[str] = mapped_column(index=True)
    """What did it, by an id of its own: a Matrix event's, or that of another face, which begins
    with its name. What one cause did is taken back together."""
    acted_at: Mapped[datetime | None]
    """When the actor did it; `at` is when it took effect. Null where a version wrote the row that
    did not keep it."""
    question_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"), index=True)
    before: Mapped[dict[str, Any] | None]
    """The fields of the question that changed, as they were. Null where it was new."""
    after: Mapped[dict[str, Any]]
    can_undo: Mapped[bool]
    """Whether it was a moderator's or speaker's decision, and still stands."""


class Answer(Base):
    """A written answer. Several are kept, in order. Or, as long as it does not count, what a
    moderator said in reply to a question."""

    __tablename__ = "answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), index=True)
    cause: Mapped[str] = mapped_column(unique=True)
    """As in `QuestionLog`."""
    author: Mapped[str | None]
    """Null once forgotten."""
    author_name: Mapped[str]
    at: Mapped[datetime]
    text: Mapped[str]
    """Empty once its message is redacted."""
    counts: Mapped[bool] = mapped_column(default=True)
    """Whether it is an answer."""
    mark: Mapped[str | None] = mapped_column(index=True)
    """The reaction by which a moderator made it one."""


class Shown(Base):
    """A message of ours, by its key in the outbox, in which a question's text stands: when
    that is redacted, so is the message, or it is said anew. With the key of edits: one of
    them has it, perhaps an earlier one."""

    __tablename__ = "shown"

    message_key: Mapped[str] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(
        ForeignKey("questions.id"), primary_key=True, index=True
    )
    renewed: Mapped[bool]
    """Whether the message follows the question by edits (the board, a card)."""
    about: Mapped[bool]
    """Whether it is about this question alone: a reply or a reaction to it means the
    question."""


# --- actions/ -----------------------------------------------------------------


class Act(Base):
    """What was done by another face than chat, so that it is not done twice. Written by
    `actions/once.py`; forgotten after a while."""

    __tablename__ = "acts"
    __table_args__ = (
        CheckConstraint("length(cause) <= 255 AND substr(cause, 1, 1) <> '$'", name="cause"),
    )

    cause: Mapped[str] = mapped_column(primary_key=True)
    """As in `QuestionLog`; never a Matrix event."""
    person: Mapped[str]
    """Who did it: nobody else's cause is the same."""
    what: Mapped[str]
    """Digest of what was done, and to what."""
    question_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"))
    """The question that it was about."""
    at: Mapped[datetime]


# --- conference/board.py -----------------------------------------------------


class Board(Base):
    """What a message that says which talks are on says of them and of their questions."""

    __tablename__ = "boards"

    message_key: Mapped[str] = mapped_column(primary_key=True)
    frame: Mapped[str]
    """Digest of what it says without questions: corrected as soon as that is another."""
    shown: Mapped[str]
    """Digest of all of it but the votes: edited, within limits, only if that is another."""
    edited_at: Mapped[datetime]
    """When `shown` was last followed; at first, when the message was told."""
    edits: Mapped[int] = mapped_column(default=0)
    room_id: Mapped[str | None] = mapped_column(index=True)
    """Null where the message was told by a version that did not keep it, and is long gone."""
    says: Mapped[dict[str, Any] | None]
    """By guid its talks: the end (ISO) until which it says that they are on, null where it says
    that they are not. Null where it was told by a version that did not keep it."""
    posted_again: Mapped[int] = mapped_column(default=0)
    """How often the boards of its talk were posted anew because somebody deleted them."""


# --- chat/ --------------------------------------------------------------------


class Conversation(Base):
    """What a direct chat is about. Written by `chat/direct/conversations.py`."""

    __tablename__ = "conversations"

    person: Mapped[str] = mapped_column(primary_key=True)
    room_id: Mapped[str]
    """The direct chat."""
    at: Mapped[datetime]
    address: Mapped[str | None]
    """The talk room that it was about last."""
    draft: Mapped[str | None]
    """A question that waits for the name of its room."""
    draft_event: Mapped[str | None]
    anonymous: Mapped[bool] = mapped_column(default=False)


class Preference(Base):
    """What somebody wants. Written by `chat/commands/ask.py`."""

    __tablename__ = "preferences"

    person: Mapped[str] = mapped_column(primary_key=True)
    confirm_by_text: Mapped[bool] = mapped_column(default=False)


class Proposal(Base):
    """A message that somebody made a question by ❓ and that must be read first. Written
    by `chat/reactions/proposals.py`."""

    __tablename__ = "proposals"

    reaction: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str]
    """The message. Others may react to it who may not make it a question."""
    room_id: Mapped[str]
    person: Mapped[str]
    """Who reacted."""
    at: Mapped[datetime]


class Version(Base):
    """What a message that meant something to the bot said, and what each edit made of it; gone
    once that is redacted. Written by `chat/edits/versions.py`."""

    __tablename__ = "versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True)
    """The message, or its edit."""
    original: Mapped[str] = mapped_column(index=True)
    """The message."""
    content: Mapped[dict[str, Any]]


class Reason(Base):
    """Why a question was dismissed, typed where the audience does not read. It is there as long
    as that stands. Written by `notifications/reasons.py`."""

    __tablename__ = "reasons"

    cause: Mapped[str] = mapped_column(primary_key=True)
    """The event of the command."""
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), index=True)
    text: Mapped[str]
    tap: Mapped[str | None] = mapped_column(unique=True)
    """The reaction by which a moderator let it be posted in the talk room."""


# --- speakers, hosts, letters -------------------------------------------------


class Speaker(Base):
    """Whom a talk's questions go to. Written by `conference/speakers.py`."""

    __tablename__ = "speakers"

    talk: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    confirmed: Mapped[bool]
    """False: a claim that waits for a moderator."""
    claim: Mapped[str | None] = mapped_column(unique=True)
    """What claimed it, by an id as in `QuestionLog`."""
    at: Mapped[datetime]


class HostsRoom(Base):
    """Where the moderators of a track (`*`: of all) meet. Written by `conference/hosts.py`."""

    __tablename__ = "hosts_rooms"

    track: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str]
    """Empty: nowhere, whatever the settings say."""


class Letter(Base):
    """What was not reached in a talk, for its speaker to answer in writing. Written by
    `conference/letters.py`."""

    __tablename__ = "letters"
    __table_args__ = (
        CheckConstraint("state IN ('wanted', 'sent', 'reminded', 'closed')", name="state"),
    )

    talk: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    room_id: Mapped[str | None]
    """The direct chat, once there is one."""
    due: Mapped[datetime]
    """When the next step is to be taken."""
    closes: Mapped[datetime]
    """Until when an answer is taken."""
    questions: Mapped[int] = mapped_column(default=0)
    """How many it named."""
