"""What a room's page reads, and what a vote from it writes, on each kind of database: on SQLite the
driver takes these statements as they are, on PostgreSQL SQLAlchemy executes them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fosdembot.actions.actor import Actor
from fosdembot.actions.once import DoneBefore
from fosdembot.actions.refused import Denial, Refused
from fosdembot.actions.voting import Voting
from fosdembot.conference import transcripts
from fosdembot.conference.question_rooms import room_at
from fosdembot.db.engine import Database
from fosdembot.db.tables import RoleRoom, Room
from fosdembot.db.transcript_tables import OptOut, TranscriptRow
from fosdembot.questions import answers
from fosdembot.questions.guests import Guests, is_guest
from fosdembot.questions.orders import Order
from fosdembot.questions.states import Action
from fosdembot.talks.slots import Override
from fosdembot.web.room_reading import RoomReading, RoomState
from fosdembot.web.screens import Topic
from tests.actions.house import ADA, BIG, MODERATOR, ROOM_ID, TINY, House
from tests.questions.conftest import any_database
from tests.stage import empty_database
from tests.talks.programme import ROOM

__all__ = ["any_database", "empty_database"]
GUEST = "guest:1"
OTHERS = {GUEST: "guest:2", ADA: MODERATOR}


@pytest.fixture
async def house(any_database: Database) -> House:
    made = House(any_database)
    await made.open()
    return made


def reading(house: House) -> RoomReading:
    return RoomReading(house.views, house.programme, house.settings)


async def state(house: House, order: Order = Order.VOTES, *, single: bool = True) -> RoomState:
    topic = Topic("room", ROOM, TINY.guid if single else None)
    async with house.database.read() as session:
        listed = await reading(house).listed(session, order)
        return await reading(house).read(session, topic, listed, house.clock.now())


async def vote(house: House, actor: Actor, number: int) -> None:
    async with house.database.write() as session:
        question = await house.views.numbered(session, ROOM_ID, number)
        assert question is not None
        if is_guest(actor.person):
            await house.hall.vote(session, actor, TINY.guid, question)
        else:
            await Voting(house.desk, house.settings.questions).vote(session, actor, question)


async def test_what_is_decided_and_written_is_read(house: House) -> None:
    numbers = await house.ask("How small?", "Why?", "When?")
    async with house.database.write() as session:
        rows = [await house.views.numbered(session, ROOM_ID, number) for number in numbers]
        assert rows[0] is not None
        assert rows[2] is not None
        answer = await answers.add(session, rows[0], "4 kB.", house.actor(ADA).by, "Ada")
        assert answer is not None
        await house.deciding.decide(session, house.actor(), rows[2], Action.TAKE)
        await house.deciding.decide(session, house.actor(), rows[2], Action.DONE)
        await house.rooms.set_closed(session, house.actor(), ROOM, TINY.guid, True)
        await house.rooms.set_moderated(session, house.actor(), ROOM, True)
        session.add(TranscriptRow(talk=TINY.guid, tries=0, published=True))
        await house.programme.decide(
            session, ROOM_ID, MODERATOR, "cancel", {BIG.guid: Override(cancelled=True)}
        )
    for order in Order:
        read = await state(house, order)
        [board] = read.boards
        assert (board.closed, read.rules.moderated) == (True, True)
        assert sorted(each.text for each in board.waiting.entries) == ["How small?", "Why?"]
        assert [each.text for each in board.answered.entries] == ["When?"]
        [shown] = [each for each in board.waiting.entries if each.answers]
        assert [(each.text, each.author) for each in shown.answers] == [("4 kB.", "Ada")]
        big = read.talks.of(BIG.guid)
        assert big is not None
        assert big.cancelled
    async with house.database.write() as session:
        session.add(OptOut(person=ADA, at=house.clock.now()))
        both = [TINY.guid, BIG.guid]
        assert await transcripts.published_among(session, both) == {TINY.guid}
    [board] = (await state(house)).boards
    assert [each.author for entry in board.waiting.entries for each in entry.answers] == [""]


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("order", Order)
async def test_where_only_questions_changed_a_room_reads_as_if_read_anew(
    house: House, order: Order, single: bool
) -> None:
    numbers = await house.ask("How small?", "Why?", "When?")
    before = await state(house, order, single=single)
    house.clock.forward(0.4)
    async with house.database.write() as session:
        rows = [await house.views.numbered(session, ROOM_ID, number) for number in numbers]
        for row, action in zip(rows, (Action.TAKE, Action.DISMISS), strict=False):
            assert row is not None
            await house.deciding.decide(session, house.actor(), row, action)
    await house.ask("Where?")
    await vote(house, house.actor(ADA), numbers[2])
    async with house.database.read() as session:
        listed = await reading(house).listed(session, order)
        found = await reading(house).with_questions(session, before, listed, house.clock.now())
    assert found == await state(house, order, single=single) != before
    assert house.clock.now() < before.redraw_at(order), "later, all is read"


async def test_votes_count_once_and_leave_their_mark(house: House) -> None:
    [number] = await house.ask("How small?")
    async with house.database.write() as session:
        await house.hall.set_guests(session, house.actor(), ROOM, Guests.ASK_AND_VOTE)
    for person in (GUEST, ADA):
        actor = house.actor(person, "web")
        await vote(house, actor, number)
        with pytest.raises(DoneBefore) as before:
            await vote(house, actor, number)
        assert before.value.question is not None
        with pytest.raises(Refused) as used:
            await vote(house, replace(actor, person=OTHERS[person]), number)
        assert used.value.why is Denial.CAUSE_USED
    [board] = (await state(house)).boards
    assert [(each.votes, each.hall_votes) for each in board.waiting.entries] == [(1, 1)]


async def test_a_room_with_another_role_is_no_talk_room(house: House) -> None:
    async with house.database.write() as session:
        session.add(RoleRoom(address="#control:example.org", room_id=ROOM_ID))
        assert await room_at(session, ROOM) is None
    async with house.database.write() as session:
        session.add(RoleRoom(address=ROOM, room_id=ROOM_ID))
        role = await session.get_one(RoleRoom, "#control:example.org")
        await session.delete(role)
        assert await room_at(session, ROOM) == ROOM_ID
        room = await session.get_one(Room, ROOM_ID)
        room.membership = "leave"
        assert await room_at(session, ROOM) is None
