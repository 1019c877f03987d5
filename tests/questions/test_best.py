"""What stands on the boards of many talks, read together, is what stands on each of them."""

from __future__ import annotations

import random

from sqlalchemy import select

from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Question, TalkQuestions
from fosdembot.questions.board import counts, on_board, waiting
from fosdembot.questions.states import State
from fosdembot.questions.views import best_of_each, view_of
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
        found = await best_of_each(session, TALKS, 5)
        for talk in TALKS:
            alone = await on_board(session, talk, 5)
            assert found[talk].waiting.entries == tuple(map(view_of, alone))
            assert found[talk].waiting.total == waiting(await counts(session, talk))
            assert found[talk].closed == (talk == "two")
    assert found["four"].waiting.entries == ()
    assert found["one"].answering == found["one"].waiting.entries[0]
