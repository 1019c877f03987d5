"""What rooms are told when somebody decides about a talk, whichever face they use."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from fosdembot.conference.events import TalkDecided
from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import Outgoing, Room, RoomAddress
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.wake import Wake
from fosdembot.notifications.talk_news import Outcome, TalkNews
from fosdembot.talks.decisions import Decision
from tests.actions.house import ROOM_ID, TINY, House
from tests.talks.programme import ROOM, talk

CLOUD, CLOUD_ID = "#cloud:example.org", "!cloud:example.org"
HERE = '"Talk tiny" is 40 minutes late: 10:40 to 11:05. "Talk big" starts at 11:05 now.'
ELSEWHERE = '"Talk other" starts at 11:30 now.'


@pytest.fixture
async def telling(house: House) -> House:
    """One hall, and a talk in it that has another chat room."""
    outbox = Outbox(house.clock, "salt", Wake())
    news = TalkNews(outbox, house.programme, "!")

    async def hear(session: WriteSession, event: object) -> None:
        assert isinstance(event, TalkDecided)
        await news.decided(session, event)

    house.hears = hear
    other = talk("other", "10:55", chat_room=CLOUD)
    await house.publish(TINY, talk("big", "10:30", chat_room=ROOM), other)
    async with house.database.write() as session:
        session.add(Room(room_id=CLOUD_ID, membership="join"))
        session.add(RoomAddress(address=CLOUD, room_id=CLOUD_ID))
    return house


async def change(
    house: House, minutes: int = 40, *, answered_there: bool = False
) -> TalkDecided | None:
    async with house.database.write() as session:
        return await house.talks.change(
            session,
            house.actor(face="web"),
            ROOM,
            Decision.DELAY,
            TINY.guid,
            minutes=minutes,
            answered_there=answered_there,
        )


async def delay(house: House, minutes: int = 40, *, answered_there: bool = False) -> str:
    """Returns what who decided is to be told."""
    decided = await change(house, minutes, answered_there=answered_there)
    assert decided is not None
    return Outcome(decided, house.programme, "!").here().plain


async def told(house: House) -> dict[str, str]:
    """Room → what it is told."""
    async with house.database.read() as session:
        rows = (await session.scalars(select(Outgoing).order_by(Outgoing.id))).all()
    assert all(row.key.startswith("decision/web:") for row in rows)
    assert all(row.key.endswith(f"/{row.room_id}") for row in rows)
    return {row.room_id: row.content["body"] for row in rows}


async def test_the_room_is_told_and_others_whose_talks_move(telling: House) -> None:
    assert await delay(telling) == HERE
    assert await told(telling) == {ROOM_ID: HERE, CLOUD_ID: ELSEWHERE}


async def test_a_room_that_reads_the_answer_is_not_told_as_well(telling: House) -> None:
    await delay(telling, answered_there=True)
    assert await told(telling) == {CLOUD_ID: ELSEWHERE}


async def test_a_room_none_of_whose_talks_begins_at_another_time_is_told_nothing(
    telling: House,
) -> None:
    await delay(telling, 2)
    assert list(await told(telling)) == [ROOM_ID]


async def test_what_is_so_already_is_told_nobody(telling: House) -> None:
    await delay(telling)
    before = await told(telling)
    assert await change(telling) is None
    assert await told(telling) == before
