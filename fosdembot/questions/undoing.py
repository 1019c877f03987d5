"""Taking decisions back, as part of the desk: whether it can be done, and what goes along."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, QuestionLog

from . import log, lookup, merging
from .by import By
from .states import State


async def can_go_back(session: AsyncSession, question: Question, entry: QuestionLog) -> bool:
    """Whether it is as the decision made it, and nothing stands where it stood."""
    now, before = log.fields(question), entry.before or {}
    if not before or any(now[name] != entry.after[name] for name in before):
        return False
    then = now | before
    if then["skipped"] and then["state"] != State.OPEN:
        return False  # It was skipped since.
    if then["state"] == State.ANSWERING:
        other = select(Question.id).where(
            Question.talk == then["talk"], Question.state == State.ANSWERING
        )
        if await session.scalar(other) is not None:
            return False
    if before.get("merged_into") is None:
        return True
    into = await session.get_one(Question, before["merged_into"])
    return (
        into.root != question.id
        and into.talk == then["talk"]
        and not await merging.is_lost(session, into)
    )


async def gather(session: WriteSession, root: int | None, by: By) -> None:
    """What was merged into a question is for the same talk."""
    question = await session.get_one(Question, root)
    for each in await lookup.group(session, question):
        if each.talk != question.talk:
            before = log.fields(each)
            each.talk = question.talk
            log.write(session, each, "undo", by, before, False)
