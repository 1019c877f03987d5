"""What guests in the hall may do, and nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from fosdembot.actions.access import TalkIn
from fosdembot.actions.actor import Actor
from fosdembot.actions.asking import Ask, Asking
from fosdembot.actions.once import DoneBefore
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.actions.voting import Voting
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.questions.events import DeskEvent
from fosdembot.questions.guests import LONGEST, Guests
from fosdembot.questions.hall_votes import voted
from fosdembot.questions.refusals import Refusal
from fosdembot.questions.states import Action
from fosdembot.texts import hall as texts
from tests.actions.house import ADA, BIG, MODERATOR, ROOM_ID, TINY, House
from tests.talks.programme import ROOM

GUEST, OTHER = "guest:one", "guest:two"


@pytest.fixture
async def hall(house: House) -> House:
    """Guests may ask and vote."""
    await allow(house, Guests.ASK_AND_VOTE)
    return house


async def allow(house: House, guests: Guests, person: str = MODERATOR) -> bool:
    async with house.database.write() as session:
        return await house.hall.set_guests(session, house.actor(person), ROOM, guests)


async def ask(house: House, text: str, guest: str = GUEST, talk: str = TINY.guid) -> Question:
    async with house.database.write() as session:
        accepted = await house.hall.ask(session, house.actor(guest, "web"), talk, text)
        return accepted.question


async def let_in(house: House, question: Question) -> None:
    async with house.database.write() as session:
        row = await session.get_one(Question, question.id)
        await house.deciding.decide(session, house.actor(), row, Action.APPROVE)


async def vote(
    house: House, number: int, guest: str = GUEST, talk: str = TINY.guid, *, wanted: bool = True
) -> int:
    """Returns how many guests are for it then."""
    async with house.database.write() as session:
        row = (await session.scalars(select(Question).where(Question.number == number))).one()
        actor = house.actor(guest, "web")
        change = house.hall.vote if wanted else house.hall.unvote
        await change(session, actor, talk, row)
        return row.hall_votes


def refused(why: Denial | Refusal) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.why is why)


async def test_what_a_guest_asks_waits_for_a_moderator_and_has_no_name(hall: House) -> None:
    heard: list[DeskEvent] = []

    async def hear(_session: WriteSession, event: DeskEvent) -> None:
        heard.append(event)

    hall.desk.hears = hear
    question = await ask(hall, "Is this on?")
    assert (question.state, question.asker_name, question.asker) == ("pending", "", GUEST)
    assert question.direct, "nobody reads it in the room before"
    assert len(heard) == 1, "cards come of it"
    await let_in(hall, question)
    assert await hall.states() == ["open"]


async def test_a_guest_has_two_open_questions_at_most(hall: House) -> None:
    first = await ask(hall, "Why?")
    await ask(hall, "How?")
    with refused(Refusal.TOO_MANY):
        await ask(hall, "When?")
    await ask(hall, "When?", OTHER)
    async with hall.database.write() as session:
        row = await session.get_one(Question, first.id)
        await hall.deciding.decide(session, hall.actor(), row, Action.DISMISS)
    await ask(hall, "When then?")


async def test_a_guest_is_brief(hall: House) -> None:
    await ask(hall, "x" * LONGEST)
    with refused(Denial.TOO_LONG_FOR_GUEST):
        await ask(hall, "y" * (LONGEST + 1))
    with refused(Refusal.EMPTY):
        await ask(hall, " \n ")
    assert str(LONGEST) in texts.TOO_LONG


@pytest.mark.parametrize(
    ("guests", "asking", "voting"),
    [
        (Guests.OFF, Denial.NO_GUESTS, Denial.NO_GUESTS),
        (Guests.ASK, None, Denial.GUESTS_ONLY_ASK),
        (Guests.ASK_AND_VOTE, None, None),
    ],
)
async def test_the_room_decides_what_guests_may(
    house: House, guests: Guests, asking: Denial | None, voting: Denial | None
) -> None:
    await allow(house, guests)
    [number] = await house.ask("How small?")
    for why, act in ((asking, ask(house, "Why?")), (voting, vote(house, number))):
        await outcome(act, why)


async def outcome(act: Awaitable[object], why: Denial | None) -> None:
    if why is None:
        await act
        return
    with refused(why):
        await act


async def test_the_settings_decide_where_no_moderator_did(database: Database) -> None:
    house = House(database, pages={"guests": "ask"})
    await house.open()
    await ask(house, "Why?")
    assert await allow(house, Guests.OFF)
    assert not await allow(house, Guests.OFF), "it is so already"
    with refused(Denial.NO_GUESTS):
        await ask(house, "How?")


async def test_only_moderators_let_guests_in(house: House) -> None:
    for person in (ADA, GUEST):
        with refused(Denial.NOT_ALLOWED):
            await allow(house, Guests.ASK, person)


async def test_votes_of_guests_are_one_each_and_apart(hall: House) -> None:
    [number] = await hall.ask("How small?")
    assert await vote(hall, number) == 1
    assert await vote(hall, number) == 1
    assert await vote(hall, number, OTHER) == 2
    assert await vote(hall, number, wanted=False) == 1
    with refused(Denial.NOT_VOTED):
        await vote(hall, number, wanted=False)
    async with hall.database.read() as session:
        row = (await session.scalars(select(Question))).one()
        assert row.votes == 0
        assert await voted(session, TINY.guid, OTHER) == {row.id}


async def test_a_guest_of_one_talk_does_nothing_in_another(hall: House) -> None:
    [number] = await hall.ask("How big?", talk=BIG.guid)
    with refused(Denial.OTHER_TALK_THAN_GUEST_S):
        await vote(hall, number)
    with refused(Denial.NOT_IN_ROOM):
        await ask(hall, "Why?", talk="no such talk")


async def test_what_nobody_may_read_is_not_voted_for(hall: House) -> None:
    question = await ask(hall, "Why?", OTHER)
    with refused(Denial.NO_VOTES):
        await vote(hall, question.number)
    await let_in(hall, question)
    assert await vote(hall, question.number) == 1
    with refused(Denial.OWN_VOTE):
        await vote(hall, question.number, OTHER)


async def test_who_is_muted_takes_no_part(hall: House) -> None:
    question = await ask(hall, "Why?")
    [number] = await hall.ask("How small?")
    async with hall.database.write() as session:
        row = await session.get_one(Question, question.id)
        await hall.rooms.mute_asker(session, hall.actor(), row, True)
    with refused(Refusal.BARRED):
        await ask(hall, "How?")
    with refused(Denial.VOTE_BARRED):
        await vote(hall, number)


async def test_a_guest_is_never_taken_for_a_person(hall: House) -> None:
    """By whichever action a face lets them try."""
    [number] = await hall.ask("How small?")
    asking = Asking(hall.desk, hall.access, hall.programme, hall.views)
    voting = Voting(hall.desk, hall.settings.questions)
    guest = hall.actor(GUEST, "web")
    async with hall.database.write() as session:
        row = (await session.scalars(select(Question).where(Question.number == number))).one()
        tries: list[Callable[[], Awaitable[object]]] = [
            lambda: asking.ask(session, guest, Ask(room=ROOM_ID, text="Why?", name="Ada")),
            lambda: voting.vote(session, guest, row),
            lambda: voting.unvote(session, guest, row),
        ]
        for attempt in tries:
            with refused(Denial.NOT_AS_GUEST):
                await attempt()
        await voting.cast(session, guest, row)
        assert row.votes == 0
    with refused(Denial.NO_GUEST):
        await vote(hall, number, ADA)
    with refused(Denial.NO_GUEST):
        await ask(hall, "Why?", ADA)


async def test_a_guest_has_no_power(hall: House) -> None:
    """But over what they asked themselves."""
    own = await ask(hall, "Why?")
    others = await ask(hall, "How?", OTHER)
    async with hall.database.read() as session:
        for about in (others, TalkIn(TINY.guid, ROOM_ID), ROOM_ID, None):
            assert await hall.access.granted(session, hall.actor(GUEST, "web"), about) == set()
        granted = await hall.access.granted(session, hall.actor(GUEST, "web"), own)
        assert granted == {Permission.WITHDRAW, Permission.MOVE_OWN}


async def test_what_comes_twice_is_done_once(hall: House) -> None:
    actor: Actor = hall.actor(GUEST, "web")
    async with hall.database.write() as session:
        await hall.hall.ask(session, actor, TINY.guid, "Why?")
    with pytest.raises(DoneBefore):
        async with hall.database.write() as session:
            await hall.hall.ask(session, actor, TINY.guid, "Why?")
    assert await hall.states() == ["pending"]
