"""What is forgotten, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Text, cast, delete, exists, func, or_, select, update

from fosdembot.clock import Clock

from .engine import Database, WriteSession
from .meeting_tables import MeetingLine, MeetingOfRoom
from .page_tables import HallVote, PageLink, PageLogin, PageSession
from .question_tables import (
    Act,
    Answer,
    Barred,
    Conversation,
    Letter,
    Preference,
    Proposal,
    Question,
    QuestionLog,
    Reason,
    Speaker,
    Version,
    Vote,
    VoteMark,
)
from .redacted import forget_redacted
from .tables import (
    MEMBERS_READ,
    FailedEvent,
    Outgoing,
    Pause,
    RecentAnswer,
    Room,
    RoomAddress,
    RoomState,
    SeenEvent,
    TalkLog,
)
from .transcript_tables import OptOut, TranscriptChange, TranscriptRow

FIRST_AFTER, EVERY = 60.0, 6 * 3600.0
"""Seconds after the start, and from then on: a start has enough to do."""
SEEN_EVENTS = timedelta(days=14)
"""Long enough to find the place again after a long downtime."""
ACTS = timedelta(days=14)
"""Nothing that is sent repeats a request after so long."""
MEETING_LINES = timedelta(days=14)
"""The talk is over, and the meeting's chat with it."""
FAILED_EVENTS = timedelta(days=30)
RECENT_ANSWERS = timedelta(hours=1)
SECRETS = timedelta(minutes=10)
"""Whether what was sent is there is found out by its row, not by its words."""
LINK = "?key="
"""In the address of a secret link, and in no other of ours."""
TRANSCRIPT_CHANGES = timedelta(days=14)
"""Nobody has looked at them, perhaps because transcripts are switched off: then all that was made
in their rooms is due instead. What was redacted stays noted: by then the homeserver may have
nothing left of it, not even that it was redacted."""
NOBODY = "nobody"
"""In place of what a direct chat was made for."""


@dataclass(frozen=True, slots=True)
class Retention:
    """`names_before`: see `forget_what_is_old`."""

    database: Database
    clock: Clock
    names_before: Callable[[], datetime | None]

    async def step(self) -> float:
        """Forget. Returns the seconds until there is something new to forget."""
        await forget_what_is_old(self.database, self.clock, self.names_before)
        return EVERY


async def forget_what_is_old(
    database: Database, clock: Clock, names_before: Callable[[], datetime | None]
) -> None:
    """Delete what can have no effect any more; and, once the conference is long over, who
    did what until `names_before` (None: it is not)."""
    now, names = clock.now(), names_before()
    async with database.write() as session:
        await _forget_events(session, now - SEEN_EVENTS)
        await session.execute(delete(FailedEvent).where(FailedEvent.at < now - FAILED_EVENTS))
        await session.execute(delete(Act).where(Act.at < now - ACTS))
        old = MeetingLine.at < now - MEETING_LINES
        await session.execute(delete(MeetingLine).where(old))
        await session.execute(delete(RecentAnswer).where(RecentAnswer.at < now - RECENT_ANSWERS))
        await session.execute(forget_redacted())
        await _forget_secrets(session, now - SECRETS)
        await session.execute(delete(PageSession).where(PageSession.expires < now))
        await session.execute(delete(PageLogin).where(PageLogin.expires < now))
        await _forget_transcript_changes(session, now)
        await _forget_invitations(session)
        if names is not None:
            await _forget_names(session, names)
            await _forget_askers_and_voters(session, names)
            await _forget_actors(session, names)
            await _forget_chats(session, names)
            await _forget_audiences(session)
            await _forget_what_was_said(session, names)


async def _forget_events(session: WriteSession, before: datetime) -> None:
    """Not those that still count: in which room they stand must stay known (see
    `chat/relating.py`)."""
    event = SeenEvent.event_id
    counts = (
        exists().where(Question.source == event, ~_IS_NOBODYS),
        exists().where(Answer.cause == event),
        exists().where(Speaker.claim == event),
        exists().where(Version.event_id == event, Version.original == Question.source),
        exists().where(Version.event_id == event, Version.original == Answer.cause),
        exists().where(QuestionLog.cause == event, QuestionLog.can_undo),
    )
    await session.execute(delete(SeenEvent).where(SeenEvent.at < before, ~or_(*counts)))
    await session.execute(delete(Version).where(~exists().where(event == Version.event_id)))


_IS_NOBODYS = Question.direct & Question.asker.is_(None) & (Question.asker_name == "")
"""Of a question that was asked without a name: that who asked it is forgotten. In which chat it was
asked would say who."""


async def _forget_transcript_changes(session: WriteSession, now: datetime) -> None:
    nothing_made = ~exists().where(TranscriptRow.made_at.is_not(None))
    may_go = ~TranscriptChange.removed | nothing_made
    old = (TranscriptChange.at < now - TRANSCRIPT_CHANGES) & may_go
    rooms = select(TranscriptChange.room_id).where(old)
    made = TranscriptRow.made_at.is_not(None) & TranscriptRow.due.is_(None)
    await session.execute(
        update(TranscriptRow).where(made, TranscriptRow.room_id.in_(rooms)).values(due=now, tries=0)
    )
    await session.execute(delete(TranscriptChange).where(old))


async def _forget_secrets(session: WriteSession, before: datetime) -> None:
    """Secret links that were told: they stand in the chat, and nowhere else."""
    told = (Outgoing.sent_at < before) & Outgoing.state.in_(("sent", "failed", "dropped"))
    holds = cast(Outgoing.content, Text).contains(LINK)
    await session.execute(update(Outgoing).where(told, holds).values(content={}))


async def _forget_invitations(session: WriteSession) -> None:
    """Those that were declined or withdrawn, with all that they said of their rooms: anybody may
    send as many as they like."""
    never_entered = select(Room.room_id).where(
        Room.membership == "leave",
        Room.entered == "",
        Room.removed_at.is_(None),
        Room.made_for.is_(None),
        ~exists().where(RoomAddress.room_id == Room.room_id),
    )
    for table in (RoomState, Room):
        await session.execute(delete(table).where(table.room_id.in_(never_entered)))


async def _forget_names(session: WriteSession, before: datetime) -> None:
    """Those of people who opted out, before it is forgotten whose they are: transcripts that are
    made later shall not have them again."""
    people = select(OptOut.person)
    asked = Question.asker.in_(people) & (Question.asked_at < before)
    await session.execute(update(Question).where(asked).values(asker_name=""))
    answered = Answer.author.in_(people) & (Answer.at < before)
    await session.execute(update(Answer).where(answered).values(author_name=""))


async def _forget_askers_and_voters(session: WriteSession, before: datetime) -> None:
    """Numbers, texts and votes as they were counted stay: a question without its asker is
    not counted anew (see `questions/votes.py`)."""
    old = Question.asker.is_not(None) & (Question.asked_at < before)
    await session.execute(update(Question).where(old).values(asker=None))
    forgotten = select(Question.id).where(Question.asker.is_(None))
    for table in (VoteMark, Vote, HallVote):
        await session.execute(delete(table).where(table.question_id.in_(forgotten)))
    # A relay is nobody, and its votes shall not count tomorrow either.
    await session.execute(delete(Barred).where(Barred.reason != "relay"))


async def _forget_actors(session: WriteSession, before: datetime) -> None:
    await session.execute(
        update(Answer).where(Answer.author.is_not(None), Answer.at < before).values(author=None)
    )
    old = select(QuestionLog).where(QuestionLog.actor.is_not(None), QuestionLog.at < before)
    named = old.where(QuestionLog.action.in_(("mute", "unmute")))
    for entry in await session.scalars(named):
        entry.after = {}
    await session.flush()
    ids = old.with_only_columns(QuestionLog.id)
    await session.execute(update(QuestionLog).where(QuestionLog.id.in_(ids)).values(actor=None))
    await session.execute(update(TalkLog).where(TalkLog.at < before).values(actor=""))
    await session.execute(update(SeenEvent).where(SeenEvent.at < before).values(sender=None))
    await session.execute(delete(Speaker).where(Speaker.at < before))
    await session.execute(delete(Act).where(Act.at < before))
    # They name askers, and who typed commands by their ids.
    await session.execute(delete(MeetingLine).where(MeetingLine.at < before))
    made = PageLink.made_by.is_not(None) & (PageLink.made_at < before)
    await session.execute(update(PageLink).where(made).values(made_by=None))
    await session.execute(delete(PageSession).where(PageSession.made_at < before))
    for table in (MeetingOfRoom, Pause):
        await session.execute(update(table).where(table.at < before).values(actor=""))


async def _forget_chats(session: WriteSession, before: datetime) -> None:
    for table in (Conversation, Proposal):
        await session.execute(delete(table).where(table.at < before))
    for whole in (Preference, Letter, Reason):
        await session.execute(delete(whole))
    await session.execute(update(Room).where(Room.made_for.is_not(None)).values(made_for=NOBODY))
    left = Room.membership.in_(("leave", "ban"))
    await session.execute(update(Room).where(left).values(direct_with=None, inviter=None))
    removed = Room.removed_at.is_not(None) & (Room.removed_at < before)
    await session.execute(update(Room).where(removed).values(removed_by=None))


async def _forget_audiences(session: WriteSession) -> None:
    """What people are called in talk rooms; whoever speaks there again is known again. Not
    those in hosts' rooms, whom we know as moderators."""
    talk_rooms = select(RoomAddress.room_id).where(RoomAddress.room_id.is_not(None))
    all_known = select(RoomState.room_id).where(RoomState.type == MEMBERS_READ)
    await session.execute(
        delete(RoomState).where(
            RoomState.type == "m.room.member",
            RoomState.room_id.in_(talk_rooms),
            RoomState.room_id.not_in(all_known),
        )
    )


async def _forget_what_was_said(session: WriteSession, before: datetime) -> None:
    """Of what was sent only that stays by which it can be redacted."""
    done = Outgoing.state.in_(("sent", "failed", "dropped")) & (Outgoing.due < before)
    # Keys that name a person are never asked for again.
    names = Outgoing.key.contains("/@") | Outgoing.target.contains("/@")
    await session.execute(delete(Outgoing).where(done, names))
    # What answers somebody in their chat says that they wrote what it answers. Letters name
    # questions of others, which may have to be taken out still.
    chats = select(Room.room_id).where(Room.direct_with.is_not(None))
    is_letter = func.coalesce(Outgoing.target, Outgoing.key).startswith("letter/")
    await session.execute(delete(Outgoing).where(done, Outgoing.room_id.in_(chats), ~is_letter))
    empty = cast(Outgoing.content, Text) == "{}"
    await session.execute(update(Outgoing).where(done, ~empty).values(content={}))
