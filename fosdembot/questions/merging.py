"""Questions that were merged into others, and where their votes count."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Question

from .states import State, Status


def root_of(merged_into: Mapping[int, int | None], question: int) -> int:
    """The end of the chain."""
    seen = {question}
    while (following := merged_into.get(question)) is not None and following not in seen:
        seen.add(following)
        question = following
    return question


async def is_lost(session: AsyncSession, question: Question) -> bool:
    """Whether nobody would see any more what is merged into it."""
    root = await session.get_one(Question, question.root)
    return root.state in (State.DISMISSED, State.WITHDRAWN)


_MERGED = Prepared(
    select(Question.id)
    .where(
        Question.scope == bindparam("scope"),
        Question.merged_into.is_not(None) | (Question.root != Question.id),
    )
    .limit(1)
)
"""Most rooms have none."""


async def settle_roots(session: WriteSession, scope: str) -> set[int]:
    """Let every question of `scope` know where its votes count; returns the questions
    whose votes are to be counted anew."""
    if not await _MERGED.find(session, {"scope": scope}):
        return set()
    merged = {
        question.id: question
        for question in await session.scalars(
            select(Question).where(
                Question.scope == scope,
                Question.merged_into.is_not(None) | (Question.root != Question.id),
            )
        )
    }
    into = {question.id: question.merged_into for question in merged.values()}
    touched: set[int] = set()
    for question in merged.values():
        root = root_of(into, question.id)
        if question.root != root:
            touched |= {root} | ({question.root} if question.root is not None else set())
            question.root = root
    await session.flush()
    return touched


async def release(
    session: WriteSession, question: Question, status: Status, into: int | None
) -> None:
    """`question`, which stood so and was merged into that one, is taken back by its asker:
    what was merged into it is not lost. The earliest takes its place, and the others go
    to that one."""
    children = list(
        await session.scalars(
            select(Question).where(Question.merged_into == question.id).order_by(Question.id)
        )
    )
    if not children:
        return
    heir, *others = children
    heir.merged_into = into
    heir.state, heir.skipped, heir.state_at = status.state, status.skipped, question.state_at
    for child in others:
        child.merged_into = heir.id
