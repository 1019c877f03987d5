"""What a talk room is told when somebody closes its Q&A, or looks at questions first."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from fosdembot.actions.once import DoneBefore
from fosdembot.conference.events import QaClosed, QaModerated
from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import Outgoing
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.wake import Wake
from fosdembot.notifications.qa_news import QaNews
from tests.actions.house import ROOM_ID, TINY, House
from tests.talks.programme import ROOM


@pytest.fixture
async def telling(house: House) -> House:
    news = QaNews(Outbox(house.clock, "salt", Wake()), "!")

    async def hear(session: WriteSession, event: object) -> None:
        assert isinstance(event, QaClosed | QaModerated)
        await news.decided(session, event)

    house.hears = hear
    return house


async def told(house: House) -> list[tuple[str, str, str]]:
    async with house.database.read() as session:
        rows = await session.scalars(select(Outgoing).order_by(Outgoing.id))
        return [(row.key, row.room_id, row.content["body"]) for row in rows]


async def test_the_talk_room_is_told_once(telling: House) -> None:
    actor = telling.actor(face="web")
    async with telling.database.write() as session:
        await telling.rooms.set_closed(session, actor, ROOM, TINY.guid, True)
    with pytest.raises(DoneBefore):
        async with telling.database.write() as session:
            await telling.rooms.set_closed(session, actor, ROOM, TINY.guid, True)
    said = 'No more questions for "Talk tiny", please. Votes for those asked still count.'
    assert await told(telling) == [(f"qa/{actor.cause}", ROOM_ID, said)]


async def test_a_room_that_reads_the_answer_is_not_told_as_well(telling: House) -> None:
    async with telling.database.write() as session:
        actor = telling.actor()
        await telling.rooms.set_moderated(session, actor, ROOM, True, answered_there=True)
    assert await told(telling) == []
