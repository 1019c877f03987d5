"""Which transcripts are to be made stands in the database, whatever comes between."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from logging import getLogger

from sqlalchemy import select

from fosdembot.changes import Changes, TranscriptsDue
from fosdembot.conference import transcripts
from fosdembot.db.engine import Database
from fosdembot.db.transcript_tables import TranscriptRow
from tests.transcripts.samples import START

ROOM, OTHER_ROOM = "!kernel", "!network"
LATER = START + timedelta(minutes=5)


class Desk:
    """Makes transcripts in a database, and counts what is told of them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.changes = Changes(getLogger("test"))
        self.told = 0
        self.changes.subscribe(lambda _: self._count(), TranscriptsDue)

    def _count(self) -> None:
        self.told += 1

    async def make(self, talk: str, room: str = ROOM) -> TranscriptRow:
        async with self.database.write() as session:
            await transcripts.want(session, talk, room, START)
            row = await session.get(TranscriptRow, talk)
            assert row is not None
            await transcripts.made(session, row, room, "$first", True, START, None)
        return row

    async def due(self, first: Collection[str] = ()) -> list[str]:
        async with self.database.read() as session:
            return [row.talk for row in await transcripts.due(session, LATER, 10, first)]


async def test_a_talk_is_wanted_once(database: Database) -> None:
    desk = Desk(database)
    async with database.write() as session:
        assert await transcripts.want(session, "a", ROOM, START)
        assert not await transcripts.want(session, "a", ROOM, LATER)
    assert await desk.due() == ["a"]


async def test_what_was_made_is_due_no_more(database: Database) -> None:
    desk = Desk(database)
    await desk.make("a")
    assert await desk.due() == []
    async with database.read() as session:
        row = (await session.scalars(select(TranscriptRow))).one()
    assert (row.made_at, row.begins, row.room_id) == (START, "$first", ROOM)


async def test_a_change_marks_what_was_made_of_the_talk_or_in_the_room(
    database: Database,
) -> None:
    desk = Desk(database)
    await desk.make("a")
    await desk.make("b")
    await desk.make("c", OTHER_ROOM)
    async with database.write() as session:
        assert await transcripts.mark_due(session, desk.changes, START, talks=["b", "x"]) == 1
        assert await transcripts.mark_due(session, desk.changes, START, rooms=[OTHER_ROOM]) == 1
    assert await desk.due() == ["b", "c"]
    assert desk.told == 2
    async with database.write() as session:
        assert await transcripts.mark_due(session, desk.changes, START) == 3


async def test_a_change_while_it_is_made_has_it_made_once_more(database: Database) -> None:
    desk = Desk(database)
    async with database.write() as session:
        await transcripts.want(session, "a", ROOM, START)
    async with database.read() as session:
        (row,) = await transcripts.due(session, LATER, 10)
    async with database.write() as session:
        await transcripts.want_now(session, desk.changes, "a", ROOM, LATER)
    async with database.write() as session:
        assert not await transcripts.made(session, row, ROOM, None, True, LATER, None)
    assert await desk.due() == ["a"]


async def test_what_fails_time_and_again_is_known(database: Database) -> None:
    desk = Desk(database)
    for talk, times in (("a", 3), ("b", 2)):
        await desk.make(talk)
        for _ in range(times):
            async with database.write() as session:
                await transcripts.failed(session, talk, "HTTP 504", LATER)
    async with database.read() as session:
        assert await transcripts.unmade(session, 3) == {"a": "HTTP 504"}
    await desk.make("a")
    async with database.read() as session:
        assert await transcripts.unmade(session, 1) == {"b": "HTTP 504"}


async def test_a_message_is_noted_only_where_a_transcript_was_made(database: Database) -> None:
    desk = Desk(database)
    await desk.make("a")
    async with database.write() as session:
        for _ in range(2):
            await transcripts.note_change(session, desk.changes, ROOM, "$x", START, removed=False)
        await transcripts.note_change(session, desk.changes, OTHER_ROOM, "$y", START, removed=True)
    async with database.read() as session:
        assert [row.event_id for row in await transcripts.noted(session, 10)] == ["$x"]
        seen = await transcripts.noted(session, 10)
    async with database.write() as session:
        await transcripts.looked_at(session, seen)
    async with database.read() as session:
        assert await transcripts.noted(session, 10) == []


async def test_what_is_redacted_after_somebody_answered_it_is_looked_at_again(
    database: Database,
) -> None:
    desk = Desk(database)
    await desk.make("a")
    async with database.write() as session:
        await transcripts.note_change(session, desk.changes, ROOM, "$x", START, removed=False)
    async with database.read() as session:
        seen = await transcripts.noted(session, 10)
        session.expunge_all()
    for removed in (True, False):
        async with database.write() as session:
            await transcripts.note_change(session, desk.changes, ROOM, "$x", START, removed=removed)
    async with database.write() as session:
        await transcripts.looked_at(session, seen)
    async with database.read() as session:
        assert [row.removed for row in await transcripts.noted(session, 10)] == [True]


async def test_a_message_is_noted_while_the_first_transcript_of_its_room_is_made(
    database: Database,
) -> None:
    desk = Desk(database)
    async with database.write() as session:
        await transcripts.want(session, "a", ROOM, LATER)
        await transcripts.note_change(session, desk.changes, ROOM, "$early", START, removed=True)
        await transcripts.note_change(session, desk.changes, ROOM, "$x", LATER, removed=False)
    async with database.read() as session:
        assert [row.event_id for row in await transcripts.noted(session, 10)] == ["$x"]
    async with database.write() as session:
        await transcripts.failed(session, "a", "HTTP 504", LATER)
        await transcripts.note_change(session, desk.changes, ROOM, "$y", START, removed=True)
    async with database.read() as session:
        noted = {row.event_id for row in await transcripts.noted(session, 10)}
        assert noted == {"$x", "$y"}, "also while it waits to be tried again"


async def test_those_in_which_something_changed_come_before_those_that_wait_longer(
    database: Database,
) -> None:
    desk = Desk(database)
    async with database.write() as session:
        for talk, due in (("a", START), ("b", START), ("c", LATER), ("failed", START)):
            await transcripts.want(session, talk, ROOM, due)
        await transcripts.failed(session, "failed", "the room is gone", START)
    assert await desk.due() == ["a", "b", "c", "failed"]
    assert await desk.due(first=["c", "failed"]) == ["c", "a", "b", "failed"]


async def test_one_that_fails_comes_after_the_others(database: Database) -> None:
    desk = Desk(database)
    async with database.write() as session:
        await transcripts.want(session, "a", ROOM, START)
        await transcripts.want(session, "b", ROOM, LATER)
        await transcripts.failed(session, "a", "the disk is full " * 100, START)
    assert await desk.due() == ["b", "a"]
