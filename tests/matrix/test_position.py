"""The position in `/sync` is lost, refused, or behind: nothing is lost, and nothing done twice."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, update

from fosdembot.db.tables import SeenEvent, SyncPosition
from simulation.fake_homeserver import ADMIN, SERVER, FakeHomeserver

from .parts import BOT, Machine, Parts, bodies, handled
from .stand_ins import Crash, Crasher

ADA = f"@ada:{SERVER}"


async def lose_position(parts: Parts) -> None:
    async with parts.database.write() as session:
        await session.execute(delete(SyncPosition))


async def test_a_database_that_lost_its_last_commits_gets_them_again(
    server: FakeHomeserver, machine: Machine
) -> None:
    """As PostgreSQL may, where a commit did not wait for the disk: the bot runs on."""
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    await parts.catch_up()
    async with parts.database.read() as session:
        before = await session.scalar(select(SyncPosition.since))
    async with parts.receiving():
        room.say(ADA, "first")
        await handled(parts, ["first"])
        async with parts.database.write() as session:
            await session.execute(delete(SeenEvent))
            await session.execute(update(SyncPosition).values(since=before))
        room.say(ADA, "second")
        await handled(parts, ["first", "first", "second"])


async def test_a_position_that_is_refused_is_found_again(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    async with parts.receiving():
        room.say(ADA, "first")
        await handled(parts, ["first"])
    room.say(ADA, "second")
    async with parts.database.write() as session:
        await session.merge(SyncPosition(user_id=BOT, since="of another homeserver"))
    again = await machine.start()
    await again.catch_up()
    assert bodies(again) == ["second"]


async def test_a_lost_position_loses_and_doubles_nothing(
    server: FakeHomeserver, machine: Machine
) -> None:
    talked, silent = (server.create_room(members=[ADA]) for _ in range(2))
    parts = await machine.start()
    await parts.catch_up()
    talked.say(ADA, "before the joining")
    silent.say(ADA, "before the joining")
    talked.set_membership(BOT, BOT, "join")
    silent.set_membership(BOT, BOT, "join")
    talked.say(ADA, "heard")
    await parts.catch_up()
    assert bodies(parts) == ["heard"]
    await lose_position(parts)
    for number in range(120):
        talked.say(ADA, f"talked {number}")
    silent.say(ADA, "silent no more")
    again = await machine.start()
    await again.catch_up()
    talked_120 = [f"talked {number}" for number in range(120)]
    assert sorted(bodies(again)) == sorted([*talked_120, "silent no more"])
    assert [body for body in bodies(again) if "talked" in body] == talked_120


async def test_an_old_account_with_a_new_database_obeys_nothing_old(
    server: FakeHomeserver, machine: Machine
) -> None:
    rooms = [server.create_room(members=[BOT, ADA]) for _ in range(3)]
    for room in rooms:
        room.say(ADA, "!old")
    parts = await machine.start()
    await parts.catch_up()
    for _ in range(2):
        # Nor when it has to look for its position once more.
        await lose_position(parts)
        rooms[0].say(ADA, "!new")
        await parts.catch_up()
    assert bodies(parts) == ["!new", "!new"]


@pytest.mark.parametrize("at", range(1, 6))
async def test_a_crash_while_everything_is_new_obeys_nothing_old(
    at: int, server: FakeHomeserver, machine: Machine
) -> None:
    rooms = [server.create_room(members=[BOT, ADA]) for _ in range(60)]
    for room in rooms:
        room.say(ADA, "!old")
    cut = await machine.start(crasher=Crasher(at))
    with pytest.raises(Crash):
        await cut.catch_up()
    again = await machine.start()
    await again.catch_up()
    rooms[-1].say(ADA, "!new")
    await again.catch_up()
    assert bodies(again) == ["!new"]


async def test_a_room_left_while_the_position_was_lost_is_left(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    async with parts.receiving():
        room.say(ADA, "first")
        await handled(parts, ["first"])
    await lose_position(parts)
    room.set_membership(ADMIN, BOT, "leave")
    room.say(ADA, "unheard")
    again = await machine.start()
    await again.catch_up()
    assert await again.membership(room.room_id) == "leave"
    room.say(ADA, "unheard too")
    room.set_membership(BOT, BOT, "join")
    room.say(ADA, "second")
    await again.catch_up()
    assert bodies(again) == ["second"]
