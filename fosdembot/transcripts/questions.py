"""The questions to a talk, and who took part, as they stand in the database."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from fosdembot.db.question_tables import Answer as AnswerRow
from fosdembot.db.question_tables import Question as QuestionRow
from fosdembot.db.question_tables import QuestionLog, QuestionRoom, Vote
from fosdembot.questions import answers
from fosdembot.questions.states import HIDDEN, ON_BOARD, State
from fosdembot.talks.file_name import file_name
from fosdembot.texts.invisible import without_idle

from . import model
from .forgotten import question_id

MOST_ANSWERS = answers.MOST * 5
"""To one question, with those to the questions that became part of it."""
_REPEATED = 40
"""Characters of a question that the bot repeats as they are: it shortens what is long."""
_SHOWN = (*ON_BOARD, State.ANSWERED)


class ReadAloud(NamedTuple):
    """A question that is not shown."""

    number: int
    text: str
    """Empty where its message was redacted."""
    taken_at: datetime


class NotShown(NamedTuple):
    """A question that is not shown here, or an answer to one, which the bot may have repeated in
    the chat."""

    by: str | None
    event: str | None
    text: str
    name: str = ""
    """What others saw."""
    id: str | None = None
    """Of a question, what it is called on the list of what is forgotten."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a talk."""

    questions: tuple[model.Question, ...]
    """Those that were taken in that order, then the others, best first."""
    asked: int
    """People who asked; those of a relay are one."""
    voted: int
    """People who voted, as long as that is not forgotten."""
    unpublished: tuple[ReadAloud, ...] = ()
    """What nobody may read, but was taken, and so perhaps read aloud: no quote goes on into it."""


async def read_questions(session: AsyncSession, talk: str) -> Asked:
    """All questions to a talk (its guid) that people may read, with their written answers."""
    rows = await _questions(session, talk)
    roots = [row for row in rows if row.state in _SHOWN]
    merged: defaultdict[int | None, list[QuestionRow]] = defaultdict(list)
    for row in rows:
        if row.state == State.MERGED:
            merged[row.root].append(row)
    written = await answers.to_each(session, [row.id for row in roots], MOST_ANSWERS)
    hidden = await _hidden(session, QuestionRow.talk == talk, redacted=True)
    taken = await _taken(session, [row.id for row in (*roots, *hidden)])
    found = [_question(row, merged[row.id], written.get(row.id, ()), taken) for row in roots]
    found.sort(key=_order)
    voted = await session.scalar(
        select(func.count(func.distinct(Vote.person)))
        .join(QuestionRow, QuestionRow.id == Vote.question_id)
        .where(QuestionRow.talk == talk)
    )
    people = {row.asker for row in rows if row.asker is not None}
    aloud = (ReadAloud(row.number, row.text, taken[row.id]) for row in hidden if row.id in taken)
    return Asked(tuple(found), len(people), voted or 0, tuple(aloud))


def _order(question: model.Question) -> tuple[float, int, int]:
    taken = question.taken_at.timestamp() if question.taken_at is not None else math.inf
    return taken, -question.votes, question.number


async def said_in(session: AsyncSession, room: str | None, talk: str) -> Sequence[NotShown]:
    """What was asked and answered in a room (its id), for whichever talk, or for a talk (its guid):
    the bot may repeat it, and name who said it, in the chat of a later one."""
    there = (QuestionRow.room_id == room) | (QuestionRow.talk == talk)
    # Columns: a room may have thousands of questions, of which whole rows take the loop's time.
    asked = select(
        QuestionRow.asker,
        QuestionRow.source,
        QuestionRow.text,
        QuestionRow.asker_name,
        QuestionRow.talk,
        QuestionRow.number,
    ).where(there)
    answered = (
        select(AnswerRow.author, AnswerRow.cause, AnswerRow.text, AnswerRow.author_name)
        .join(QuestionRow, QuestionRow.id == AnswerRow.question_id)
        .where(there)
    )
    questions = [
        NotShown(
            row.asker,
            row.source,
            row.text,
            row.asker_name,
            question_id(file_name(row.talk), row.number),
        )
        for row in await session.execute(asked)
    ]
    return [*questions, *(NotShown(*row) for row in await session.execute(answered))]


async def hidden_in(session: AsyncSession, room: str | None, talk: str) -> Sequence[NotShown]:
    """All that nobody may read of what was asked for a talk (its guid), or in its room (its id)
    for any talk: neither the message that asked it, which may stand in the chat of the talk before,
    nor what the bot repeated of it."""
    scopes = select(QuestionRoom.scope).where(QuestionRoom.room_id == room)
    # Also those that went with their talk into another room.
    asked_there = select(QuestionLog.question_id).where(QuestionLog.scope.in_(scopes))
    found = await _hidden(session, (QuestionRow.talk == talk) | QuestionRow.id.in_(asked_there))
    return [NotShown(row.asker, _source(row), row.text) for row in found]


async def now_hidden(session: AsyncSession, sources: Collection[str]) -> Mapping[str, list[str]]:
    """Of the questions that these asked and that nobody may read, by room (its id) in which their
    words may stand: what asked them, and the first of those words, which the bot may repeat."""
    hidden = await _hidden(session, QuestionRow.source.in_(sources))
    rooms = await session.execute(
        select(QuestionLog.question_id, QuestionRoom.room_id)
        .join(QuestionRoom, QuestionRoom.scope == QuestionLog.scope)
        .where(QuestionLog.question_id.in_([row.id for row in hidden]))
        .distinct()
    )
    said = {row.id: [row.source or "", _repeated(row.text)] for row in hidden}
    found: defaultdict[str, list[str]] = defaultdict(list)
    for question, room in rooms:
        if question is not None:
            found[room] += filter(None, said[question])
    return found


def _repeated(text: str) -> str:
    """As the chat has it: without what breaks "@room"."""
    return without_idle(text.split("\n", maxsplit=1)[0])[:_REPEATED]


async def _questions(session: AsyncSession, talk: str) -> Sequence[QuestionRow]:
    """Those that have words; whoever redacted theirs, or withdrew it, took them back."""
    states = (*_SHOWN, State.MERGED)
    query = select(QuestionRow).where(
        QuestionRow.talk == talk, QuestionRow.text != "", QuestionRow.state.in_(states)
    )
    return (await session.scalars(query.order_by(QuestionRow.id))).all()


async def _hidden(
    session: AsyncSession, where: ColumnElement[bool], *, redacted: bool = False
) -> Sequence[QuestionRow]:
    """Those that have words which the audience may not read: also what became part of such a
    question, and is asked by nobody any more. `redacted`: also those whose words are gone."""
    root = aliased(QuestionRow)
    is_hidden = QuestionRow.state.in_(HIDDEN)
    is_part = (QuestionRow.state == State.MERGED) & root.state.in_(HIDDEN)
    query = (
        select(QuestionRow)
        .outerjoin(root, root.id == QuestionRow.root)
        .where(where, is_hidden | is_part, true() if redacted else QuestionRow.text != "")
    )
    return (await session.scalars(query.order_by(QuestionRow.id))).all()


async def _taken(session: AsyncSession, questions: Collection[int]) -> Mapping[int, datetime]:
    """By question (its id) when it was last taken to be answered."""
    query = (
        select(QuestionLog.question_id, QuestionLog.at, QuestionLog.after)
        .where(QuestionLog.question_id.in_(questions))
        .order_by(QuestionLog.id)
    )
    return {
        row.question_id: row.at
        for row in await session.execute(query)
        if row.question_id is not None and row.after.get("state") == State.ANSWERING
    }


def _question(
    row: QuestionRow,
    merged: Sequence[QuestionRow],
    written: Sequence[AnswerRow],
    taken: Mapping[int, datetime],
) -> model.Question:
    is_answered = row.state == State.ANSWERED
    return model.Question(
        number=row.number,
        text=row.text,
        asker=row.asker_name,
        by=_by(row),
        event=_event(row),
        votes=row.votes,
        state=State(row.state).value,
        asked_at=row.asked_at,
        taken_at=taken.get(row.id),
        answered_at=row.state_at if is_answered else None,
        answers=tuple(_answer(answer) for answer in written),
        merged=tuple(
            model.Merged(
                number=other.number,
                text=other.text,
                asker=other.asker_name,
                by=_by(other),
                event=_event(other),
            )
            for other in merged
        ),
    )


def _by(row: QuestionRow) -> str | None:
    """Who asked. Not of nameless ones, and not a relay, which speaks for many."""
    is_person = row.asker is not None and row.asker.startswith("@")
    return row.asker if is_person and row.asker_name and not row.relayed else None


def _event(row: QuestionRow) -> str | None:
    """The message in the talk's room that asked it."""
    return None if row.direct else _source(row)


def _source(row: QuestionRow) -> str | None:
    """The message that asked it, in whichever room."""
    return row.source if row.source is not None and row.source.startswith("$") else None


def _answer(row: AnswerRow) -> model.Answer:
    return model.Answer(
        text=row.text,
        author=row.author_name,
        by=row.author if row.author is not None and row.author.startswith("@") else None,
        at=row.at,
        event=row.cause if row.cause.startswith("$") else None,
    )
