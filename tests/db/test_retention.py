"""What is forgotten, and what stays: on both databases."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from fosdembot.changes import Changes
from fosdembot.chat.direct.conversations import Draft, keep
from fosdembot.db.base import Base
from fosdembot.db.engine import Database
from fosdembot.db.question_tables import (
    Act,
    Barred,
    Letter,
    Preference,
    Proposal,
    Question,
    QuestionLog,
    Speaker,
    Vote,
    VoteMark,
)
from fosdembot.db.retention import (
    ACTS,
    EVERY,
    FAILED_EVENTS,
    RECENT_ANSWERS,
    SEEN_EVENTS,
    Retention,
    forget_what_is_old,
)
from fosdembot.db.tables import (
    MEMBERS_READ,
    FailedEvent,
    Outgoing,
    RecentAnswer,
    Room,
    RoomAddress,
    RoomState,
    SeenEvent,
    TalkLog,
)
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.wake import Wake
from fosdembot.questions import answers
from fosdembot.questions.by import By
from fosdembot.questions.desk import Desk
from fosdembot.questions.new_question import NewQuestion
from fosdembot.questions.states import Action, State
from fosdembot.settings import QuestionSettings
from simulation.conference import START
from simulation.parts import SetClock

ADA, BOB, EVE, MODERATOR = (f"@{name}:example.org" for name in ("ada", "bob", "eve", "moderator"))
DAY = timedelta(days=1)
PERSONS = (ADA, BOB, EVE, MODERATOR)


@pytest.fixture
async def tables(database: Database) -> Database:
    await database.run_sync(Base.metadata.create_all)
    return database


@pytest.fixture
def desk() -> Desk:
    return Desk(QuestionSettings(), Changes(logging.getLogger(__name__)))


def by(person: str, event: str, at: datetime = START) -> By:
    return By(person, event, at)


async def numbered(database: Database, number: int) -> Question:
    async with database.read() as session:
        found = await session.scalars(select(Question).where(Question.number == number))
        return found.one()


async def conference(database: Database, desk: Desk, at: datetime = START) -> None:
    """Bob asked two questions, of which the second is merged into the first; three others
    voted; a moderator muted Eve and answered; and so on."""
    outbox = Outbox(SetClock(), "salt", Wake())
    async with database.write() as session:
        asked = []
        for text in ("How small?", "How tiny?"):
            new = NewQuestion("!kernel", "talk-1", text, BOB, "Bob", f"${text}", at)
            asked.append((await desk.ask(session, new))[0])
        for number, person in enumerate((ADA, MODERATOR, "@carl:example.org")):
            await desk.vote(session, asked[number % 2], person, f"$vote{number}")
        await desk.merge(session, asked[1], asked[0], by(MODERATOR, "$merge", at))
        await desk.mute(session, "!kernel", EVE, by(MODERATOR, "$mute", at))
        await desk.membership(session, "!kernel", EVE, "ban", True)
        await desk.votes.bar(session, "!kernel", "@relay:example.org", "relay")
        await answers.add(session, asked[0], "4 kB", by(MODERATOR, "$answer", at), "Mod")
        await keep(session, Draft(ADA, "!chat", "How?", "$draft", at, True))
        session.add_all(
            [
                Preference(person=ADA, confirm_by_text=True),
                Proposal(reaction="$r", event_id="$e", room_id="!kernel", person=ADA, at=at),
                Speaker(talk="talk-1", person=ADA, confirmed=True, at=at),
                Letter(talk="talk-1", person=ADA, state="sent", due=at, closes=at, questions=1),
                Room(room_id="!made", membership="join", direct_with=None, made_for=f"x/{ADA}"),
                Room(
                    room_id="!left",
                    membership="leave",
                    entered="s1",
                    direct_with=ADA,
                    inviter=ADA,
                ),
                TalkLog(at=at, room_id="!kernel", actor=ADA, action="end", changes=[]),
            ]
        )
        for key in ("post/1", f"speaker/talk-1/{ADA}/$event"):
            mention = {"m.mentions": {"user_ids": [ADA]}}
            await outbox.message(session, key, "!kernel", {"body": ADA, **mention}, 1, due=at)
        for row in await session.scalars(select(Outgoing)):
            row.state, row.event_id = "sent", f"$sent{row.key}"


async def everything(database: Database) -> str:
    """All that is kept, as text."""
    found: list[list[object]] = []
    async with database.read() as session:
        for table in Base.metadata.sorted_tables:
            found += [[table.name, *row] for row in await session.execute(select(table))]
    return "\n".join(json.dumps(row, default=str, ensure_ascii=False) for row in found)


async def forget(database: Database, now: datetime, before: datetime | None) -> None:
    clock = SetClock((now - START) / timedelta(minutes=1))
    await forget_what_is_old(database, clock, lambda: before)


async def test_names_are_kept_until_it_is_time(tables: Database, desk: Desk) -> None:
    await conference(tables, desk)
    kept = await everything(tables)
    await forget(tables, START + 29 * DAY, None)
    assert await everything(tables) == kept
    # Of what came after the conference, as long.
    await forget(tables, START + 31 * DAY, START)
    whole = ("preferences", "letters", "barred", "rooms")
    gone = set(kept.splitlines()) - set((await everything(tables)).splitlines())
    assert {json.loads(line)[0] for line in gone} <= set(whole)


async def test_nobody_is_named_afterwards(tables: Database, desk: Desk) -> None:
    await conference(tables, desk)
    kept = await everything(tables)
    assert all(person in kept for person in PERSONS)
    await forget(tables, START + 31 * DAY, START + DAY)
    kept = await everything(tables)
    assert [line for line in kept.splitlines() if "@" in line and "relay" not in line] == []
    # Once more changes nothing.
    await forget(tables, START + 32 * DAY, START + 2 * DAY)
    assert await everything(tables) == kept


async def test_what_everybody_saw_stays(tables: Database, desk: Desk) -> None:
    await conference(tables, desk)
    await forget(tables, START + 31 * DAY, START + DAY)
    question = await numbered(tables, 1)
    assert (question.text, question.asker_name, question.state) == ("How small?", "Bob", "open")
    assert (question.votes, question.asker) == (3, None)
    async with tables.read() as session:
        [answer] = await answers.to(session, question)
        assert (answer.text, answer.author_name, answer.author) == ("4 kB", "Mod", None)
        assert await session.scalar(select(func.count(QuestionLog.id))) == 4
        # By which it can be redacted still.
        sent = (await session.scalars(select(Outgoing))).all()
        assert [(row.key, row.event_id, row.content) for row in sent] == [
            ("post/1", "$sentpost/1", {})
        ]


async def test_what_was_counted_is_final(tables: Database, desk: Desk) -> None:
    """Whatever people still do in the room."""
    await conference(tables, desk)
    await forget(tables, START + 31 * DAY, START + DAY)
    first, second = await numbered(tables, 1), await numbered(tables, 2)
    later = START + 32 * DAY
    async with tables.write() as session:
        first, second = await session.merge(first), await session.merge(second)
        await desk.vote(session, first, EVE, "$late")
        await desk.unvote(session, first, EVE)
        await desk.retract_vote(session, "$vote0")
        await desk.vote(session, first, ADA, "$again")
        await desk.unmute(session, "!kernel", EVE, by(MODERATOR, "$unmute", later))
        await desk.membership(session, "!kernel", ADA, "ban", True)
        await desk.act(session, second, Action.RESTORE, by(MODERATOR, "$restore", later))
        await desk.act(session, first, Action.DONE, by(MODERATOR, "$done", later))
        await desk.merge(session, second, first, by(MODERATOR, "$merge2", later))
    assert (await numbered(tables, 1)).votes == 3
    assert (await numbered(tables, 1)).state == State.ANSWERED
    await forget(tables, START + 63 * DAY, START + 33 * DAY)
    assert "@ada" not in await everything(tables)
    assert (await numbered(tables, 1)).votes == 3


async def test_questions_of_now_are_counted_as_ever(tables: Database, desk: Desk) -> None:
    await conference(tables, desk)
    await forget(tables, START + 31 * DAY, START + DAY)
    new = NewQuestion("!kernel", "talk-1", "And now?", BOB, "Bob", "$now", START + 31 * DAY)
    async with tables.write() as session:
        question, _ = await desk.ask(session, new)
        await desk.vote(session, question, ADA, "$vote")
    await forget(tables, START + 31 * DAY, START + DAY)
    assert (await numbered(tables, 3)).votes == 1
    async with tables.read() as session:
        assert await session.scalar(select(func.count()).select_from(Vote)) == 1
        assert await session.scalar(select(func.count(VoteMark.cause))) == 1


async def test_a_relay_stays_barred(tables: Database, desk: Desk) -> None:
    await conference(tables, desk)
    await forget(tables, START + 31 * DAY, START + DAY)
    async with tables.read() as session:
        assert [row.reason for row in await session.scalars(select(Barred))] == ["relay"]


async def test_what_waits_to_be_sent_is_left_alone(tables: Database) -> None:
    outbox = Outbox(SetClock(), "salt", Wake())
    content = {"msgtype": "m.text", "body": "hello"}
    async with tables.write() as session:
        await outbox.message(session, f"mod/{ADA}", "!away", content, 1)
    await forget(tables, START + 31 * DAY, START + DAY)
    async with tables.read() as session:
        row = await outbox.find(session, f"mod/{ADA}")
        assert row is not None
        assert row.content == content


async def test_events_are_known_long_enough(tables: Database) -> None:
    now, moment = START + 100 * DAY, timedelta(minutes=1)
    async with tables.write() as session:
        for name, late in (("new", moment), ("old", -moment)):
            session.add_all(
                [
                    SeenEvent(event_id=name, room_id="!a", at=now - SEEN_EVENTS + late),
                    FailedEvent(
                        event_id=name, room_id="!a", at=now - FAILED_EVENTS + late, error="x"
                    ),
                    RecentAnswer(
                        room_id="!a", question=name, at=now - RECENT_ANSWERS + late, answer="x"
                    ),
                    act(name, now - ACTS + late),
                ]
            )
    await forget(tables, now, None)
    async with tables.read() as session:
        for column in (SeenEvent.event_id, FailedEvent.event_id, RecentAnswer.question, Act.cause):
            assert (await session.scalars(select(column))).all() == ["new"]


async def test_what_declined_invitations_said_is_forgotten(tables: Database) -> None:
    async with tables.write() as session:
        for room, membership, entered in (
            ("!declined", "leave", ""),
            ("!asked", "invite", ""),
            ("!banned", "ban", ""),
            ("!left", "leave", "s1"),
            ("!talks", "leave", ""),
        ):
            session.add(Room(room_id=room, membership=membership, entered=entered, inviter=EVE))
            session.add(member(room, EVE, {"displayname": "x" * 1000}))
        session.add(RoomAddress(address="#talks:example.org", room_id="!talks"))
    await forget(tables, START, None)
    async with tables.read() as session:
        for column in (Room.room_id, RoomState.room_id):
            left = set(await session.scalars(select(column)))
            assert left == {"!asked", "!banned", "!left", "!talks"}


async def test_who_did_something_by_a_page_is_forgotten_as_others_are(tables: Database) -> None:
    async with tables.write() as session:
        session.add(act("web:1", START))
    await forget(tables, START + DAY, None)
    assert ADA in await everything(tables)
    await forget(tables, START + DAY, START + DAY / 2)
    assert ADA not in await everything(tables)


@pytest.mark.parametrize("cause", ["$event", "web:" + "x" * 252])
async def test_no_event_is_kept_as_done_by_another_face(tables: Database, cause: str) -> None:
    with pytest.raises(IntegrityError):
        async with tables.write() as session:
            session.add(act(cause, START))


def act(cause: str, at: datetime) -> Act:
    return Act(cause=cause, person=ADA, what="x", question_id=None, at=at)


async def test_audiences_are_forgotten_and_hosts_are_not(tables: Database) -> None:
    async with tables.write() as session:
        for alias in ("kernel", "hosts"):
            session.add(RoomAddress(address=f"#{alias}:example.org", room_id=f"!{alias}"))
        for room in ("!kernel", "!hosts", "!direct"):
            name = {"membership": "join", "displayname": "Ada"}
            session.add(member(room, ADA, name))
        session.add(
            RoomState(room_id="!hosts", type=MEMBERS_READ, state_key="", sender="", content={})
        )
    await forget(tables, START + 31 * DAY, START)
    async with tables.read() as session:
        members = select(RoomState.room_id).where(RoomState.type == "m.room.member")
        assert set(await session.scalars(members)) == {"!hosts", "!direct"}


def member(room: str, person: str, content: dict[str, str]) -> RoomState:
    return RoomState(
        room_id=room, type="m.room.member", state_key=person, sender=person, content=content
    )


async def test_it_forgets_again_and_again(tables: Database) -> None:
    retention = Retention(tables, SetClock(), lambda: None)
    assert [await retention.step() for _ in range(2)] == [EVERY, EVERY]


async def test_secret_links_are_not_kept_once_they_are_told(tables: Database) -> None:
    """They open for weeks, and stand in the chat."""
    said = {"body": "Your page: https://qa.example.org/talk?key=SECRET", "msgtype": "m.text"}
    clock = SetClock(20)
    waits, told = {"state": "queued"}, {"state": "sent", "sent_at": START, "event_id": "$1"}
    async with tables.write() as session:
        for key, more in (("waits", waits), ("told", told)):
            row = {**OUTGOING, "key": key, "txn_id": key, "content": said, **more}
            session.add(Outgoing(**row))
    await forget_what_is_old(tables, clock, lambda: None)
    async with tables.read() as session:
        rows = await session.execute(select(Outgoing.key, Outgoing.content))
        assert {row.key: row.content for row in rows} == {"waits": said, "told": {}}


OUTGOING = {
    "kind": "message",
    "room_id": "!direct:example.org",
    "event_type": "m.room.message",
    "urgency": 55,
    "due": START,
    "revision": 1,
}
