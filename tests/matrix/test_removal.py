"""What happened while the bot was out of a room, by a moderator's doing, takes effect when it
is back: once, and in order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from fosdembot.db.tables import Room
from tests.client import wait_for
from tests.fakes.homeserver import ADMIN, SERVER, FakeHomeserver
from tests.fakes.rooms import FakeRoom

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
