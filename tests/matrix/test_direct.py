"""Direct chats that the bot begins: recognised whatever was lost."""

from __future__ import annotations

from typing import Any

import pytest

from fosdembot.db.tables import Room
from fosdembot.matrix.api import HomeserverAway
from fosdembot.matrix.direct import (
    WITH,
    create_direct,
    direct_chat,
    direct_room_made,
    direct_room_unheard_of,
    readable_chat,
)
from fosdembot.matrix.outbox import KEY
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_requests import Fault
from simulation.waiting import wait_for

from .parts import BOT, Machine, Parts

ADA, EVE = f"@ada:{SERVER}", f"@eve:{SERVER}"


async def made(parts: Parts, key: str = "letter/1") -> str | None:
    async with parts.database.read() as session:
        return await direct_room_made(session, key)


async def test_a_chat_is_made_and_known(server: FakeHomeserver, machine: Machine) -> None:
    parts = await machine.start()
    await parts.catch_up()
    assert await made(parts) is None
    room_id = await create_direct(parts.api, ADA, "letter/1")
    await parts.catch_up()
    assert await made(parts) == room_id
    assert await made(parts, "letter/2") is None
    room = await parts.get(Room, room_id)
    assert room is not None
    assert (room.membership, room.direct_with) == ("join", ADA)
    invited = server.rooms[room_id].state["m.room.member", ADA]
    assert invited["content"] == {"membership": "invite", "is_direct": True}


async def test_the_answer_got_lost(server: FakeHomeserver, machine: Machine) -> None:
    parts = await machine.start()
    await parts.catch_up()
    server.fail(Fault("createRoom", lose=True))
    with pytest.raises(HomeserverAway):
        await create_direct(parts.api, ADA, "letter/1")
    again = await machine.start("ANOTHER")
    await again.catch_up()
    assert await made(again) in server.rooms


async def test_it_is_found_before_sync_tells_of_it(
    server: FakeHomeserver, machine: Machine
) -> None:
    parts = await machine.start()
    await parts.catch_up()
    for key in ("letter/1", "letter/2"):
        server.fail(Fault("createRoom", lose=True))
        with pytest.raises(HomeserverAway):
            await create_direct(parts.api, ADA, key)
    first, second = server.rooms
    for key, room in (("letter/1", first), ("letter/2", second), ("letter/3", None)):
        assert await made(parts, key) is None
        assert await direct_room_unheard_of(parts.api, parts.database, key) == room
    await parts.catch_up()
    asked = server.requests["state"]
    assert await direct_room_unheard_of(parts.api, parts.database, "letter/1") is None
    assert server.requests["state"] == asked


async def test_a_chat_that_can_be_read_is_preferred(
    server: FakeHomeserver, machine: Machine
) -> None:
    parts = await machine.start()
    await parts.catch_up()
    first = await create_direct(parts.api, ADA, "letter/1")
    server.rooms[first].add(ADA, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"}, "")
    await parts.catch_up()
    async with parts.database.read() as session:
        assert await direct_chat(session, ADA) == first
        assert await readable_chat(session, ADA) is None
    second = await create_direct(parts.api, ADA, "letter/2")
    await parts.catch_up()
    async with parts.database.read() as session:
        assert await readable_chat(session, ADA) == second
        assert await direct_chat(session, EVE) is None
        assert await direct_chat(session, None) is None


@pytest.mark.parametrize("crowd", [0, 150])
async def test_also_to_a_new_database(crowd: int, server: FakeHomeserver, machine: Machine) -> None:
    """Or where much has happened there since."""
    parts = await machine.start()
    if crowd:
        await parts.catch_up()
    room_id = await create_direct(parts.api, ADA, "letter/1")
    server.rooms[room_id].set_membership(ADA, ADA, "join")
    for _ in range(crowd):
        server.rooms[room_id].say(ADA, "hello")
    await parts.catch_up()
    room = await parts.get(Room, room_id)
    assert room is not None
    assert (room.made_for, room.direct_with) == ("letter/1", ADA)


async def test_a_chat_without_its_person_is_none(server: FakeHomeserver, machine: Machine) -> None:
    parts = await machine.start()
    await parts.catch_up()
    room = server.create_room(creator=BOT, public=False, create={KEY: "letter/1", WITH: ADA})
    await parts.catch_up()
    async with parts.database.read() as session:
        assert await readable_chat(session, ADA) is None
    room.set_membership(BOT, ADA, "invite")
    await parts.catch_up()
    async with parts.database.read() as session:
        assert await readable_chat(session, ADA) == room.room_id


async def test_who_does_not_want_it_is_not_asked_again(
    server: FakeHomeserver, machine: Machine
) -> None:
    parts = await machine.start()
    await parts.catch_up()
    room_id = await create_direct(parts.api, ADA, "letter/1")
    server.rooms[room_id].set_membership(ADA, ADA, "leave")
    async with parts.entering():

        async def left() -> bool:
            return await parts.membership(room_id) == "leave"

        await wait_for(left, 10)
    assert await made(parts) == room_id


async def test_nobody_else_makes_our_chats(server: FakeHomeserver, machine: Machine) -> None:
    parts = await machine.start()
    await parts.catch_up()
    claim = {KEY: "letter/1", WITH: EVE}
    joined = server.create_room(members=[BOT], creator=EVE, create=claim)
    invited = server.create_room(creator=EVE, create=claim)
    invited.set_membership(EVE, BOT, "invite")
    # What an invitation shows of the room, the inviter's server may make up.
    invited.state["m.room.create", ""]["sender"] = BOT
    await parts.catch_up()
    assert await made(parts) is None
    for room in (joined, invited):
        row = await parts.get(Room, room.room_id)
        assert row is not None
        assert row.direct_with is None


@pytest.mark.parametrize("claim", [{KEY: ["odd"], WITH: ADA}, {KEY: "odd", WITH: 5}, {KEY: "odd"}])
async def test_odd_keys(claim: dict[str, Any], server: FakeHomeserver, machine: Machine) -> None:
    parts = await machine.start()
    await parts.catch_up()
    room = server.create_room(members=[BOT], creator=BOT, create=claim)
    await parts.catch_up()
    row = await parts.get(Room, room.room_id)
    assert row is not None
    assert (row.membership, row.made_for, row.direct_with) == ("join", None, None)
