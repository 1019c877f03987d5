"""How a question stands, in its row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question

from . import log
from .by import By
from .states import Action, Standing, State


def standing_of(question: Question) -> Standing:
    return Standing(State(question.state), question.skipped)


def stand(question: Question, standing: Standing, at: datetime) -> None:
    """It stands so, since `at` if it stood otherwise before."""
    if standing != standing_of(question):
        question.state, question.skipped = standing.state, standing.skipped
        question.state_at = at


async def close_answering(session: WriteSession, talk: str, by: By) -> list[Question]:
    """What is being answered in a talk (its guid) is answered. Returns those questions."""
    answering = select(Question).where(Question.talk == talk, Question.state == State.ANSWERING)
    closed = list(await session.scalars(answering))
    for question in closed:
        before = log.fields(question)
        stand(question, Standing(State.ANSWERED), by.at)
        log.write(session, question, Action.DONE, by, before, True)
    await session.flush()
    return closed
