"""What the inbox remembers of rooms and members is what the database says."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import event
from sqlalchemy.util import await_only

from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import (
    RoleRoom,
    Room,
    RoomState,
)
from fosdembot.matrix.items import Item
from fosdembot.matrix.known import KnownRooms

from .effects_way import (
    ADA,
    BEA,
    ROOM,
    Way,
    said,
    told,
)


async def test_a_member_that_somebody_else_writes_is_written_again(way: Way) -> None:
    await way.take(told(ADA, "Ada"), said("1"))
    async with way.database.write() as session:
        row = await session.get_one(RoomState, (ROOM, "m.room.member", ADA))
        row.content = {"membership": "leave"}
    await way.take(told(ADA, "Ada"), said("2"))
    assert await way.name_of(ADA) == "Ada"


async def test_a_member_who_is_known_is_not_written_again(way: Way) -> None:
    await way.take(told(ADA, "Ada"), said("1"))
    written: list[str] = []

    def note(*args: Any) -> None:
        written.append(args[2])

    for engine in way.database.engines:
        event.listen(engine, "before_cursor_execute", note)
    await way.take(told(ADA, "Ada"), said("2"))
    assert not any("room_state" in statement for statement in written)


async def test_what_a_room_has_become_counts_at_once(way: Way) -> None:
    await way.take(said("1"))
    async with way.database.write() as session:
        session.add(RoleRoom(address="#hosts", room_id=ROOM))
    await way.take(said("2"))
    assert (way.heard.plain, way.heard.alone) == (["1"], ["2"])
    async with way.database.write() as session:
        (await session.get_one(Room, ROOM)).membership = "leave"
    await way.take(said("3"))
    assert way.heard.alone == ["2"]
    assert await way.seen() == {"$1", "$2"}


async def test_what_a_room_becomes_while_a_batch_waits_counts(way: Way) -> None:
    await way.take(said("1"))
    async with way.database.write() as session:
        taken = asyncio.create_task(way.take(said("2")))
        await way.until_it_waits(taken)
        session.add(RoleRoom(address="#hosts", room_id=ROOM))
    await taken
    assert (way.heard.plain, way.heard.alone) == (["1"], ["2"])


async def test_what_a_room_becomes_within_a_batch_counts_for_its_rest(way: Way) -> None:
    async def role(session: WriteSession) -> None:
        session.add(RoleRoom(address="#hosts", room_id=ROOM))

    way.heard.does["!role"] = role
    await way.take(said("1"), said("!role"), said("2"))
    assert (way.heard.together, way.heard.alone) == (["1"], ["!role", "2"])


async def test_of_a_room_that_is_written_to_while_it_is_read_nothing_is_remembered(
    way: Way,
) -> None:
    rooms = KnownRooms(way.database)
    async with way.database.write() as session:
        (await session.get_one(Room, ROOM)).membership = "leave"
        await session.flush()
        assert (await rooms.load([ROOM]))[ROOM].membership == "join"
        assert rooms.known.get(ROOM) is None
    assert rooms.known.get(ROOM) is None
    assert (await rooms.load([ROOM]))[ROOM].membership == "leave"
    found = rooms.known.get(ROOM)
    assert found is not None
    assert found.membership == "leave"


async def test_what_is_written_while_a_room_is_read_is_read_next_time(way: Way) -> None:
    rooms, written = KnownRooms(way.database), ["once"]

    async def write() -> None:
        async with way.database.write() as session:
            (await session.get_one(Room, ROOM)).membership = "leave"

    def meanwhile(*args: Any) -> None:
        if "EXISTS" in args[2] and written:
            written.pop()
            await_only(write())

    event.listen(way.database.engine.sync_engine, "after_cursor_execute", meanwhile)
    assert (await rooms.load([ROOM]))[ROOM].membership == "join"
    assert rooms.known.get(ROOM) is None
    assert (await rooms.load([ROOM]))[ROOM].membership == "leave"


async def test_members_who_were_there_before_us_are_forgotten_with_the_room(way: Way) -> None:
    await way.take(told(ADA, "Ada"), said("1"))
    await way.take(Item(ROOM, "reset"), told(ADA, "Ada"), said("!2"))
    assert await way.name_of(ADA) == "Ada"
    await way.take(Item(ROOM, "reset"), told(BEA, "Bea"), said("!3"))
    assert await way.name_of(ADA) is None
