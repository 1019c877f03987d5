"""In which of our messages a question's text stands: with its redaction it must go there too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from fosdembot.db.engine import WriteSession
from fosdembot.db.insert import insert_new, table_of
from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Question, Shown
from fosdembot.db.tables import Outgoing

_TABLE = table_of(Shown)
_GONE = delete(_TABLE).where(
    _TABLE.c.message_key == bindparam("message"),
    _TABLE.c.question_id.not_in(bindparam("left", expanding=True)),
)
_REDACTION = aliased(Outgoing)
# Made once: to make them takes longer than to execute them.
_SAID = Prepared(
    select(Shown.question_id, Shown.message_key)
    .join(Outgoing, Outgoing.key == Shown.message_key)
    .where(
        Shown.question_id.in_(bindparam("questions", expanding=True)),
        Shown.about,
        ~exists().where(_REDACTION.target == Outgoing.key, _REDACTION.kind == "redaction"),
    )
    .order_by(Outgoing.id)
)
_EVER = Prepared(select(Shown.message_key).where(Shown.question_id == bindparam("question")))
_ABOUT = Prepared(
    select(Shown.message_key).where(Shown.question_id == bindparam("question"), Shown.about)
)
"""Most questions have no card and no post."""
_MESSAGES = (
    select(Outgoing)
    .join(Shown, Shown.message_key == Outgoing.key)
    .where(Shown.question_id == bindparam("question"), Shown.about)
)


async def show(session: WriteSession, key: str, questions: Iterable[int], *, renewed: bool) -> None:
    """The message with this key shows the texts of these questions (their ids), besides
    others; `renewed`: it is edited when they change."""
    await _add(session, [_row(key, question, renewed) for question in dict.fromkeys(questions)])


async def show_only(session: WriteSession, key: str, edit: str, questions: Iterable[int]) -> None:
    """The message with this key is edited: these are the questions that stand in it now. In
    its edits (by their key) there may be others besides: earlier ones can be read as well."""
    questions = list(dict.fromkeys(questions))
    await _write_waiting(session)
    await session.execute_apart(_GONE, {"message": key, "left": questions})
    await _add(session, [_row(name, each, True) for name in (key, edit) for each in questions])


def _row(key: str, question: int, renewed: bool) -> dict[str, object]:
    return {"message_key": key, "question_id": question, "renewed": renewed, "about": False}


async def _add(session: WriteSession, rows: Sequence[dict[str, object]]) -> None:
    """Those that are there stay as they are."""
    if not rows:
        return
    await _write_waiting(session)
    await session.execute_apart(insert_new(await session.connection(), Shown), rows)


async def _write_waiting(session: WriteSession) -> None:
    """Those that wait in the session. What is executed apart from it does not look at each of its
    objects whether it concerns that."""
    if any(isinstance(pending, Shown) for pending in session.new):
        await session.flush()


async def shown_in(session: AsyncSession, key: str) -> Sequence[Question]:
    """The questions whose text stands in the message with this key."""
    found = select(Question).join(Shown, Shown.question_id == Question.id)
    return (await session.scalars(found.where(Shown.message_key == key))).all()


async def said_about(
    session: AsyncSession, questions: Iterable[int]
) -> defaultdict[int, list[str]]:
    """By question (its id), the keys of the messages that are about it alone and are not
    redacted, the oldest first."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for question, key in await _SAID.find(session, {"questions": list(questions)}):
        found[question].append(key)
    return found


async def messages_about(session: AsyncSession, question: int) -> Sequence[Outgoing]:
    """The messages that are about a question (its id) alone: its cards and posts."""
    if not await _ABOUT.find(session, {"question": question}):
        return ()
    return (await session.scalars(_MESSAGES, {"question": question})).all()


async def ever_shown_in(session: AsyncSession, question: int) -> Sequence[str]:
    """The keys of all messages in which the text of a question (its id) stands, or stood."""
    return [key for (key,) in await _EVER.find(session, {"question": question})]


async def forget(session: WriteSession, keys: Iterable[str]) -> None:
    """The messages with these keys are not sent after all."""
    await session.execute(delete(Shown).where(Shown.message_key.in_(list(keys))))
