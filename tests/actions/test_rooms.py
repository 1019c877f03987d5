"""Questions are taken or not, looked at first or not, and somebody is muted, by any face."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.changes import Change, QuestionsChanged, TalksChanged
from fosdembot.conference.events import QaClosed, QaModerated
from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Question, QuestionLog
from fosdembot.db.tables import Room
from fosdembot.questions import lookup, refusals
from fosdembot.questions.new_question import NewQuestion
from fosdembot.questions.refusals import Refusal
from fosdembot.talks import delays
from tests.talks.programme import ROOM, at, talk

from .house import ADA, BIG, MODERATOR, ROOM_ID, SPEAKER, TINY, House

TROLL = "@troll:example.org"
RELAY = "@discord_bridge:example.org"


def refuses(why: Denial | delays.Refusal) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda err: err.why is why)


def lacks(permission: Permission) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(
        Refused,
        check=lambda err: err.why is Denial.NOT_ALLOWED and err.permission is permission,
    )


async def close(
    house: House, closed: bool = True, talk: str = TINY.guid, person: str = MODERATOR
) -> QaClosed | None:
    async with house.database.write() as session:
        actor = house.actor(person, "web")
        return await house.rooms.set_closed(session, actor, ROOM, talk, closed)


async def moderate(
    house: House, moderated: bool = True, person: str = MODERATOR
) -> QaModerated | None:
    async with house.database.write() as session:
        actor = house.actor(person, "web")
        return await house.rooms.set_moderated(session, actor, ROOM, moderated)


async def mute(
    house: House, mute: bool = True, who: str | int = TROLL, person: str = MODERATOR
) -> bool:
    """`who`: a person, or the number of their question."""
    async with house.database.write() as session:
        actor = house.actor(person, "web")
        if isinstance(who, str):
            return await house.rooms.mute(session, actor, ROOM_ID, who, mute)
        question = await lookup.by_number(session, ROOM_ID, who)
        assert question is not None
        return await house.rooms.mute_asker(session, actor, question, mute)


async def asks(
    house: House, person: str = TROLL, talk: str = TINY.guid, *, relayed: bool = False
) -> Refusal | int:
    """Somebody asks: why they may not, else the number."""
    event = f"$asks{house.actor().act}"
    new = NewQuestion(
        ROOM_ID, talk, f"{event}?", person, "x", event, house.clock.now(), relayed=relayed
    )
    try:
        async with house.database.write() as session:
            question, _ = await house.desk.ask(session, new)
            return question.number
    except refusals.Refused as refused:
        return refused.why


async def logged(house: House) -> list[tuple[str, str | None]]:
    """What was decided for the room, by whom."""
    async with house.database.read() as session:
        rows = await session.scalars(select(QuestionLog).order_by(QuestionLog.id))
        return [(row.action, row.actor) for row in rows if row.action != "ask"]


# Open and closed.


async def test_no_more_questions_to_a_talk_until_it_is_opened(house: House) -> None:
    assert await close(house)
    assert await asks(house) is Refusal.CLOSED
    assert isinstance(await asks(house, talk=BIG.guid), int), "it is for one talk"
    assert await close(house, False)
    assert isinstance(await asks(house), int)
    assert await logged(house) == [("close", MODERATOR), ("open", MODERATOR)]


async def test_who_hears_of_it_is_told_of_which_talk_and_room(house: House) -> None:
    event = await close(house)
    assert house.told == [event]
    assert event is not None
    assert (event.room, event.talk, event.closed) == (ROOM_ID, TINY, True)
    assert event.cause.startswith("web:")


async def test_what_is_so_already_changes_nothing_and_is_told_nobody(house: House) -> None:
    assert await close(house, False) is None
    assert await moderate(house, False) is None
    await close(house)
    await moderate(house)
    assert await close(house) is None
    assert await moderate(house) is None
    assert len(house.told) == 2
    assert await logged(house) == [("close", MODERATOR), ("moderated", MODERATOR)]


async def test_nobody_closes_another_room_s_talk(house: House) -> None:
    await house.publish(TINY, talk("other", "10:30", chat_room="#cloud:example.org"))
    for guid in ("other", "none"):
        with refuses(delays.Refusal.UNKNOWN):
            await close(house, talk=guid)


@pytest.mark.parametrize(
    ("clock", "expected"), [("09:30", "tiny"), ("10:27", "tiny"), ("10:31", "big")]
)
async def test_the_talk_that_questions_are_for_is_meant(
    house: House, clock: str, expected: str
) -> None:
    async with house.database.read() as session:
        slot = await house.rooms.talk_meant(session, ROOM_ID, at(clock))
    assert slot.talk.guid == expected


async def test_it_must_be_said_which_talk_is_meant_where_several_are_or_none(house: House) -> None:
    there = talk("there", "10:00", chat_room=ROOM, room="Hall 2")
    await house.publish(TINY, there)
    async with house.database.read() as session:
        with pytest.RaisesExc(
            Refused,
            check=lambda err: (
                err.why is Denial.WHICH_TALK
                and {slot.talk.guid for slot in err.slots} == {"tiny", "there"}
            ),
        ):
            await house.rooms.talk_meant(session, ROOM_ID, at("10:05"))
        with refuses(Denial.NO_TALK_ASKED_ABOUT):
            await house.rooms.talk_meant(session, ROOM_ID, at("10:05") + timedelta(days=2))


# Looked at first.


async def test_a_moderator_sees_each_question_first(house: House) -> None:
    event = await moderate(house)
    assert house.told == [event]
    await asks(house)
    assert await house.states() == ["pending"]
    assert await moderate(house, False)
    await asks(house)
    assert await house.states() == ["pending", "open"], "the first still waits"
    assert await logged(house) == [("moderated", MODERATOR), ("unmoderated", MODERATOR)]


# Who may.


@pytest.mark.parametrize("person", [ADA, SPEAKER])
async def test_only_moderators_decide_for_a_room(house: House, person: str) -> None:
    await house.ask("How small?")
    with lacks(Permission.OPEN_OR_CLOSE_QA):
        await close(house, person=person)
    with lacks(Permission.MODERATE_QA):
        await moderate(house, person=person)
    for who in (TROLL, 1):
        with lacks(Permission.MUTE):
            await mute(house, who=who, person=person)
    assert await logged(house) == []
    assert house.told == []


async def test_nothing_is_decided_for_a_room_that_the_bot_is_not_in(house: House) -> None:
    async with house.database.write() as session:
        await session.execute(update(Room).values(membership="leave"))
    with pytest.RaisesExc(
        Refused, check=lambda err: err.why is Denial.NOT_IN_ROOM and err.address == ROOM
    ):
        await close(house)
    with lacks(Permission.MODERATE_QA):
        await moderate(house, person=ADA)


# Muted.


async def test_who_is_muted_may_not_ask_until_they_may_again(house: House) -> None:
    assert await mute(house)
    assert await asks(house) is Refusal.BARRED
    assert not await mute(house), "once is enough"
    assert await mute(house, False)
    assert not await mute(house, False)
    assert isinstance(await asks(house), int)
    assert await logged(house) == [("mute", MODERATOR), ("unmute", MODERATOR)]
    assert house.told == [], "nobody is shamed"


async def test_votes_of_who_is_muted_are_taken_away_and_come_back(house: House) -> None:
    await house.ask("How small?")

    async def votes() -> int:
        async with house.database.read() as session:
            question = await lookup.by_number(session, ROOM_ID, 1)
            assert question is not None
            return question.votes

    async with house.database.write() as session:
        question = await lookup.by_number(session, ROOM_ID, 1)
        assert question is not None
        await house.desk.vote(session, question, TROLL, "$vote")
    assert await votes() == 1
    await mute(house)
    assert await votes() == 0
    await mute(house, False)
    assert await votes() == 1


async def test_who_asked_a_question_is_muted_by_its_number(house: House) -> None:
    number = await asks(house)
    assert isinstance(number, int)
    assert await mute(house, who=number)
    assert await asks(house) is Refusal.BARRED
    assert await house.states() == ["open"], "what was asked stays"
    assert await mute(house, False, who=number)


async def test_who_is_forgotten_cannot_be_muted(house: House) -> None:
    number = await asks(house)
    assert isinstance(number, int)
    async with house.database.write() as session:
        await session.execute(update(Question).values(asker=None))
    with pytest.RaisesExc(
        Refused,
        check=lambda err: (
            err.why is Denial.ASKER_FORGOTTEN
            and err.question is not None
            and err.question.number == number
        ),
    ):
        await mute(house, who=number)


async def test_a_relay_is_not_muted_for_what_one_of_many_asked(database: Database) -> None:
    house = House(database, questions={"relays": [RELAY]})
    await house.open()
    number = await asks(house, RELAY, relayed=True)
    assert isinstance(number, int)
    with refuses(Denial.ASKED_BY_RELAY):
        await mute(house, who=number)
    assert not await mute(house, False, who=number), "it may be unmuted, and was not muted"


async def test_screens_hear_of_both_after_the_commit(house: House) -> None:
    heard: list[Change] = []
    house.changes.subscribe(heard.append)
    await moderate(house)
    assert heard == [TalksChanged(frozenset({ROOM}))]
    await close(house)
    assert heard[1:] == [QuestionsChanged(frozenset({TINY.guid}))]
