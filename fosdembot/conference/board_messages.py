"""The messages of a room that say which talks are on, and what they have to say now."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from fosdembot.conference.plans import Plans, RoomPlan
from fosdembot.conference.question_summaries import summaries_of
from fosdembot.conference.read_ahead import BoardRow
from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Board
from fosdembot.db.tables import Outgoing
from fosdembot.matrix.outbox import Urgency
from fosdembot.talks.board_content import BoardContent, Says
from fosdembot.talks.notices import Kind, Notice
from fosdembot.talks.question_summary import NO_QUESTIONS, QuestionSummary
from fosdembot.texts.render import Text

_MOST = 50
"""Boards of a room that are looked at: more talks are not on at the same time."""
_MADE = "board/"
"""Begins the keys of messages that take the place of others."""
_REDACTION = aliased(Outgoing)
_STANDS = Outgoing.state.not_in(("failed", "dropped")), Outgoing.kind == "message"
_NUMBERED = (
    select(
        Outgoing.id,
        func.row_number()
        .over(partition_by=Board.room_id, order_by=Outgoing.id.desc())
        .label("number"),
    )
    .join(Board, Board.message_key == Outgoing.key)
    .where(Board.room_id.in_(bindparam("rooms", expanding=True)), *_STANDS)
    .subquery()
)
# Made once: to make them takes longer than to execute them.
_KEPT = (
    select(
        Outgoing.id,
        Outgoing.key,
        Outgoing.room_id,
        Board,
        select(_REDACTION.id)
        .where(_REDACTION.target == Outgoing.key, _REDACTION.kind == "redaction")
        .exists(),
    )
    .outerjoin(Board, Board.message_key == Outgoing.key)
    .where(*_STANDS)
)
_NEWEST = _KEPT.join(_NUMBERED, _NUMBERED.c.id == Outgoing.id).where(_NUMBERED.c.number <= _MOST)
_TOLD = _KEPT.where(Outgoing.key.in_(bindparam("keys", expanding=True)))
_BY_EVENT = Prepared(
    select(Board.message_key)
    .join(Outgoing, Outgoing.key == Board.message_key)
    .where(Outgoing.event_id == bindparam("event"), Outgoing.room_id == bindparam("room"))
)
_BY_KEY = Prepared(select(Outgoing.id).where(Outgoing.key == bindparam("key")))


@dataclass(frozen=True, slots=True)
class BoardMessage:
    """A board: a message that was told."""

    key: str
    row: Board
    told: Sequence[Notice]
    """The notices that it told, as they are planned now."""
    says: Says
    """What it says of its talks, as it was last made to."""
    deleted: bool
    """Whether it was taken out of the room."""
    is_new: bool = False
    """Whether a version told it that kept nothing of it."""

    def says_on(self, now: datetime) -> bool:
        return any(end is not None and end > now for end in self.says.values())


@dataclass(frozen=True, slots=True)
class BoardView:
    """A message as it would be said now."""

    content: BoardContent
    text: Text
    frame: str
    """Digest of it without questions."""
    shown: str
    """Digest of all but the votes."""
    questions: Sequence[int]
    """The ids of those that stand in it."""
    urgency: int
    expires: datetime | None

    @property
    def off(self) -> bool:
        """Whether it says that no talk is on."""
        return self.content.off is not None


async def board_sent_as(session: AsyncSession, event_id: str, room: str) -> str | None:
    """The key of the board that is the event with this id."""
    found = await _BY_EVENT.find(session, {"event": event_id, "room": room})
    return next((key for (key,) in found), None)


async def boards_in(session: AsyncSession, plan: RoomPlan) -> list[BoardMessage]:
    """The newest boards of a room, in the order in which they were told."""
    rows = plan.ahead.boards
    if rows is None:
        rows = (await _rows(session, [plan]))[plan.address]
    messages, found = plan.messages(), []
    for key, row, deleted in rows:
        told = messages.get(key, [])
        says = _says(row, told)
        found.append(BoardMessage(key, row or _unknown(key), told, says, deleted, row is None))
    return found


async def read_boards_ahead(session: AsyncSession, plans: Sequence[RoomPlan]) -> None:
    """The boards of several rooms, read together."""
    rows = await _rows(session, plans)
    for plan in plans:
        plan.ahead.boards = rows[plan.address]


async def _rows(session: AsyncSession, plans: Sequence[RoomPlan]) -> dict[str, list[BoardRow]]:
    """By address of the plans."""
    rooms = {plan.room for plan in plans if plan.room is not None}
    if not rooms:
        return {plan.address: [] for plan in plans}
    rows = list(await session.execute(_NEWEST, {"rooms": list(rooms)}))
    known = {row.key for row in rows}
    told = {
        plan.address: {
            key
            for key, notices in plan.messages().items()
            if key not in known and any(notice.kind is Kind.NOW for notice in notices)
        }
        for plan in plans
    }
    if older := {key for keys in told.values() for key in keys}:
        rows += await session.execute(_TOLD, {"keys": list(older)})
    by_room: defaultdict[str | None, list[tuple[str, BoardRow]]] = defaultdict(list)
    for _, key, room, board, deleted in sorted(rows, key=lambda row: int(row[0])):
        there = board.room_id if key in known else room
        by_room[there].append((key, BoardRow(key, board, bool(deleted))))
    return {
        plan.address: [
            row
            for key, row in by_room.get(plan.room, ())
            if key in known or key in told[plan.address]
        ]
        for plan in plans
    }


def _unknown(key: str) -> Board:
    return Board(message_key=key, frame="", shown="", edited_at=_NEVER, edits=0, posted_again=0)


class Views:
    def __init__(self, plans: Plans) -> None:
        self._plans = plans

    async def of(
        self,
        session: AsyncSession,
        plan: RoomPlan,
        content: BoardContent,
        among: Collection[int] | None = None,
    ) -> BoardView:
        """With the best of all questions, or of those with the ids `among`."""
        if content.off is not None:
            frame = _hash((content.off_frame or content.off).html)
            return BoardView(content, content.off, frame, "", (), Urgency.CHANGE, None)
        found = await summaries_of(session, plan, content.notices, among)
        message = self._plans.again(plan, content.notices, found.by_talk)
        without = message
        if any(asked != NO_QUESTIONS for asked in found.by_talk.values()):
            without = self._plans.again(plan, content.notices, {})
        steady = {talk: _without_votes(asked) for talk, asked in found.by_talk.items()}
        return BoardView(
            content,
            text=message.text,
            frame=_hash(without.text.html),
            shown=_hash(repr(sorted(steady.items()))),
            questions=[found.ids[number] for number in message.questions],
            urgency=message.urgency,
            expires=max((end for end in content.says.values() if end), default=None),
        )


async def replaced_by(session: AsyncSession, keys: Collection[str]) -> dict[str, str]:
    """Of these messages those that took the place of one that stands in its room: its key."""
    made = [key for key in keys if key.startswith(_MADE)]
    found: dict[str, str] = {}
    for row in await session.scalars(select(Board).where(Board.message_key.in_(made))):
        earlier = await session.execute(
            _KEPT.where(
                Board.room_id == row.room_id,
                Board.message_key.not_in(list(keys)),
                Outgoing.state.in_(("sending", "sent")),
            ).order_by(Outgoing.id.desc())
        )
        for _, key, _, board, deleted in earlier.all():
            if not deleted and (board.says or {}).keys() & (row.says or {}).keys():
                found[row.message_key] = key
                break
    return found


async def new_key(session: AsyncSession, room: str, view: BoardView) -> str:
    """For a message that says it; named by what it says and where, and by a number."""
    name, number = _hash(f"{room}\n{view.frame}"), 1
    while True:
        key = f"{_MADE}{name}/{number}"
        if not await _BY_KEY.find(session, {"key": key}):
            return key
        number += 1


def says_to_json(says: Says) -> dict[str, Any]:
    return {guid: end and end.isoformat() for guid, end in says.items()}


def _says(row: Board | None, told: Sequence[Notice]) -> dict[str, datetime | None]:
    if row is None or row.says is None:
        return {n.slot.talk.guid: n.slot.end for n in told if n.kind is Kind.NOW}
    says: Mapping[str, str | None] = row.says
    return {guid: datetime.fromisoformat(end) if end else None for guid, end in says.items()}


def _without_votes(asked: QuestionSummary) -> QuestionSummary:
    """What makes it another board: not a vote that changes no order, nor how many more
    questions there are, unless that has doubled."""
    entries = tuple(replace(entry, votes=0) for entry in asked.entries)
    more = asked.open - len(entries)
    return replace(asked, entries=entries, open=len(entries) + (1 << more.bit_length()) // 2)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def newest(boards: Sequence[BoardMessage]) -> str | None:
    """The key of the newest that is not deleted; if all are, of the newest."""
    keys = [board.key for board in boards if not board.deleted] or [b.key for b in boards]
    return keys[-1] if keys else None


def new_row(key: str, plan: RoomPlan, view: BoardView, now: datetime) -> Board:
    return Board(
        message_key=key,
        frame=view.frame,
        shown=view.shown,
        edited_at=now,
        edits=0,
        room_id=plan.room,
        says=says_to_json(view.content.says),
        posted_again=0,
    )
