"""Of whom nothing is known any more: who asked without a name, who was in meetings, who opted
out."""

from __future__ import annotations

from sqlalchemy import delete, select

from fosdembot.db.engine import Database
from fosdembot.db.meeting_tables import MeetingLine
from fosdembot.db.retention import MEETING_LINES, TRANSCRIPT_CHANGES
from fosdembot.db.tables import Outgoing, Room, SeenEvent
from fosdembot.db.transcript_tables import OptOut, TranscriptChange, TranscriptRow
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.wake import Wake
from fosdembot.questions import answers
from fosdembot.questions.desk import Desk
from fosdembot.questions.new_question import NewQuestion
from simulation.conference import START
from simulation.parts import SetClock

from .test_retention import (
    ADA,
    BOB,
    DAY,
    MODERATOR,
    conference,
    desk,
    everything,
    forget,
    numbered,
    tables,
)

# pytest finds its fixtures here.
__all__ = ["desk", "tables"]

CHAT = "!chat"
"""Ada's with the bot, which is there still."""


async def asked_without_a_name(database: Database, desk: Desk) -> None:
    """By Ada, who was answered in her chat; and a letter named it to its speaker."""
    outbox = Outbox(SetClock(), "salt", Wake())
    async with database.write() as session:
        new = NewQuestion("!kernel", "talk-1", "Why?", ADA, "", "$asked", START, direct=True)
        await desk.ask(session, new)
        session.add(Room(room_id=CHAT, membership="join", direct_with=ADA))
        session.add(SeenEvent(event_id="$asked", room_id=CHAT, sender=ADA, at=START))
        for key in ("answer/$asked", "letter/1"):
            await outbox.message(session, key, CHAT, {"body": "Why?"}, 1, due=START)
        for row in await session.scalars(select(Outgoing)):
            row.state, row.event_id = "sent", f"$sent{row.key}"


async def leads_to(database: Database, event: str) -> list[str]:
    """The people to whom an event leads: those who wrote it, and whose chat it stands in."""
    async with database.read() as session:
        seen = select(SeenEvent).where(SeenEvent.event_id == event)
        answers_to = select(Outgoing).where(Outgoing.key == f"answer/{event}")
        rows = [*await session.scalars(seen), *await session.scalars(answers_to)]
        chats = [await session.get(Room, row.room_id) for row in rows]
        people = [row.sender for row in rows if isinstance(row, SeenEvent)]
    return [each for each in (*people, *(chat.direct_with for chat in chats if chat)) if each]


async def test_nobody_knows_who_asked_without_a_name(tables: Database, desk: Desk) -> None:
    """Not even by the chat in which they did."""
    await asked_without_a_name(tables, desk)
    assert set(await leads_to(tables, "$asked")) == {ADA}
    await forget(tables, START + 29 * DAY, None)
    assert set(await leads_to(tables, "$asked")) == {ADA}
    await forget(tables, START + 31 * DAY, START + DAY)
    await forget(tables, START + 31 * DAY, START + DAY)
    assert await leads_to(tables, "$asked") == []
    question = await numbered(tables, 1)
    assert (question.asker, question.text, question.source) == (None, "Why?", "$asked")
    async with tables.read() as session:
        keys = (await session.scalars(select(Outgoing.key))).all()
    assert keys == ["letter/1"], "what it names may have to be taken out still"


async def test_names_seen_in_meetings_go(tables: Database) -> None:
    """Askers whom a line names, and who typed there."""
    async with tables.write() as session:
        for number, late in ((1, -1), (2, 1)):
            session.add(
                MeetingLine(
                    meeting="https://meet.example.org/x",
                    key=f"answer/{number}",
                    kind="answer",
                    body="Bob asked",
                    recipient="bob-in-meeting",
                    stanza=str(number),
                    at=START + late * DAY,
                    expires=START,
                )
            )
    await forget(tables, START + 2 * DAY, None)
    await forget(tables, START + 2 * DAY, START)
    async with tables.read() as session:
        assert (await session.scalars(select(MeetingLine.key))).all() == ["answer/2"]
    await forget(tables, START + DAY + MEETING_LINES + DAY, None)
    assert "Bob" not in await everything(tables), "and all are when a fortnight is over"


async def test_a_change_of_a_transcript_is_never_lost(tables: Database) -> None:
    """One that nobody looked at makes all of its room due instead."""
    now, old = START + 100 * DAY, START + 100 * DAY - TRANSCRIPT_CHANGES - DAY
    async with tables.write() as session:
        for room, at in (("!old", old), ("!new", now - DAY)):
            change = TranscriptChange(event_id=f"${room}", room_id=room, at=at, removed=False)
            session.add(change)
            session.add(TranscriptRow(talk=f"made in {room}", room_id=room, made_at=old))
        session.add(TranscriptRow(talk="waits", room_id="!old", made_at=old, due=old))
        session.add(TranscriptRow(talk="planned", room_id="!old", due=now + DAY))
    await forget(tables, now, None)
    async with tables.read() as session:
        assert (await session.scalars(select(TranscriptChange.room_id))).all() == ["!new"]
        rows = {row.talk: row.due for row in await session.scalars(select(TranscriptRow))}
    assert rows == {
        "made in !old": now,
        "made in !new": None,
        "waits": old,
        "planned": now + DAY,
    }


async def test_a_redaction_that_concerns_a_transcript_is_known_until_it_took_effect(
    tables: Database,
) -> None:
    now, old = START + 100 * DAY, START + 100 * DAY - TRANSCRIPT_CHANGES - DAY
    async with tables.write() as session:
        session.add(TranscriptChange(event_id="$x", room_id="!a", at=old, removed=True))
        session.add(TranscriptRow(talk="a", room_id="!a", made_at=old))
    await forget(tables, now, None)
    async with tables.write() as session:
        assert (await session.scalars(select(TranscriptChange.event_id))).all() == ["$x"]
        await session.execute(delete(TranscriptRow))
    await forget(tables, now, None)
    async with tables.read() as session:
        assert (await session.scalars(select(TranscriptChange.event_id))).all() == []


async def test_names_of_those_who_opted_out_do_not_outlast_their_ids(
    tables: Database, desk: Desk
) -> None:
    """Nobody could tell any more whose they are."""
    await conference(tables, desk)
    async with tables.write() as session:
        session.add_all(OptOut(person=person, at=START) for person in (BOB, MODERATOR))
        new = NewQuestion("!kernel", "talk-1", "Why?", ADA, "Ada", "$why", START)
        await desk.ask(session, new)
    await forget(tables, START + 29 * DAY, None)
    assert (await numbered(tables, 1)).asker_name == "Bob"
    await forget(tables, START + 31 * DAY, START + DAY)
    first, other = await numbered(tables, 1), await numbered(tables, 3)
    assert (first.text, first.asker_name, other.asker_name) == ("How small?", "", "Ada")
    async with tables.read() as session:
        [answer] = await answers.to(session, first)
    assert (answer.text, answer.author_name) == ("4 kB", "")


async def test_who_opted_out_is_never_forgotten(tables: Database) -> None:
    async with tables.write() as session:
        session.add(OptOut(person=ADA, at=START))
    await forget(tables, START + 1000 * DAY, START + 900 * DAY)
    assert ADA in await everything(tables)
