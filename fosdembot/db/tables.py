"""The tables; those about questions are in `question_tables.py`.

Each kind of row has one writer, named above it.

Times are conference time (see clock.py), in UTC. Texts from outside are bounded
by whoever writes them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class Instance(Base):
    """What this database is, in one row. Written once, when it is made."""

    __tablename__ = "instance"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    salt: Mapped[str]
    """Goes into every transaction id: a new database on an old account shares none."""


# --- matrix/inbox.py ---------------------------------------------------------


class SyncPosition(Base):
    """How far an account's `/sync` has taken effect (Client-Server API, "Syncing")."""

    __tablename__ = "sync_position"

    user_id: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[str]
    at: Mapped[datetime | None]
    """When we had got this position: what comes after it arrived later."""


class SeenEvent(Base):
    """An event that has taken effect, or failed for good: it never does again."""

    __tablename__ = "seen_events"

    event_id: Mapped[str] = mapped_column(primary_key=True)
    room_id: Mapped[str] = mapped_column(index=True)
    sender: Mapped[str | None]
    """Null once forgotten, and where it was seen by a version that kept no senders."""
    at: Mapped[datetime] = mapped_column(index=True)


class FailedEvent(Base):
    """An event that could not be handled, with why."""

    __tablename__ = "failed_events"

    event_id: Mapped[str] = mapped_column(primary_key=True)
    room_id: Mapped[str]
    at: Mapped[datetime]
    error: Mapped[str]


MEMBERS_READ = "org.fosdembot.members_read"
"""Of a room state that says that all members of the room are known. It goes with the rest of
what is known of the room, when the bot comes in anew."""


class RoomState(Base):
    """The current state of a room, of the types that we ask for."""

    __tablename__ = "room_state"

    room_id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(primary_key=True)
    state_key: Mapped[str] = mapped_column(primary_key=True)
    sender: Mapped[str]
    content: Mapped[dict[str, Any]]


class Room(Base):
    """A room that the bot is, was or is asked to be in.

    `membership` follows the room's timeline: no event is obeyed while it is not
    `join`.
    """

    __tablename__ = "rooms"
    __table_args__ = (
        CheckConstraint("membership IN ('join', 'invite', 'leave', 'ban')", name="membership"),
    )

    room_id: Mapped[str] = mapped_column(primary_key=True)
    membership: Mapped[str]
    entered: Mapped[str] = mapped_column(default="")
    """The position in `/sync` after which we came in, or came to know of it: nothing from
    before is obeyed, even where a crash makes us read on from there once more."""
    inviter: Mapped[str | None]
    """Who asked, while the membership is `invite`."""
    direct_with: Mapped[str | None]
    """The other person, where it is a direct chat."""
    bridged: Mapped[bool] = mapped_column(default=False)
    """Whether somebody was seen there who sits behind a bridge."""
    deserted: Mapped[bool] = mapped_column(default=False)
    """Whether the other person has left a direct chat: then so does the bot."""
    made_for: Mapped[str | None] = mapped_column(index=True)
    """Why we made it ourselves, see `matrix/direct.py`."""
    behind: Mapped[str | None]
    """The position after which its history is still to be read, where that failed: until then
    nothing newer takes effect there (`matrix/lagging.py`). Empty where it is not known."""
    behind_at: Mapped[datetime | None]
    """What comes after that position arrived later than this."""
    state_lost_at: Mapped[datetime | None]
    """When a part of its history was passed over, until the room was asked how it stands now:
    who was given power, or lost it, may be in that part (`matrix/lagging.py`)."""
    removed_at: Mapped[datetime | None]
    """When somebody removed or banned us, until we are back and have read what we missed."""
    removed_by: Mapped[str | None]


# --- matrix/rooms.py, role_rooms.py, upgrades.py -----------------------------


class RoomAddress(Base):
    """An address that the schedule or the settings name, and the room it led to."""

    __tablename__ = "room_addresses"

    address: Mapped[str] = mapped_column(primary_key=True)
    room_id: Mapped[str | None] = mapped_column(index=True)
    via: Mapped[str | None]
    """A server to join through, where the id alone does not tell (room version 12)."""
    successor: Mapped[str | None]
    """Where an upgrade leads; it becomes `room_id` when it is joined and agrees."""
    replaces: Mapped[str | None]
    """The room whose upgrade leads to `successor`."""
    bridged: Mapped[bool] = mapped_column(default=False)
    """Whether somebody behind a bridge was there when the bot came in."""
    problem: Mapped[str | None]
    """Why it is not joined: an error code of the homeserver, or one of ours."""
    problem_told: Mapped[str | None]
    """The problem that the control room knows of."""


class RoleRoom(Base):
    """The room that has the role of an address (control room, hosts' room): the one to which
    the homeserver said that it leads. What else is called so makes no difference."""

    __tablename__ = "role_rooms"

    address: Mapped[str] = mapped_column(primary_key=True)
    room_id: Mapped[str] = mapped_column(index=True)


# --- matrix/outbox.py --------------------------------------------------------


_WAITING: dict[str, Any] = dict.fromkeys(
    ("sqlite_where", "postgresql_where"), text("state IN ('queued', 'sending')")
)


class Outgoing(Base):
    """What the bot sends, from the transaction of its cause until it is there.

    `kind` says what becomes of it when something newer comes: a `message` stays,
    an `edit` is replaced by a newer one of the same target, `state` converges, a
    `redaction` takes its target back; where that is an edit, those before it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("kind IN ('message', 'edit', 'state', 'redaction')", name="kind"),
        CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'dropped')", name="state"
        ),
        Index("ix_outbox_waiting", "urgency", "due", "id", **_WAITING),
        Index("ix_outbox_expiring", "expires", **_WAITING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """Names the cause; nothing with the same key is ever sent twice."""
    kind: Mapped[str]
    room_id: Mapped[str]
    event_type: Mapped[str]
    content: Mapped[dict[str, Any]]
    target: Mapped[str | None] = mapped_column(index=True)
    """Key of the message that this edits, pins, reacts to or redacts."""
    urgency: Mapped[int]
    """Smaller goes first."""
    due: Mapped[datetime]
    expires: Mapped[datetime | None]
    """Not sent after this time."""
    state: Mapped[str]
    revision: Mapped[int]
    """Counts the contents of an edit or state: each has a transaction id of its own."""
    txn_id: Mapped[str] = mapped_column(unique=True)
    """Also the message's `org.fosdembot.key`."""
    device_id: Mapped[str | None]
    """The device of the first try: the scope of the transaction id."""
    first_try: Mapped[datetime | None]
    event_id: Mapped[str | None] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None]


# --- conference/alarms.py ----------------------------------------------------


class RoomAlarm(Base):
    """What is wrong in a room, and was told to organisers and hosts; it goes when it is over."""

    __tablename__ = "room_alarms"

    address: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    """See `conference/room_health.py`."""
    since: Mapped[datetime]


# --- conference/told_notices.py ----------------------------------------------


class ToldNotice(Base):
    """A notice that was told: it never is again. See `talks/notices.py`."""

    __tablename__ = "told_notices"

    key: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(index=True)
    message_key: Mapped[str] = mapped_column(index=True)
    """The message in the outbox that says it, perhaps with others."""


# --- chat/replies.py ---------------------------------------------------------


class RecentAnswer(Base):
    """When a room last got the answer to a question that anybody may ask."""

    __tablename__ = "recent_answers"

    room_id: Mapped[str] = mapped_column(primary_key=True)
    question: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    answer: Mapped[str]
    """Digest of what was answered, a blank, and the event that it answered."""


# --- talks/programme.py ------------------------------------------------------


class TalkRow(Base):
    """A talk as last published, and what moderators decided for it."""

    __tablename__ = "talks"

    guid: Mapped[str] = mapped_column(primary_key=True)
    published: Mapped[dict[str, Any]]
    """Its fields, see `schedule/model.py`."""
    vanished_at: Mapped[datetime | None]
    """When it was gone from the schedule: it counts as cancelled."""
    override: Mapped[dict[str, Any] | None]
    """See `talks/slots.py`; null where nothing was decided."""


class TalkLog(Base):
    """Every decision on talks: who, when, from, to. `!undo` works from it."""

    __tablename__ = "talk_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    room_id: Mapped[str] = mapped_column(index=True)
    actor: Mapped[str]
    action: Mapped[str]
    changes: Mapped[list[Any]]
    """`[{"guid", "before", "after"}]`, overrides or null."""
    undone: Mapped[bool] = mapped_column(default=False)


class ScheduleCopy(Base):
    """The schedule in force, one that is held back, the last that could not be used."""

    __tablename__ = "schedules"
    __table_args__ = (
        CheckConstraint("standing IN ('in_force', 'held', 'refused')", name="standing"),
    )

    standing: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    """SHA-256 of the bytes and of the settings that they are read with."""
    at: Mapped[datetime]
    title: Mapped[str]
    time_zone: Mapped[str | None]
    utc_offset: Mapped[int | None]
    """In minutes, where no zone is known; see `schedule/model.py`."""
    note: Mapped[str]
    """Why it is held back or was refused; of the one in force what is odd in it, see
    conference/schedule_warnings.py."""
    data: Mapped[bytes | None]
    """What was fetched, compressed, where it may be needed again."""
    accepted: Mapped[bool] = mapped_column(default=False)
    """Whether an organiser let a held one in, which then happens at once."""


class ToldTrouble(Base):
    """A kind of trouble that organisers were told of, and not yet that it is over. Written by
    conference/control_room.py."""

    __tablename__ = "told_troubles"

    kind: Mapped[str] = mapped_column(primary_key=True)


class Pause(Base):
    """Where every notice is held: a Matrix room's address, a track, or all (`*`). Written by
    `conference/pauses.py`."""

    __tablename__ = "pauses"

    scope: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
