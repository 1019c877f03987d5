"""Where ids of people stand, and all that is kept of one of them.

Each column that can hold an id is named here; `tests/db/test_personal.py` goes over all tables and
fails where one is new and not decided about.
"""

from __future__ import annotations

import json
import re
import typing
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import ColumnElement, Text, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from .base import Base
from .meeting_tables import MeetingLine, MeetingOfRoom
from .page_tables import HallVote, PageLink, PageLogin, PageSession
from .question_tables import (
    Act,
    Answer,
    Barred,
    Conversation,
    Letter,
    Preference,
    Proposal,
    Question,
    QuestionLog,
    Reason,
    Speaker,
    Version,
    Vote,
    VoteMark,
)
from .tables import (
    FailedEvent,
    Outgoing,
    Pause,
    Room,
    RoomState,
    SeenEvent,
    SyncPosition,
    TalkLog,
)
from .transcript_tables import OptOut

Row = dict[str, Any]

IDS: tuple[InstrumentedAttribute[Any], ...] = (
    SyncPosition.user_id,
    RoomState.state_key,
    RoomState.sender,
    Room.inviter,
    Room.direct_with,
    Room.removed_by,
    TalkLog.actor,
    Pause.actor,
    Question.asker,
    Vote.person,
    VoteMark.person,
    Barred.person,
    QuestionLog.actor,
    Answer.author,
    Act.person,
    Conversation.person,
    Preference.person,
    Proposal.person,
    Speaker.person,
    Letter.person,
    MeetingOfRoom.actor,
    OptOut.person,
    PageLink.made_by,
    PageSession.person,
    PageLogin.person,
    HallVote.guest,
)
"""Columns that hold the id of a person, or of nobody; and `SeenEvent.sender`, of which there are so
many that they are counted."""
MENTIONS: tuple[InstrumentedAttribute[Any], ...] = (
    FailedEvent.error,
    RoomState.content,
    Room.made_for,
    Outgoing.key,
    Outgoing.content,
    Outgoing.target,
    Outgoing.error,
    QuestionLog.after,
    Version.content,
)
"""Columns of what was made or said, in which ids may stand among other things."""
_PERSON = re.compile(r"@[^\s:@()\[\]<>\"'&/\\]{1,255}:[A-Za-z0-9.\-]*[A-Za-z0-9](?::\d{1,5})?")
SOMEBODY = "(somebody else)"
"""In place of the ids of others: what is kept of them is not this person's to read."""


async def kept_of(session: AsyncSession, person: str) -> dict[str, list[Row]]:
    """By table all that the database has of somebody, as it can be written as JSON; without the
    ids of others."""
    found: dict[str, list[Row]] = {}
    for mapped, columns in _by_table().items():
        rows = await session.execute(select(mapped.__table__).where(_may_be(columns, person)))
        named = [row for row in map(_row, rows.mappings()) if _names(row, columns, person)]
        _put(found, mapped, named)
    for mapped, where in _besides(person):
        rows = await session.execute(select(mapped.__table__).where(where))
        _put(found, mapped, [_row(row) for row in rows.mappings()])
    _put(found, SeenEvent, await _seen(session, person))
    return {table: [without_others(row, person) for row in rows] for table, rows in found.items()}


async def _seen(session: AsyncSession, person: str) -> list[Row]:
    """By room how many events. Counted here: SQLite would go through the index of rooms for it,
    which takes it ten times as long as to read all of the table."""
    events = select(SeenEvent.room_id, SeenEvent.at).where(SeenEvent.sender == person)
    rooms: defaultdict[str, list[datetime]] = defaultdict(list)
    for room, at in await session.execute(events):
        rooms[room].append(at)
    return [
        {
            "room_id": room,
            "events": len(moments),
            "first": min(moments).isoformat(),
            "last": max(moments).isoformat(),
        }
        for room, moments in sorted(rooms.items())
    ]


def without_others(value: Any, person: str) -> Any:
    """The same without the ids of other people."""
    if isinstance(value, str):
        return _PERSON.sub(lambda found: found[0] if found[0] == person else SOMEBODY, value)
    if isinstance(value, dict):
        told = ((without_others(key, person), each) for key, each in value.items())
        return {key: without_others(each, person) for key, each in told if key != SOMEBODY}
    if isinstance(value, list):
        return [without_others(each, person) for each in value]
    return value


def is_named(text: str, person: str) -> bool:
    """Whether an id stands in a text, as it is, in JSON, or in an address; not as a part of
    another."""
    return any(re.search(rf"{re.escape(form)}{_END}", text) for form in _forms(person))


_END = r"(?![\w%]|[.:\-]+\w)"
"""Of an id: what follows does not belong to it."""


def _forms(person: str) -> list[str]:
    forms = [person, json.dumps(person)[1:-1], quote(person, safe=""), quote(person, safe=":@")]
    return list(dict.fromkeys(forms))


@dataclass(slots=True)
class _Columns:
    ids: list[InstrumentedAttribute[Any]]
    mentions: list[InstrumentedAttribute[Any]]


def _by_table() -> dict[type[Base], _Columns]:
    tables: defaultdict[type[Base], _Columns] = defaultdict(lambda: _Columns([], []))
    for column in IDS:
        tables[_table(column)].ids.append(column)
    for column in MENTIONS:
        tables[_table(column)].mentions.append(column)
    return tables


def _table(column: InstrumentedAttribute[Any]) -> type[Base]:
    return typing.cast("type[Base]", column.class_)


def _besides(person: str) -> Iterator[tuple[type[Base], ColumnElement[bool]]]:
    """What hangs on what somebody wrote, and does not name them."""
    events = select(SeenEvent.event_id).where(SeenEvent.sender == person)
    asked = select(Question.id).where(Question.asker == person)
    yield Version, Version.event_id.in_(events)
    yield Reason, Reason.cause.in_(events)
    yield MeetingLine, MeetingLine.question_id.in_(asked)


def _may_be(columns: _Columns, person: str) -> ColumnElement[bool]:
    """Whether a row can name somebody: the database does not know where an id ends."""
    is_it = [column == person for column in columns.ids]
    is_in = [
        cast(column, Text).contains(form, autoescape=True)
        for column in columns.mentions
        for form in _forms(person)
    ]
    return or_(*is_it, *is_in)


def _names(row: Row, columns: _Columns, person: str) -> bool:
    if any(row[column.key] == person for column in columns.ids):
        return True
    said = (row[column.key] for column in columns.mentions)
    return any(is_named(json.dumps(each, ensure_ascii=False), person) for each in said if each)


def _put(found: dict[str, list[Row]], mapped: type[Base], rows: list[Row]) -> None:
    kept = found.setdefault(mapped.__tablename__, [])
    kept += [row for row in rows if row not in kept]


def _row(row: Any) -> Row:
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in row.items()
    }
