"""What somebody asks, before it is a question: whether it can be one, and whether it was asked.

Reads only; the desk writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, true
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.question_tables import Question
from fosdembot.settings import QuestionSettings
from fosdembot.texts.render import clean

from . import lookup, similar
from .guests import MOST_OPEN, is_guest
from .refusals import Refusal, Refused
from .states import UNDECIDED, State

COMPARED = 300
"""New questions are compared with so many of the newest."""


@dataclass(frozen=True, slots=True)
class NewQuestion:
    room: str
    talk: str
    text: str
    asker: str
    name: str
    """What others see; empty: asked without a name."""
    cause: str
    """What asks it, as in `By`."""
    at: datetime
    relayed: bool = False
    """Whether it came as `<name> text`."""
    relay: bool = False
    """Whether the asker's account is known to speak for many."""
    direct: bool = False
    marked: str = ""
    """What made a question of that, if it was something else: another cause."""
    trusted: bool = False
    """Whether it needs no moderator to see it first."""


def row(new: NewQuestion, scope: str, number: int, text: str, state: State) -> Question:
    """The question that it becomes."""
    return Question(
        scope=scope,
        number=number,
        talk=new.talk,
        room_id=new.room,
        text=text,
        asker=new.asker,
        asker_name=clean(new.name, 60),
        relayed=new.relayed,
        source=new.cause,
        direct=new.direct,
        asked_at=new.at,
        state=state,
        state_at=new.at,
        skipped=False,
        votes=0,
    )


def checked(text: str, longest: int) -> str:
    """A question's text as it is kept. Raises `Refused` where it is too long or empty."""
    text = clean(text, len(text) + 1)
    if not text:
        raise Refused(Refusal.EMPTY)
    if len(text) > longest:
        raise Refused(Refusal.TOO_LONG, len(text))
    return text


async def check_number(
    session: AsyncSession, new: NewQuestion, text: str, settings: QuestionSettings
) -> None:
    """Raises `Refused` where somebody has asked it already, or has asked enough for now."""
    waiting = await lookup.open_of_account(session, new.talk, new.asker)
    if new.relay:
        # Behind any other account there is one person, whatever names it gives.
        if new.relayed and len(waiting) >= settings.open_per_relay:
            raise Refused(Refusal.RELAY_FULL)
        waiting = [question for question in waiting if _asked_by_the_same(question, new)]
    for question in waiting:
        if question.text.casefold() == text.casefold():
            raise Refused(Refusal.ASKED_ALREADY, question.number)
    most = settings.open_per_person
    if len(waiting) >= (min(most, MOST_OPEN) if is_guest(new.asker) else most):
        raise Refused(Refusal.TOO_MANY, len(waiting))


async def alike_let_in(session: AsyncSession, question: Question) -> int | None:
    """The number of one that is alike and that a moderator has let in: of others nobody
    in the audience may hear."""
    states = [state for state in UNDECIDED if state != State.PENDING]
    return await alike(session, question.talk, question.text, states, question.id)


async def alike(
    session: AsyncSession,
    talk: str,
    text: str,
    undecided: Iterable[State] = UNDECIDED,
    but: int | None = None,
) -> int | None:
    """The number of a question for the talk that asks much the same."""
    others = await session.execute(
        select(Question.number, Question.text)
        .where(Question.talk == talk, Question.state.in_((*undecided, State.ANSWERED)))
        .where(Question.id != but if but is not None else true())
        .order_by(Question.id.desc())
        .limit(COMPARED)
    )
    return similar.alike(text, [(row.number, row.text) for row in others])


def _asked_by_the_same(question: Question, new: NewQuestion) -> bool:
    """Whether two questions that a relay's account asked are of one person."""
    if not (question.relayed and new.relayed):
        return question.relayed == new.relayed
    # Not in SQL: SQLite knows capitals only of ASCII.
    return question.asker_name.casefold() == clean(new.name, 60).casefold()
