"""Which transcripts are to be made, and when. The one writer of `transcripts` and
`transcript_changes`; who makes them is `transcripts/maker.py`.

That something is to be made stands in the transaction of its cause, so a crash only delays it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.changes import Changes, TranscriptsDue
from fosdembot.db.engine import WriteSession
from fosdembot.db.insert import insert_new
from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Answer, Question, QuestionLog
from fosdembot.db.transcript_tables import TranscriptChange, TranscriptRow

LONGEST_ERROR = 300
_PUBLISHED = Prepared(
    select(TranscriptRow.talk).where(
        TranscriptRow.talk.in_(bindparam("talks", expanding=True)), TranscriptRow.published
    )
)


# What is to be made.


async def want(session: WriteSession, talk: str, room: str | None, due: datetime) -> bool:
    """A talk (its guid) is to have a transcript; whether it had none before."""
    insert = insert_new(await session.connection(), TranscriptRow)
    values = {"talk": talk, "room_id": room, "due": due, "tries": 0, "published": False}
    new = insert.values(**values).returning(TranscriptRow.talk)
    return (await session.execute(new)).first() is not None


async def mark_due(
    session: WriteSession,
    changes: Changes,
    now: datetime,
    *,
    talks: Collection[str] | None = None,
    rooms: Collection[str] | None = None,
    before: datetime | None = None,
) -> int:
    """The transcripts that were made of these talks (their guids), or in these rooms (their ids),
    or `before` some moment, are to be made again; without any of these all. Returns how many.

    One that is being made right now is made once more, also for the first time.
    """
    begun = TranscriptRow.made_at.is_not(None) | (TranscriptRow.due <= now)
    mark = update(TranscriptRow).where(begun).values(due=now, tries=0)
    if talks is not None:
        mark = mark.where(TranscriptRow.talk.in_(talks))
    if rooms is not None:
        mark = mark.where(TranscriptRow.room_id.in_(rooms))
    if before is not None:
        mark = mark.where(TranscriptRow.made_at < before)
    marked = len((await session.execute(mark.returning(TranscriptRow.talk))).all())
    if marked:
        changes.publish(session, TranscriptsDue())
    return marked


async def want_now(
    session: WriteSession, changes: Changes, talk: str, room: str | None, now: datetime
) -> None:
    """Somebody asks for the transcript of a talk (its guid), made or not."""
    if not await want(session, talk, room, now):
        again = update(TranscriptRow).where(TranscriptRow.talk == talk)
        await session.execute(again.values(due=now, tries=0))
    changes.publish(session, TranscriptsDue())


async def note_change(
    session: WriteSession, changes: Changes, room: str, event: str, now: datetime, *, removed: bool
) -> None:
    """A message of a room was redacted (`removed`) or edited, or somebody answered it. Where no
    transcript was made of the room, nor may be in the making, that means nothing."""
    if await session.scalar(select(exists().where(TranscriptRow.room_id == room, _begun(now)))):
        await _note(session, room, event, now, removed)
        changes.publish(session, TranscriptsDue())


async def note_hidden(
    session: WriteSession, changes: Changes, questions: Iterable[Question], now: datetime
) -> None:
    """Nobody may read these any more, nor what the bot repeated of them, in whichever room.
    Where no transcript was made, nor may be in the making, that means nothing."""
    sources = {each.source: each.room_id for each in questions if each.source is not None}
    if sources and await session.scalar(select(exists().where(_begun(now)))):
        for source, room in sources.items():
            await _note(session, room, source, now, removed=True)
        changes.publish(session, TranscriptsDue())


def _begun(now: datetime) -> ColumnElement[bool]:
    """Of transcripts that are there, or may be: something may have kept them from being noted as
    made."""
    row = TranscriptRow
    return row.made_at.is_not(None) | (row.due <= now) | (row.tries > 0)


async def _note(session: WriteSession, room: str, event: str, now: datetime, removed: bool) -> None:
    insert = insert_new(await session.connection(), TranscriptChange)
    await session.execute(insert.values(event_id=event, room_id=room, at=now, removed=removed))
    if removed:
        noted = update(TranscriptChange).where(TranscriptChange.event_id == event)
        await session.execute(noted.values(removed=True))


# What the maker does.


async def noted(session: AsyncSession, most: int) -> Sequence[TranscriptChange]:
    """The changes that nobody has looked at, the earliest first."""
    earliest = select(TranscriptChange).order_by(TranscriptChange.at).limit(most)
    return (await session.scalars(earliest)).all()


async def looked_at(session: WriteSession, changes: Iterable[TranscriptChange]) -> None:
    """It is known which transcripts have these events. What was redacted since it was read here is
    looked at once more."""
    events: dict[bool, list[str]] = {True: [], False: []}
    for change in changes:
        events[change.removed].append(change.event_id)
    for removed, some in events.items():
        noted = TranscriptChange.event_id.in_(some) & (TranscriptChange.removed == removed)
        await session.execute(delete(TranscriptChange).where(noted))


async def due(
    session: AsyncSession, now: datetime, most: int, first: Collection[str] = ()
) -> Sequence[TranscriptRow]:
    """Those that are to be made now: the talks `first` (their guids), then the one that waits
    longest."""
    query = select(TranscriptRow).where(TranscriptRow.due <= now)
    waits = TranscriptRow.talk.not_in(list(first))
    order = query.order_by(TranscriptRow.tries, waits, TranscriptRow.due, TranscriptRow.talk)
    return (await session.scalars(order.limit(most))).all()


async def unmade(session: AsyncSession, tries: int) -> Mapping[str, str]:
    """The talks whose transcript could not be made, or not whole, so many times since it was or
    more; and why."""
    query = select(TranscriptRow.talk, TranscriptRow.error).where(
        TranscriptRow.due.is_not(None),
        TranscriptRow.error.is_not(None),
        TranscriptRow.tries >= tries,
    )
    rows = await session.execute(query.order_by(TranscriptRow.talk))
    return {talk: error or "" for talk, error in rows}


async def made_in(session: AsyncSession, room: str) -> Sequence[str]:
    """The talks of which there may be a transcript in a room (its id): one that a crash kept from
    being noted as made is public as well."""
    query = select(TranscriptRow.talk).where(TranscriptRow.room_id == room)
    return (await session.scalars(query.order_by(TranscriptRow.talk))).all()


async def all_made(session: AsyncSession) -> set[str]:
    """The talks of which a transcript was made."""
    made = select(TranscriptRow.talk).where(TranscriptRow.made_at.is_not(None))
    return set(await session.scalars(made))


async def published_among(session: AsyncSession, talks: Collection[str]) -> set[str]:
    """Those of the talks of which everybody may read the transcript."""
    return {talk for (talk,) in await _PUBLISHED.find(session, {"talks": list(talks)})}


async def asked_since(session: AsyncSession) -> set[str]:
    """The talks whose questions changed since their transcript was made, but for votes."""
    about = select(Question.talk).join(TranscriptRow, TranscriptRow.talk == Question.talk)
    decided = about.join(QuestionLog, QuestionLog.question_id == Question.id)
    answered = about.join(Answer, Answer.question_id == Question.id)
    made = TranscriptRow.made_at
    changed = decided.where(QuestionLog.at >= made).union(answered.where(Answer.at >= made))
    return set(await session.scalars(changed))


async def known(session: AsyncSession) -> set[str]:
    """The talks that have a row."""
    return set(await session.scalars(select(TranscriptRow.talk)))


async def made(
    session: WriteSession,
    before: TranscriptRow,
    room: str | None,
    begins: str | None,
    published: bool,
    now: datetime,
    again: datetime | None,
    lacks: str | None = None,
) -> bool:
    """The transcript is there as it should have been when the row was read (`before`), and is due
    `again` at some later time. `lacks`: why a part of it could not be read. Returns whether nothing
    came in between."""
    row = update(TranscriptRow).where(TranscriptRow.talk == before.talk)
    values = {"room_id": room, "begins": begins, "published": published, "made_at": now}
    # Where one went on behind what could not be read, one does so the next time.
    tries, error = (0, None) if lacks is None else (before.tries, lacks[:LONGEST_ERROR])
    await session.execute(row.values(**values, tries=tries, error=error))
    stands = row.where(TranscriptRow.due == before.due).values(due=again)
    return (await session.execute(stands.returning(TranscriptRow.talk))).first() is not None


async def failed(session: WriteSession, talk: str, why: str, again: datetime) -> None:
    """It could not be made, and is tried `again`."""
    await session.execute(
        update(TranscriptRow)
        .where(TranscriptRow.talk == talk)
        .values(due=again, tries=TranscriptRow.tries + 1, error=why[:LONGEST_ERROR])
    )


async def told_recording(session: WriteSession, talk: str, url: str) -> None:
    """The room knows that the recording of a talk is out."""
    row = update(TranscriptRow).where(TranscriptRow.talk == talk)
    await session.execute(row.values(recording=url))


async def uploaded(session: WriteSession, talk: str, mark: str | None) -> None:
    """A file was posted in the room; None: it was taken back."""
    row = update(TranscriptRow).where(TranscriptRow.talk == talk)
    await session.execute(row.values(uploaded=mark))


async def forget(session: WriteSession, talk: str) -> None:
    """The transcript was deleted."""
    await session.execute(delete(TranscriptRow).where(TranscriptRow.talk == talk))
