"""How a question stands, in its row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question

from . import log
from .by import By
from .states import Action, State, Status


def status_of(question: Question) -> Status:
    return Status(State(question.state), question.skipped)


def set_status(question: Question, status: Status, at: datetime) -> None:
    """It stands so, since `at` if it stood otherwise before."""
    if status != status_of(question):
        question.state, question.skipped = status.state, status.skipped
        question.state_at = at


async def close_answering(session: WriteSession, talk: str, by: By) -> list[Question]:
    """What is being answered in a talk (its guid) is answered. Returns those questions."""
    answering = select(Question).where(Question.talk == talk, Question.state == State.ANSWERING)
    closed = list(await session.scalars(answering))
    for question in closed:
        before = log.fields(question)
        set_status(question, Status(State.ANSWERED), by.at)
        log.write(session, question, Action.DONE, by, before, True)
    await session.flush()
    return closed
