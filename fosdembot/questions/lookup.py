"""Which question is meant: by its number, or by an event."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Barred, Question, QuestionRoom, Shown, Vote
from fosdembot.db.tables import Outgoing, SeenEvent

from .scopes import scope_of, scopes_at
from .states import UNDECIDED

# Made once: to make them takes longer than to execute them.
_BY_NUMBER = Prepared(
    select(Question.id)
    .join(QuestionRoom, QuestionRoom.scope == Question.scope)
    .where(QuestionRoom.room_id == bindparam("room"), Question.number == bindparam("number"))
)
_NUMBERED = Prepared(
    select(Question.id).where(
        Question.number == bindparam("number"),
        Question.scope.in_(bindparam("scopes", expanding=True)),
    )
)
_THESE = select(Question).where(Question.id.in_(bindparam("ids", expanding=True)))
_BY_SOURCE = Prepared(select(Question.id).where(Question.source == bindparam("cause")))
_ABOUT_IT = Prepared(
    select(Shown.question_id)
    .join(Outgoing, Outgoing.key == Shown.message_key)
    .where(Outgoing.event_id == bindparam("event"), Shown.about)
)


async def by_number(session: AsyncSession, room: str, number: int) -> Question | None:
    """The question with this number in a Matrix room, of whichever talk."""
    if not 0 < number < 1 << 31:
        return None
    at = {"room": room, "number": number}
    if (question := await _BY_NUMBER.row(session, Question, at)) is not None:
        return question
    # The room before it may have had questions, and this one none yet.
    scope = await scope_of(session, room)
    query = select(Question).where(Question.scope == scope, Question.number == number)
    return (await session.scalars(query)).one_or_none()


async def by_number_at(
    session: AsyncSession, addresses: Sequence[str], number: int
) -> dict[Question, str]:
    """The questions with this number in the rooms to which some addresses lead, with the
    first address of each; in the order of the addresses."""
    scopes = await scopes_at(session, addresses)
    wanted = {"number": number, "scopes": list(scopes.values())}
    by_scope = {}
    if ids := [id_ for (id_,) in await _NUMBERED.find(session, wanted)] if scopes else ():
        by_scope = {row.scope: row for row in await session.scalars(_THESE, {"ids": ids})}
    found: dict[Question, str] = {}
    for address in addresses:
        question = by_scope.get(scopes.get(address, ""))
        if question is not None:
            found.setdefault(question, address)
    return found


async def by_source(session: AsyncSession, cause: str) -> Question | None:
    """The question that was asked by this, as by an event."""
    return await _BY_SOURCE.row(session, Question, {"cause": cause})


async def by_event(session: AsyncSession, event_id: str) -> Question | None:
    """The question that was asked by this event, or that a message of ours is about."""
    if (question := await by_source(session, event_id)) is not None:
        return question
    return await _ABOUT_IT.row(session, Question, {"event": event_id})


@dataclass(frozen=True, slots=True)
class Target:
    """A question that an event is about."""

    question: int
    root: int
    number: int
    room: str | None
    """The Matrix room in which the event stands; None where that is none of a question."""


_ROOM = func.coalesce(
    SeenEvent.room_id, Outgoing.room_id, case((Question.direct, None), else_=Question.room_id)
)
_TARGET = Question.id, Question.root, Question.number, _ROOM
_EVENTS: BindParameter[Any] = bindparam("events", expanding=True)
# Made once: to make them takes longer than to execute them.
_ASKED = Prepared(
    select(Question.source, *_TARGET)
    .outerjoin(SeenEvent, SeenEvent.event_id == Question.source)
    .outerjoin(Outgoing, Outgoing.event_id == Question.source)
    .where(Question.source.in_(_EVENTS))
)
_ABOUT = Prepared(
    select(Outgoing.event_id, *_TARGET)
    .join(Shown, Shown.message_key == Outgoing.key)
    .join(Question, Question.id == Shown.question_id)
    .outerjoin(SeenEvent, SeenEvent.event_id == Outgoing.event_id)
    .where(Outgoing.event_id.in_(_EVENTS), Shown.about)
)


def targets(connection: Connection, event_ids: Collection[str]) -> dict[str, Target]:
    """By event the question that was asked by it, or that a message of ours is about."""
    found = _by_event(_ASKED.all(connection, {"events": list(event_ids)}))
    if others := [event for event in event_ids if event not in found]:
        found |= _by_event(_ABOUT.all(connection, {"events": others}))
    return found


def _by_event(rows: Iterable[Any]) -> dict[str, Target]:
    return {event: Target(*target) for event, *target in rows}


_BARRED = Prepared(
    select(Barred.person, QuestionRoom.room_id)
    .join(QuestionRoom, QuestionRoom.scope == Barred.scope)
    .where(
        Barred.person.in_(bindparam("people", expanding=True)),
        QuestionRoom.room_id.in_(bindparam("rooms", expanding=True)),
        Barred.reason == "membership",
    )
)


def are_barred(connection: Connection, people: Collection[tuple[str, str]]) -> bool:
    """Whether one of these (room, person) does not count, having been put out or having left."""
    rooms, persons = ({each[n] for each in people} for n in (0, 1))
    rows = _BARRED.all(connection, {"people": list(persons), "rooms": list(rooms)})
    return any((room, person) in people for person, room in rows)


async def of_person(session: AsyncSession, person: str, limit: int) -> list[Question]:
    """What somebody asked, the newest first; not what a relay's account asked for others."""
    query = (
        select(Question)
        .where(Question.asker == person, Question.relayed.is_(False))
        .order_by(Question.id.desc())
        .limit(limit)
    )
    return list(await session.scalars(query))


async def of_person_to(
    session: AsyncSession, person: str, talks: Collection[str], limit: int
) -> list[Question]:
    """What somebody asked to some talks (their guids), as `of_person`."""
    query = (
        select(Question)
        .where(
            Question.asker == person, Question.relayed.is_(False), Question.talk.in_(list(talks))
        )
        .order_by(Question.id.desc())
        .limit(limit)
    )
    return list(await session.scalars(query))


async def voted_by(session: AsyncSession, person: str, talks: Collection[str]) -> set[int]:
    """The questions (their ids) to some talks (their guids) for which somebody votes, or for
    one that was merged into them."""
    voted = (
        select(Question.root)
        .join(Vote, Vote.question_id == Question.id)
        .where(Vote.person == person, Question.talk.in_(list(talks)))
    )
    return {root for root in await session.scalars(voted) if root is not None}


async def newest_open(session: AsyncSession, scope: str | None, person: str) -> Question | None:
    """The last that somebody asked in a scope (None: in any) and that still waits; as
    `of_person`."""
    query = select(Question).where(
        Question.asker == person, Question.relayed.is_(False), Question.state.in_(UNDECIDED)
    )
    if scope is not None:
        query = query.where(Question.scope == scope)
    newest: Question | None = await session.scalar(query.order_by(Question.id.desc()).limit(1))
    return newest


async def open_of_account(session: AsyncSession, talk: str, account: str) -> list[Question]:
    """Those that an account has waiting for a talk, in whosever name it asked them."""
    query = select(Question).where(
        Question.talk == talk, Question.asker == account, Question.state.in_(UNDECIDED)
    )
    return list(await session.scalars(query))


async def open_by_nick(session: AsyncSession, scope: str, relay: str, nick: str) -> list[Question]:
    """Those that a relay asked for somebody in a scope and that still wait, newest first."""
    query = select(Question).where(
        Question.scope == scope,
        Question.asker == relay,
        Question.relayed,
        Question.state.in_(UNDECIDED),
    )
    # Not in SQL: SQLite knows capitals only of ASCII.
    return [
        question
        for question in await session.scalars(query.order_by(Question.id.desc()))
        if question.asker_name.casefold() == nick.casefold()
    ]


async def root_of(session: AsyncSession, question: Question) -> Question:
    """The question that it was merged into, at last; or itself."""
    return await session.get_one(Question, question.root)


async def group(session: AsyncSession, question: Question) -> list[Question]:
    """The question and all that were merged into it, the earliest first."""
    if await _OF_GROUP.find(session, {"root": question.id}) == [(question.id,)]:
        return [question]
    return list(await session.scalars(_GROUP, {"root": question.id}))


async def askers(session: AsyncSession, question: Question) -> list[tuple[str, str]]:
    """Who asked the question and all that were merged into it, and the name that others see; not
    those who are forgotten."""
    found = await _ASKERS.find(session, {"root": question.id})
    return [(asker, name) for asker, name in found if asker is not None]


_OF_GROUP = Prepared(select(Question.id).where(Question.root == bindparam("root")).limit(2))
"""Mostly it is the question alone."""
_GROUP = select(Question).where(Question.root == bindparam("root")).order_by(Question.id)
_ASKERS = Prepared(
    select(Question.asker, Question.asker_name).where(Question.root == bindparam("root"))
)


async def with_merged(session: AsyncSession, question: Question) -> list[Question]:
    """The question first, then all that were merged into it: they stand on their own once it is
    taken back. It may itself be merged into another one."""
    return list(dict.fromkeys([question, *await group(session, question)]))


async def is_left_of_relay(session: AsyncSession, scope: str, account: str) -> bool:
    """Whether something stands in a scope that an account said for others."""
    left = select(Question.id).where(
        Question.scope == scope,
        Question.asker == account,
        Question.relayed,
        Question.text != "",
    )
    return await session.scalar(left.limit(1)) is not None
