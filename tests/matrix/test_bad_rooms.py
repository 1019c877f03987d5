"""Rooms and invitations that come to nothing hold up nobody, and cost little."""

from __future__ import annotations

import asyncio

import pytest

from fosdembot.db.tables import Room
from fosdembot.matrix import invitations
from fosdembot.matrix.invitations import ROOMS_ASKED
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_requests import Fault
from simulation.fake_rooms import FakeRoom
from simulation.waiting import wait_for

from .parts import BOT, ORGANISER, Machine, Parts

ADA = f"@ada:{SERVER}"
AWAY = (502, {"error": "no JSON of Matrix"})
FOR_EVER = 9**9


def invite(room: FakeRoom, by: str, direct: bool = False) -> None:
    room.set_membership(by, BOT, "invite", **({"is_direct": True} if direct else {}))


async def until(room: FakeRoom, membership: str, seconds: float = 10) -> None:
    async def so() -> bool:
        return room.membership(BOT) == membership

    await wait_for(so, seconds, f"{membership} in {room.room_id}")


@pytest.mark.parametrize("servers", [1, 30])
async def test_a_good_room_is_joined_beside_bad_ones(
    servers: int, server: FakeHomeserver, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of one server, they never come to an end.
    monkeypatch.setattr("fosdembot.matrix.rooms.JOINED_WITHIN", 999 if servers == 1 else 0.3)
    bad = [f"#room{number}:dead{number % servers}.example" for number in range(30)]
    good = [f"#good{number}:{SERVER}" for number in range(3)]
    rooms = [server.create_room(alias) for alias in good]
    never = asyncio.Event()
    for alias in bad:
        server.fail(Fault("join", hold=never, room=alias, times=FOR_EVER))
    parts = await machine.start()
    async with parts.entering(*bad, *good):
        for alias, room in zip(good, rooms, strict=True):
            await parts.until_in(alias, room.room_id)
    for alias in bad:
        assert sum(fault.room == alias for fault in server._faults) == 1


async def test_the_first_ones_are_joined_first_and_few_at_a_time(
    server: FakeHomeserver, machine: Machine
) -> None:
    aliases = [f"#room{number}:{SERVER}" for number in range(40)]
    hold = asyncio.Event()
    faults = []
    for alias in aliases:
        server.create_room(alias)
        faults.append(server.fail(Fault("join", hold=hold, room=alias, times=FOR_EVER)))
    parts = await machine.start()
    async with parts.entering(*reversed(aliases)):

        async def some() -> bool:
            return sum(fault.met.is_set() for fault in faults) >= 6

        await wait_for(some, 10)
        tried = [number for number, fault in enumerate(faults) if fault.met.is_set()]
        assert tried == [34, 35, 36, 37, 38, 39]
        hold.set()
        for alias in aliases:
            await parts.until_in(alias, server.aliases[alias])


@pytest.mark.parametrize("known", [True, False])
async def test_slow_invitations_hold_up_no_direct_chat(
    known: bool, server: FakeHomeserver, machine: Machine
) -> None:
    kernel = server.create_room(f"#kernel:{SERVER}", members=[ADA])
    never = asyncio.Event()
    parts = await machine.start()
    async with parts.entering(f"#kernel:{SERVER}"):
        await parts.until_in(f"#kernel:{SERVER}", kernel.room_id)
        for number in range(40):
            eve = f"@eve{number}:slow.example"
            room = server.create_room(creator=eve, public=False)
            if known:
                kernel.set_membership(eve, eve, "join")
            for endpoint in ("join", "leave"):
                fault = Fault(endpoint, hold=never, room=room.room_id, times=FOR_EVER)
                server.fail(fault)
            invite(room, eve, direct=True)
        kernel.say(ADA, "hello")
        chat = server.create_room(creator=ADA, public=False)
        invite(chat, ADA, direct=True)
        await until(chat, "join", 20)
        other = server.create_room(creator=ORGANISER, public=False)
        invite(other, ORGANISER)
        await until(other, "join", 20)


async def test_strangers_cost_few_requests(server: FakeHomeserver, machine: Machine) -> None:
    aliases = [f"#room{number}:{SERVER}" for number in range(30)]
    for alias in aliases:
        server.create_room(alias, members=[BOT])
    parts = await machine.start()
    async with parts.entering(*aliases):
        await parts.until_in(aliases[-1], server.aliases[aliases[-1]])
        server.requests.clear()
        chats = [server.create_room(creator="@eve:else.example", public=False) for _ in range(20)]
        for chat in chats:
            invite(chat, "@eve:else.example", direct=True)
        for chat in chats:
            await until(chat, "leave", 20)
        # Until they are answered, a few of hers are asked for side by side.
        assert server.requests["state"] <= 4 * ROOMS_ASKED
        assert server.requests["leave"] == 20
        others = [f"@eve{number}:else.example" for number in range(20)]
        chats = [server.create_room(creator=other, public=False) for other in others]
        for chat, other in zip(chats, others, strict=True):
            invite(chat, other, direct=True)

        async def asked() -> bool:
            return server.requests["state"] >= 50

        await wait_for(asked, 20)
        assert server.requests["state"] <= invitations.ASKED_A_MINUTE


async def test_one_person_holds_few_direct_chats(server: FakeHomeserver, machine: Machine) -> None:
    bob = f"@bob:{SERVER}"
    kernel = server.create_room(f"#kernel:{SERVER}", members=[ADA, bob])
    parts = await machine.start(direct_chats=5)
    async with (
        parts.entering(f"#kernel:{SERVER}"),
        parts.running(parts.sends()),
    ):
        await parts.until_in(f"#kernel:{SERVER}", kernel.room_id)
        chats = [server.create_room(creator=ADA, public=False) for _ in range(5)]
        for number, chat in enumerate(chats):
            await parts.let_pass(1)
            invite(chat, ADA, direct=True)
            await until(chat, "join")
            await _known(parts, chat)
            if number == 2:
                # Her first one is not idle.
                await parts.let_pass(1)
                chats[0].say(ADA, "hello")
                await _handled(parts, "hello")
        await until(chats[1], "leave")
        await until(chats[2], "leave")
        assert [chat.membership(BOT) for chat in chats] == [
            "join",
            "leave",
            "leave",
            "join",
            "join",
        ]
        for chat in chats[1:3]:
            (word,) = chat.by(BOT)
            assert "Invite me again" in word["content"]["body"]
        chat = server.create_room(creator=bob, public=False)
        invite(chat, bob, direct=True)
        await until(chat, "join")
    assert chats[0].membership(BOT) == "join"


async def _known(parts: Parts, chat: FakeRoom) -> None:
    async def so() -> bool:
        row = await parts.get(Room, chat.room_id)
        return row is not None and row.membership == "join"

    await wait_for(so, 10)


async def _handled(parts: Parts, body: str) -> None:
    async def so() -> bool:
        return body in parts.handled.bodies

    await wait_for(so, 10)
