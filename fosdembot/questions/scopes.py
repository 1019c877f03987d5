"""Rooms in which questions are asked: numbering, and who sees a question first."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import QuestionRoom
from fosdembot.db.tables import Room, RoomAddress, RoomState

_MOST_UPGRADES = 20
"""Rooms that are followed back; they may claim to be in a circle."""
_DECIDED = Prepared(
    select(QuestionRoom.moderated, QuestionRoom.guests).where(
        QuestionRoom.room_id == bindparam("room")
    )
)
_ROOM = RoomAddress.room_id
_IS_CREATE = and_(RoomState.type == "m.room.create", RoomState.state_key == "")
_AT = Prepared(
    select(RoomAddress.address, _ROOM, QuestionRoom.scope, RoomState.content)
    .join(Room, Room.room_id == _ROOM)
    .outerjoin(QuestionRoom, QuestionRoom.room_id == _ROOM)
    .outerjoin(RoomState, and_(RoomState.room_id == _ROOM, _IS_CREATE))
    .where(
        RoomAddress.address.in_(bindparam("addresses", expanding=True)), Room.membership == "join"
    )
)


async def scope_of(session: AsyncSession, room: str) -> str:
    """The first of the rooms that were upgraded one to the next down to `room`
    (Client-Server API, "m.room.create", `predecessor`), as far as they had questions."""
    return (await question_room(session, room)).scope


async def question_room(session: AsyncSession, room: str) -> QuestionRoom:
    """The row of `room`. One that is new is added only where `session` writes."""
    row = await session.get(QuestionRoom, room)
    if row is None:
        before = await _predecessor(session, room)
        row = QuestionRoom(
            room_id=room,
            scope=before.scope if before else room,
            moderated=before.moderated if before else None,
            guests=before.guests if before else None,
            last_number=0,
        )
        if isinstance(session, WriteSession):
            session.add(row)
            await session.flush()
    return row


async def is_moderated(session: AsyncSession, room: str, default: bool) -> bool:
    """Whether a moderator sees each question of `room` first; `default` is what the settings
    say where nobody decided it."""
    moderated, _ = await decided_for(session, room)
    return default if moderated is None else moderated


async def decided_for(session: AsyncSession, room: str) -> tuple[bool | None, str | None]:
    """What was decided for `room`, or for the room before it: whether it is moderated, and what
    guests may do. None: nothing."""
    for moderated, guests in await _DECIDED.find(session, {"room": room}):
        return moderated, guests
    before = await _predecessor(session, room)
    return (None, None) if before is None else (before.moderated, before.guests)


async def scopes_at(session: AsyncSession, addresses: Collection[str]) -> dict[str, str]:
    """By address, the scope of the room to which it leads; of those rooms that the bot is
    in, and in which there may be questions. One statement, however many there are."""
    scopes = {}
    for address, room_id, scope, create in await _AT.find(session, {"addresses": list(addresses)}):
        if scope is None and create is not None and "predecessor" in create:
            scope = await scope_of(session, room_id)
        if scope is not None:
            scopes[address] = scope
    return scopes


async def next_number(session: WriteSession, scope: str) -> int:
    """One that no question of the scope ever had."""
    first_room = await session.get_one(QuestionRoom, scope)
    first_room.last_number += 1
    return first_room.last_number


async def _predecessor(session: AsyncSession, room: str) -> QuestionRoom | None:
    """The nearest of the rooms before `room` in which there were questions."""
    for _ in range(_MOST_UPGRADES):
        create = await session.get(RoomState, (room, "m.room.create", ""))
        predecessor = create.content.get("predecessor") if create is not None else None
        before = predecessor.get("room_id") if isinstance(predecessor, dict) else None
        # Anybody may claim a predecessor; but the bot asks only in rooms of its schedule.
        if not isinstance(before, str):
            return None
        if (row := await session.get(QuestionRoom, before)) is not None:
            return row
        room = before
    return None
