"""Who is in a room and what people are called, without a request for it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, func, select

from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import RoomState, SyncPosition
from fosdembot.matrix.api import Json
from fosdembot.matrix.members import (
    LONGEST_NAME,
    are_read,
    display_name,
    is_joined,
    read_members,
)
from fosdembot.matrix.power import room_state
from simulation.fake_homeserver import ADMIN, SERVER, FakeHomeserver
from simulation.fake_rooms import FakeRoom

from .parts import BOT, Machine, Parts

ADA, BOB, EVE = (f"@{name}:{SERVER}" for name in ("ada", "bob", "eve"))
MEMBER = "m.room.member"


async def named(parts: Parts, room: FakeRoom, user: str = ADA) -> str:
    async with parts.database.read() as session:
        return await display_name(session, room.room_id, user)


async def known(parts: Parts, room: FakeRoom) -> dict[str, bool]:
    """Whom the database knows (but for the room's maker): whether they are in the room."""
    async with parts.database.read() as session:
        rows = await session.scalars(
            select(RoomState.state_key).where(
                RoomState.room_id == room.room_id, RoomState.type == MEMBER
            )
        )
        people = [user for user in rows if user != ADMIN]
        return {user: await is_joined(session, room.room_id, user) for user in people}


def names_noted(parts: Parts) -> list[tuple[str, str]]:
    """From now on: (message, what its sender was called when it took effect)."""
    noted: list[tuple[str, str]] = []

    async def note(session: WriteSession, room: str, event: Json) -> None:
        if event["type"] == "m.room.message":
            name = await display_name(session, room, event["sender"])
            noted.append((event["content"]["body"], name))

    parts.handled.first = note
    return noted


async def test_who_was_there_before_us_is_known_when_he_speaks(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT])
    for user in (ADA, BOB):
        room.set_membership(user, user, "join", displayname=user[1:4].title())
    parts = await machine.start()
    await parts.catch_up()
    assert await known(parts, room) == {}, "nobody spoke"
    names = names_noted(parts)
    room.say(ADA, "hello")
    await parts.catch_up()
    assert names == [("hello", "Ada")]
    assert await known(parts, room) == {ADA: True}
    assert await named(parts, room, BOB) == "bob"
    again = await machine.start()
    names = names_noted(again)
    room.say(ADA, "still here")
    await again.catch_up()
    assert names == [("still here", "Ada")]


async def test_a_new_name(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT])
    room.set_membership(ADA, ADA, "join", displayname="Ada")
    parts = await machine.start()
    await parts.catch_up()
    names = names_noted(parts)
    room.say(ADA, "1")
    room.set_membership(ADA, ADA, "join", displayname="Countess")
    room.say(ADA, "2")
    await parts.catch_up()
    room.set_membership(ADA, ADA, "join")
    room.say(ADA, "3")
    await parts.catch_up()
    assert names == [("1", "Ada"), ("2", "Countess"), ("3", "ada")]


@pytest.mark.parametrize("page", [1, 7, 1000])
async def test_names_in_a_long_absence(page: int, server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT, EVE])
    room.set_membership(ADA, ADA, "join", displayname="Ada")
    server.page_at_most = page
    parts = await machine.start()
    await parts.catch_up()
    room.say(ADA, "1")
    for _ in range(10):
        room.say(EVE, "-")
    room.set_membership(ADA, ADA, "join", displayname="Countess")
    room.say(ADA, "2")
    room.set_membership(ADA, ADA, "leave")
    for _ in range(100):
        room.say(EVE, "-")
    again = await machine.start()
    names = names_noted(again)
    await again.catch_up()
    assert [name for name in names if name[0] != "-"] == [("1", "Ada"), ("2", "Countess")]
    assert await known(again, room) == {ADA: False, EVE: True}


async def test_names_where_the_position_was_lost(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT, EVE])
    room.set_membership(ADA, ADA, "join", displayname="Ada")
    parts = await machine.start()
    await parts.catch_up()
    room.say(EVE, "seen")
    await parts.catch_up()
    room.say(ADA, "1")
    async with parts.database.write() as session:
        await session.execute(delete(SyncPosition))
    again = await machine.start()
    names = names_noted(again)
    await again.catch_up()
    assert ("1", "Ada") in names


async def test_names_in_a_room_that_was_joined_long_ago(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[EVE])
    room.set_membership(ADA, ADA, "join", displayname="Ada")
    parts = await machine.start()
    await parts.catch_up()
    room.set_membership(BOT, BOT, "join")
    room.say(ADA, "1")
    for _ in range(110):
        room.say(EVE, "-")
    names = names_noted(parts)
    await parts.catch_up()
    assert names[0] == ("1", "Ada")


async def test_a_room_that_is_new_and_one_that_is_left(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[EVE])
    room.set_membership(ADA, ADA, "join", displayname="Ada")
    parts = await machine.start()
    await parts.catch_up()
    room.set_membership(BOT, BOT, "join")
    room.say(ADA, "1")
    names = names_noted(parts)
    await parts.catch_up()
    assert await known(parts, room) == {ADA: True, BOT: True, EVE: True}
    room.set_membership(BOT, BOT, "leave")
    room.set_membership(ADA, ADA, "join", displayname="Countess")
    await parts.catch_up()
    assert await known(parts, room) == {ADA: True, BOT: False, EVE: True}
    for _ in range(110):
        room.say(EVE, "-")
    room.set_membership(BOT, BOT, "join")
    await parts.catch_up()
    assert await known(parts, room) == {EVE: True, BOT: True}, "the last visit is forgotten"
    room.say(ADA, "2")
    await parts.catch_up()
    assert names == [("1", "Ada"), ("2", "Countess")]


async def test_another_instance_of_the_account_takes_nothing_away(
    server: FakeHomeserver, machine: Machine
) -> None:
    """On the same device: what the homeserver told one, it would not tell the other."""
    room = server.create_room(members=[BOT])
    room.set_membership(ADA, ADA, "join", displayname="Ada")
    instances = [await machine.start(name=name) for name in ("one", "two")]
    for parts in instances:
        await parts.catch_up()
    room.say(ADA, "hello")
    for parts in instances:
        await parts.catch_up()
        assert await named(parts, room) == "Ada"


async def test_what_is_kept_of_a_member(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT])
    parts = await machine.start()
    await parts.catch_up()
    rubbish = {"avatar_url": "mxc://x/y", "reason": "z" * 60_000}
    room.set_membership(ADA, ADA, "join", displayname="y" * 60_000, **rubbish)
    room.set_membership(BOB, BOB, "join", displayname={"a": 1})
    room.set_membership(EVE, EVE, "knock", displayname="Eve")
    await parts.catch_up()
    async with parts.database.read() as session:
        ada = await room_state(session, room.room_id, MEMBER, ADA)
        bob = await room_state(session, room.room_id, MEMBER, BOB)
    assert ada is not None
    assert ada.content == {"membership": "join", "displayname": "y" * LONGEST_NAME}
    assert bob is not None
    assert bob.content == {"membership": "join"}
    assert EVE not in await known(parts, room)
    assert await parts.failed_events() == {}


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Ada", "Ada"),
        ("  A\u202eda \x00\n", "Ada"),
        ("\u200b\u2800 ", "ada"),
        ("", "ada"),
        ("x" * 300, "x" * LONGEST_NAME),
        (None, "ada"),
    ],
)
async def test_names_are_harmless_and_never_empty(
    name: Any, called: str, server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT])
    parts = await machine.start()
    await parts.catch_up()
    room.set_membership(ADA, ADA, "join", displayname=name)
    await parts.catch_up()
    assert await named(parts, room) == called
    assert await named(parts, room, "@:elsewhere") == "@:elsewhere"


# Asking for all members of a small room.


async def test_all_members_are_read_once(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT])
    room.set_membership(ADA, ADA, "join", displayname="Ada")
    room.set_membership(BOB, BOB, "join", displayname="z" * 300)
    room.set_membership(EVE, EVE, "join")
    parts = await machine.start()
    await parts.catch_up()
    # It went while the answer was on its way.
    room.set_membership(EVE, EVE, "leave")
    await parts.catch_up()
    room.state[MEMBER, EVE]["content"] = {"membership": "join"}
    for _ in range(2):
        await read_members(parts.api, parts.database, room.room_id)
    assert await known(parts, room) == {BOT: True, ADA: True, BOB: True, EVE: False}
    assert await named(parts, room) == "Ada"
    assert await named(parts, room, BOB) == "z" * LONGEST_NAME
    room.set_membership(ADA, ADA, "leave")
    await parts.catch_up()
    assert not (await known(parts, room))[ADA]


async def test_who_went_between_two_visits_is_not_there(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    await parts.catch_up()
    await read_members(parts.api, parts.database, room.room_id)
    room.set_membership(BOT, BOT, "leave")
    await parts.catch_up()
    # What happens now, the position that is lost as well does not tell.
    room.set_membership(ADA, ADA, "leave")
    room.set_membership(BOT, BOT, "join")
    async with parts.database.write() as session:
        await session.execute(delete(SyncPosition))
    await parts.catch_up()
    assert not (await known(parts, room)).get(ADA, False)
    async with parts.database.read() as session:
        assert not await are_read(session, room.room_id)


async def test_members_of_a_room_that_was_left_meanwhile(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    await read_members(parts.api, parts.database, room.room_id)
    assert await known(parts, room) == {}, "not in it, as far as /sync told"


async def test_a_crowd_costs_one_row_each(server: FakeHomeserver, machine: Machine) -> None:
    people = [f"@person{number}:{SERVER}" for number in range(150)]
    room = server.create_room(members=[BOT, *people])
    parts = await machine.start()
    await parts.catch_up()
    for person in people:
        room.say(person, "hello")
        room.say(person, "again")
    await parts.catch_up()
    assert await known(parts, room) == dict.fromkeys(people, True)
    async with parts.database.read() as session:
        rows = select(func.count()).where(RoomState.type == MEMBER)
        assert await session.scalar(rows) == len(people)
