"""What somebody does by another face than chat takes effect once, however often it comes: a request
is repeated whose answer was lost.

Events of Matrix rooms need no mark for that: the inbox passes each of them on once.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import fields, is_dataclass
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import bindparam, insert, select
from sqlalchemy import inspect as inspect_row
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.actor import CHAT, Actor
from fosdembot.actions.refused import About, Denial, Refused
from fosdembot.db.base import Base
from fosdembot.db.engine import WriteSession
from fosdembot.db.insert import table_of
from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Act, Answer, Question

_S = TypeVar("_S")
_T = TypeVar("_T")
_P = ParamSpec("_P")

_DOING = "acting"
"""In the session's `info`: the cause of what is being done, of which other actions may be part."""
_WORDS = ("text", "name", "reason")
"""Arguments that are what people wrote: no trace of them is kept with the cause."""
# Made once: to make them takes longer than to execute them.
_MARK = Prepared(insert(table_of(Act)))
_MARKED = Prepared(
    select(Act.person, Act.what, Act.question_id).where(Act.cause == bindparam("cause"))
)


class DoneBefore(Exception):
    """Raised where the actor has done that already, by the same cause: nothing is done again.
    It is no refusal: the face says what came of it."""

    def __init__(self, question: Question | None) -> None:
        super().__init__("done before")
        self.question = About.of(question) if question is not None else None
        """What it was about, as it stands now."""


def once(
    action: Callable[Concatenate[_S, WriteSession, Actor, _P], Awaitable[_T]],
) -> Callable[Concatenate[_S, WriteSession, Actor, _P], Coroutine[Any, Any, _T]]:
    """Lets an action take effect once for its cause, which belongs to who did it. What an action
    does by way of others is one with it. Raises `DoneBefore`; `Refused` where the same cause stands
    for something else; and what the action raises, which leaves no mark."""
    signature = inspect.signature(action)

    async def do(
        self: _S, session: WriteSession, actor: Actor, /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        if actor.face == CHAT or session.info.get(_DOING) == actor.cause:
            return await action(self, session, actor, *args, **kwargs)
        given = signature.bind(self, session, actor, *args, **kwargs).arguments
        about = {name: value for name, value in list(given.items())[3:] if name not in _WORDS}
        what = _digest(action.__qualname__, about)
        await _check(session, actor, what)
        session.info[_DOING] = actor.cause
        try:
            result = await action(self, session, actor, *args, **kwargs)
        finally:
            del session.info[_DOING]
        question = _question_of([result, *about.values()])
        mark = {
            "cause": actor.cause,
            "person": actor.person,
            "what": what,
            "question_id": question,
            "at": actor.now,
        }
        await _MARK.do(session, mark)
        return result

    update_wrapper(do, action)
    return do


async def _check(session: AsyncSession, actor: Actor, what: str) -> None:
    for person, did, asked in await _MARKED.find(session, {"cause": actor.cause}):
        if (person, did) != (actor.person, what):
            raise Refused(Denial.CAUSE_USED)
        raise DoneBefore(await session.get(Question, asked) if asked is not None else None)


def _question_of(values: Iterable[object]) -> int | None:
    """The id of the question that one of these values is about."""
    for value in values:
        if isinstance(value, Answer):
            return value.question_id
        about = value if isinstance(value, Question) else getattr(value, "question", None)
        if isinstance(about, Question):
            return about.id
    return None


def _digest(action: str, about: dict[str, Any]) -> str:
    """Of what is done, and to what."""
    told = repr((action, [(name, _told(value)) for name, value in about.items()]))
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def _told(value: Any) -> Any:
    """The same for the same request."""
    if isinstance(value, Base):
        return value.__tablename__, inspect_row(value).identity
    if is_dataclass(value):
        named = [field.name for field in fields(value) if field.name not in _WORDS]
        return [(name, _told(getattr(value, name))) for name in named]
    if isinstance(value, list | tuple):
        return [_told(each) for each in value]
    return str(value)
