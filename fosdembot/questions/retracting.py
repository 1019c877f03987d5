"""Questions whose message asks them no more, though it stands: it was edited into a command, the
edit by which it asked was redacted, or the ❓ that made it a question was taken back. If it asks
again, it is the same question."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, QuestionLog

from . import log, lookup
from .by import By
from .desk import Desk
from .events import AskedAgain
from .refusals import Refusal, Refused
from .states import UNDECIDED, Action

_UNTOUCHED = {log.ASK, "edit", "undo", "rehome", log.REDACT, Action.WITHDRAW}
"""What is done to a question without anybody's decision."""


async def is_untouched(session: AsyncSession, question: Question) -> bool:
    """Whether nobody has voted for a question or decided about it."""
    if question.votes or len(await lookup.group(session, question)) != 1:
        return False
    return await log.actions(session, question) <= _UNTOUCHED


async def retraction(session: AsyncSession, question: Question) -> QuestionLog | None:
    """By what the question was taken back, if its message did that; None where somebody did, by
    a command for example, and where the message itself is redacted."""
    last = await log.newest(session, question)
    if last is None or last.action not in (Action.WITHDRAW, log.REDACT):
        return None
    by_edit = last.cause == question.source
    by_mark = question.id in await log.asked_by(session, last.cause)
    return last if by_edit or by_mark else None


async def retract(desk: Desk, session: WriteSession, question: Question, by: By) -> bool:
    """Take the question back, if nothing was decided about it; whether that is done.
    `by.cause`: its message, or what made a question of that."""
    if question.state not in UNDECIDED:
        return False
    await desk.act(session, question, Action.WITHDRAW, by)
    return True


async def ask_again(
    desk: Desk, session: WriteSession, question: Question, text: str, by: By, cause: str
) -> bool:
    """Its message asks again, and says this `text` since `cause`; whether the
    question had been taken back (see `retraction`). Raises `Refused`."""
    last = await retraction(session, question)
    if last is None:
        return False
    text = desk.checked(text)
    if question.asker is not None:
        await desk.check_asker(session, question.scope, question.asker)
        waiting = await lookup.open_of_account(session, question.talk, question.asker)
        if len(waiting) >= desk.open_per_person and not question.relayed:
            raise Refused(Refusal.TOO_MANY, len(waiting))
    # What was decided about a text that is gone does not hold for another.
    if question.text and await desk.revert(session, [last], by):
        log.write(session, question, log.ASK, by, log.fields(question), False)
    else:
        await desk.reopen(session, question, text, by)
    await desk.reword(session, question, text, replace(by, cause=cause))
    await desk.hears(session, AskedAgain(question, cause))
    return True
