"""What stands on the boards of many talks, read together, is what stands on each of them."""

from __future__ import annotations

import random

from sqlalchemy import select

from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Question, TalkQuestions
from fosdembot.questions.board import best_of, count_on_board, on_board
from fosdembot.questions.states import State
from simulation.conference import START

TALKS = ["one", "two", "three", "four"]
STATES = [state for state in State if state not in (State.MERGED, State.ANSWERING)]


async def test_it_is_the_same_as_read_one_by_one(database: Database) -> None:
    chance = random.Random(1)
    async with database.write() as session:
        for number in range(1, 200):
            state = chance.choice(STATES)
            session.add(
                Question(
                    scope="!r:example.org",
                    number=number,
                    talk=chance.choice(TALKS[:3]),
                    room_id="!r:example.org",
                    text=f"Why {number}?",
                    asker_name="Bob",
                    asked_at=START,
                    state=state,
                    state_at=START,
                    skipped=state == State.OPEN and chance.random() < 0.3,
                    votes=chance.randrange(4),
                )
            )
        session.add(TalkQuestions(talk="two", closed=True))
        session.add(TalkQuestions(talk="three", closed=False))
    async with database.read() as session:
        answering = select(Question).where(Question.talk == "one").limit(1)
        first = (await session.scalars(answering)).one()
    async with database.write() as session:
        row = await session.get_one(Question, first.id)
        row.state, row.skipped = State.ANSWERING, False
    async with database.read() as session:
        found = await best_of(session, TALKS, 5)
        for talk in TALKS:
            alone = await on_board(session, talk, 5)
            assert [q.id for q in found[talk].questions] == [q.id for q in alone]
            assert [q.votes for q in found[talk].questions] == [q.votes for q in alone]
            assert found[talk].open == await count_on_board(session, talk)
            assert found[talk].closed == (talk == "two")
    assert found["four"].questions == ()
    assert found["one"].questions[0].state == State.ANSWERING
