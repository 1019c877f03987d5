"""What is told of a written answer, whichever face it was given by."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from fosdembot.actions.actor import Actor
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.db.tables import Outgoing, Room
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.wake import Wake
from fosdembot.notifications.answer_news import AnswerNews
from fosdembot.questions import lookup
from fosdembot.questions.events import Answered, AnswerReworded, AnswerTakenBack
from tests.actions.house import ADA, ROOM_ID, SPEAKER, House

CHAT = "!direct:example.org"


@pytest.fixture
async def telling(house: House) -> House:
    """Ada asked question 1 in a direct chat, without her name."""
    outbox = Outbox(house.clock, "salt", Wake())
    written = AnswerNews(outbox, house.programme, house.settings)

    async def hear(session: WriteSession, event: object) -> None:
        assert isinstance(event, Answered | AnswerReworded | AnswerTakenBack)
        await written.hear(session, event)

    await house.ask("How small can it get?")
    house.hears = hear
    async with house.database.write() as session:
        session.add(Room(room_id=CHAT, membership="join", direct_with=ADA))
        await session.execute(update(Question).values(asker=ADA, asker_name="", direct=True))
    return house


async def answer(house: House, *, afterwards: bool) -> Actor:
    actor = house.actor(SPEAKER, "web")
    async with house.database.write() as session:
        question = await lookup.by_number(session, ROOM_ID, 1)
        assert question is not None
        actions = house.answers
        act = actions.answer_afterwards if afterwards else actions.answer
        await act(session, actor, question, "4 kB", "Grace")
    return actor


async def told(house: House) -> list[tuple[str, str, str]]:
    async with house.database.read() as session:
        rows = await session.scalars(select(Outgoing).order_by(Outgoing.id))
        return [
            (row.key, row.room_id, row.content.get("body", "")) for row in rows if not row.target
        ]


async def test_an_answer_given_elsewhere_is_posted_and_who_asked_directly_is_told(
    telling: House,
) -> None:
    actor = await answer(telling, afterwards=True)
    key = f"written/{actor.cause}"
    assert await told(telling) == [
        (key, ROOM_ID, "Grace answers question 1:\n4 kB"),
        (f"{key}/1", CHAT, "Grace answers your question 1 in kernel:\n4 kB"),
    ]


async def test_one_that_the_room_reads_is_not_posted(telling: House) -> None:
    await answer(telling, afterwards=False)
    assert [room for _, room, _ in await told(telling)] == [CHAT]


async def test_what_was_told_is_taken_back_with_the_answer(telling: House) -> None:
    actor = await answer(telling, afterwards=True)
    async with telling.database.write() as session:
        await session.execute(update(Outgoing).values(state="sent", event_id="$" + Outgoing.key))
        await telling.answers.redact(session, telling.actor(), actor.cause)
        gone = await session.scalars(select(Outgoing.target).where(Outgoing.target.is_not(None)))
        assert set(gone) == {f"written/{actor.cause}", f"written/{actor.cause}/1"}
