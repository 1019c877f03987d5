"""What happened while the bot was out of a room, by a moderator's doing, takes effect when it
is back: once, and in order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from fosdembot.db.tables import Room, RoomState
from simulation.fake_homeserver import ADMIN, SERVER, FakeHomeserver
from simulation.fake_rooms import FakeRoom
from simulation.waiting import wait_for

from .parts import BOT, Machine, Parts

ADA = f"@ada:{SERVER}"


def bodies(parts: Parts) -> list[str]:
    return [body for body in parts.handled.bodies if body]


async def until(parts: Parts, room: FakeRoom, membership: str) -> Room:
    async def so() -> bool:
        return await parts.membership(room.room_id) == membership

    await wait_for(so, 10, f"the bot is in {membership}")
    row = await parts.get(Room, room.room_id)
    assert row is not None
    return row


async def handled(parts: Parts, expected: list[str]) -> None:
    async def so() -> bool:
        return len(bodies(parts)) >= len(expected)

    await wait_for(so, 10, f"{len(expected)} events")
    assert bodies(parts) == expected


@pytest.mark.parametrize("how", ["leave", "ban"])
@pytest.mark.parametrize("missed", [2, 250])
async def test_what_was_missed_is_made_up_for(
    how: str, missed: int, server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    expected = ["before", *(f"missed {n}" for n in range(missed)), "after"]
    async with parts.receiving():
        room.say(ADA, "before")
        await handled(parts, ["before"])
        room.set_membership(ADMIN, BOT, how)
        row = await until(parts, room, how)
        assert row.removed_by == ADMIN
        assert row.removed_at is not None
        for body in expected[1:-1]:
            room.say(ADA, body)
        room.set_membership(ADMIN, BOT, "invite")
        room.set_membership(BOT, BOT, "join")
        await until(parts, room, "join")
        room.say(ADA, "after")
        await handled(parts, expected)

        async def over() -> bool:
            row = await parts.get(Room, room.room_id)
            return row is not None and row.removed_at is None and row.behind is None

        await wait_for(over, 10)
    again = await machine.start()
    await again.catch_up()
    assert bodies(again) == []


async def test_also_where_the_bot_was_down_meanwhile(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    async with parts.receiving():
        room.set_membership(ADMIN, BOT, "leave")
        await until(parts, room, "leave")
    room.say(ADA, "missed")
    room.set_membership(BOT, BOT, "join")
    room.say(ADA, "after")
    again = await machine.start()
    async with again.receiving():
        await handled(again, ["missed", "after"])


async def test_after_a_day_nobody_waits_for_it(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    async with parts.receiving():
        room.set_membership(ADMIN, BOT, "leave")
        row = await until(parts, room, "leave")
        room.say(ADA, "missed")
        assert row.removed_at is not None
        async with parts.database.write() as session:
            long_ago = row.removed_at - timedelta(days=2)
            await session.execute(update(Room).values(removed_at=long_ago))
        room.set_membership(BOT, BOT, "join")
        await until(parts, room, "join")
        room.say(ADA, "after")
        await handled(parts, ["after"])


async def test_who_leaves_by_its_own_will_was_not_removed(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    async with parts.receiving():
        room.set_membership(BOT, BOT, "leave")
        row = await until(parts, room, "leave")
        assert row.removed_at is None
        room.say(ADA, "missed")
        room.set_membership(BOT, BOT, "join")
        room.say(ADA, "after")
        await handled(parts, ["after"])


@pytest.mark.parametrize("how", ["leave", "ban"])
@pytest.mark.parametrize("more", [0, 250])
@pytest.mark.parametrize("first_time", [True, False])
async def test_joined_removed_and_back_before_we_look(
    how: str, more: int, first_time: bool, server: FakeHomeserver, machine: Machine
) -> None:
    """All in one answer of `/sync`, limited or not: what was said first counts as well."""
    room = server.create_room(members=[ADA])
    parts = await machine.start()
    if not first_time:
        room.set_membership(BOT, BOT, "join")
    await parts.catch_up()
    if not first_time:
        room.set_membership(BOT, BOT, "leave")
        await parts.catch_up()
    room.say(ADA, "before")
    room.set_membership(BOT, BOT, "join")
    room.say(ADA, "first")
    room.set_membership(ADMIN, BOT, how)
    room.say(ADA, "missed")
    if how == "ban":
        room.set_membership(ADMIN, BOT, "leave")
    room.set_membership(ADMIN, BOT, "invite")
    room.set_membership(BOT, BOT, "join")
    after = ["after", *(f"after {n}" for n in range(more))]
    for body in after:
        room.say(ADA, body)
    again = await machine.start()
    async with again.receiving():
        await handled(again, ["first", "missed", *after])
    third = await machine.start()
    await third.catch_up()
    assert bodies(third) == []


@pytest.mark.parametrize("more", [0, 250])
async def test_twice_removed_before_we_look(
    more: int, server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[ADA])
    parts = await machine.start()
    await parts.catch_up()
    for number in range(3):
        room.set_membership(BOT, BOT, "join")
        room.say(ADA, f"in {number}")
        if number < 2:
            room.set_membership(ADMIN, BOT, "leave")
            room.say(ADA, f"out {number}")
    after = [f"after {n}" for n in range(more)]
    for body in after:
        room.say(ADA, body)
    async with (again := await machine.start()).receiving():
        await handled(again, ["in 0", "out 0", "in 1", "out 1", "in 2", *after])


async def test_what_was_said_while_it_was_out_by_its_own_will_is_not_obeyed(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[ADA])
    parts = await machine.start()
    await parts.catch_up()
    room.set_membership(BOT, BOT, "join")
    room.say(ADA, "first")
    room.set_membership(BOT, BOT, "leave")
    room.say(ADA, "missed")
    room.add(ADMIN, "m.room.name", {"name": "Renamed"}, "")
    room.set_membership(BOT, BOT, "join")
    room.say(ADA, "after")
    async with (again := await machine.start()).receiving():
        await handled(again, ["first", "after"])
    name = await again.get(RoomState, (room.room_id, "m.room.name", ""))
    assert name is not None
    assert name.content == {"name": "Renamed"}
