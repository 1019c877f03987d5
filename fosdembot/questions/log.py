"""The log of every change of a question, and what `!undo` takes from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, QuestionLog

from .by import By

_FIELDS = ("state", "skipped", "merged_into", "talk")
"""Of a question, those that decisions change and `!undo` puts back."""
_STANDING = frozenset({"state", "skipped", "merged_into"})
_LOOKED_AT = 20
"""Changes of a question that are looked through; people change its state once or twice."""
ASK = "ask"
"""The action by which a question comes to be."""
MOVE = "move"
"""The action by which it is for another talk."""
REDACT = "redact"
"""The action by which its text goes."""
REVOCABLE = "tap"
"""In `after` of decisions that stand only as long as their cause (see `By.revocable`). The word
stands in rows of earlier versions."""


def fields(question: Question) -> dict[str, Any]:
    """As they stand now."""
    return {name: getattr(question, name) for name in _FIELDS}


def write(
    session: WriteSession,
    question: Question,
    action: str,
    by: By,
    before: Mapping[str, Any] | None,
    can_undo: bool,
    **more: str,
) -> None:
    """`before` as `fields` gave it; None for a new question."""
    now = fields(question)
    if before is not None:
        changed = [name for name in _FIELDS if before[name] != now[name]]
        before, now = {name: before[name] for name in changed}, {n: now[n] for n in changed}
    session.add(
        QuestionLog(
            at=by.at,
            scope=question.scope,
            actor=by.person,
            action=action,
            cause=by.cause,
            acted_at=by.acted_at or by.at,
            question_id=question.id,
            before=before,
            after=now | more | ({REVOCABLE: True} if by.revocable else {}),
            can_undo=can_undo,
        )
    )


def write_for_room(session: WriteSession, scope: str, action: str, by: By, **what: str) -> None:
    """What was decided for a room, a talk or a person."""
    session.add(
        QuestionLog(
            at=by.at,
            scope=scope,
            actor=by.person,
            action=action,
            cause=by.cause,
            acted_at=by.acted_at or by.at,
            question_id=None,
            before=None,
            after=dict(what),
            can_undo=False,
        )
    )


async def last_decision(
    session: AsyncSession, scope: str, actor: str | None = None
) -> QuestionLog | None:
    """The newest in the rooms of `scope` that still stands; by whom, where that is given."""
    where = QuestionLog.scope == scope
    return await _newest(session, where if actor is None else where & (QuestionLog.actor == actor))


async def last_about(session: AsyncSession, question: Question) -> QuestionLog | None:
    """The newest decision about a question that still stands."""
    return await _newest(session, QuestionLog.question_id == question.id)


async def last_about_same(session: AsyncSession, entry: QuestionLog) -> QuestionLog | None:
    """The newest decision that still stands about any of the questions about which the cause of
    this one decided: it stands on that."""
    same = select(QuestionLog.question_id).where(
        QuestionLog.cause == entry.cause, QuestionLog.can_undo
    )
    return await _newest(session, QuestionLog.question_id.in_(same))


async def last_of_talk(
    session: AsyncSession, talk: str, actor: str | None = None
) -> QuestionLog | None:
    """The newest decision about a question of a talk that still stands; by whom, where that is
    given."""
    where = QuestionLog.question_id.in_(select(Question.id).where(Question.talk == talk))
    return await _newest(session, where if actor is None else where & (QuestionLog.actor == actor))


async def _newest(session: AsyncSession, where: ColumnElement[bool]) -> QuestionLog | None:
    query = select(QuestionLog).where(where, QuestionLog.can_undo)
    found: QuestionLog | None = await session.scalar(query.order_by(QuestionLog.id.desc()).limit(1))
    return found


async def newest(session: AsyncSession, question: Question) -> QuestionLog | None:
    """The newest change of a question, of whatever kind."""
    query = select(QuestionLog).where(QuestionLog.question_id == question.id)
    found: QuestionLog | None = await session.scalar(query.order_by(QuestionLog.id.desc()).limit(1))
    return found


async def last_turn(session: AsyncSession, question: Question) -> QuestionLog | None:
    """The newest change by which a question stands otherwise than before, taken back or not; None
    where it stands as it was asked."""
    query = select(QuestionLog).where(QuestionLog.question_id == question.id)
    entries = await session.scalars(query.order_by(QuestionLog.id.desc()).limit(_LOOKED_AT))
    return next((entry for entry in entries if _STANDING & entry.after.keys()), None)


async def asked_by(session: AsyncSession, cause: str) -> Sequence[int]:
    """The ids of the questions that this asked, or made of a message."""
    query = select(QuestionLog.question_id).where(
        QuestionLog.cause == cause, QuestionLog.action == ASK
    )
    return [id_ for id_ in await session.scalars(query) if id_ is not None]


async def last_move(session: AsyncSession, question: Question) -> QuestionLog | None:
    """The newest change by which it is for another talk than before, a move or one that was taken
    back."""
    query = select(QuestionLog).where(QuestionLog.question_id == question.id)
    entries = await session.scalars(query.order_by(QuestionLog.id.desc()).limit(_LOOKED_AT))
    return next((entry for entry in entries if "talk" in entry.after), None)


async def actions(session: AsyncSession, question: Question) -> set[str]:
    """All that was done to a question so far."""
    query = select(QuestionLog.action).where(QuestionLog.question_id == question.id)
    return set(await session.scalars(query.distinct()))


async def decided_by(
    session: AsyncSession, cause: str, *, revocable: bool = False
) -> Sequence[QuestionLog]:
    """The decisions by one cause that still stand, the newest first; only the `revocable` ones,
    where these are wanted."""
    query = (
        select(QuestionLog)
        .where(QuestionLog.cause == cause, QuestionLog.can_undo)
        .order_by(QuestionLog.id.desc())
    )
    found = (await session.scalars(query)).all()
    return [entry for entry in found if entry.after.get(REVOCABLE)] if revocable else found


async def forget_texts(session: AsyncSession, question: Question) -> None:
    """What a question said, by each of its edits, is gone."""
    about = select(QuestionLog).where(QuestionLog.question_id == question.id)
    for entry in await session.scalars(about):
        if "new_text" in entry.after:
            entry.after = {k: v for k, v in entry.after.items() if not k.endswith("_text")}
