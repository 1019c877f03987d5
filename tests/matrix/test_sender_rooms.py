"""A room's trouble is that room's: the others hear what they are to hear."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_requests import Fault
from simulation.fake_rooms import FakeRoom
from simulation.waiting import wait_for

from .parts import BOT, Machine, Parts

ADA = f"@ada:{SERVER}"
FOR_EVER = 9**9
TROUBLES: dict[str, tuple[int, dict[str, Any]]] = {
    "500": (500, {"errcode": "M_UNKNOWN", "error": "Internal server error"}),
    "a proxy": (502, {}),
    "an odd answer": (200, {"event": 5}),
}


def said(room: FakeRoom) -> list[str]:
    return [event["content"]["body"] for event in room.by(BOT)]


async def until_said(parts: Parts, room: FakeRoom, *expected: str) -> None:
    async def so() -> bool:
        return said(room) == list(expected)

    await wait_for(so, 20, f"{expected}")


async def try_again(parts: Parts) -> None:
    """Now, instead of when its time has come."""
    parts.sender._requests.forget_all()
    parts.wake.set()


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
@pytest.mark.parametrize("bad", [1, 30])
async def test_the_others_go_on(
    bad: int, trouble: tuple[int, dict[str, object]], server: FakeHomeserver, machine: Machine
) -> None:
    bads = [server.create_room(members=[BOT]) for _ in range(bad)]
    good = server.create_room(members=[BOT])
    faults = [
        server.fail(Fault("send", trouble, room=room.room_id, times=FOR_EVER)) for room in bads
    ]
    parts = await machine.start()
    for number, room in enumerate(bads):
        await parts.say(f"bad {number}", room.room_id, urgency=1)
        await parts.say(f"bad {number}, later", room.room_id, urgency=1)
    expected = []
    async with parts.sending():
        for number in range(5):
            await parts.say(f"good {number}", good.room_id, urgency=50)
            expected.append(f"good {number}")
            await until_said(parts, good, *expected)
        assert parts.sender.trouble is None
        assert bads[0].room_id in parts.sender.room_troubles
        for fault in faults:
            fault.times = 0
        await try_again(parts)
        for number, room in enumerate(bads):
            await until_said(parts, room, f"bad {number}", f"bad {number}, later")
        assert parts.sender.room_troubles == {}


async def test_rooms_that_never_answer_hold_up_nobody(
    server: FakeHomeserver, machine: Machine
) -> None:
    bads = [server.create_room(members=[BOT]) for _ in range(12)]
    good = server.create_room(members=[BOT])
    hold = asyncio.Event()
    for room in bads:
        server.fail(Fault("send", hold=hold, room=room.room_id, times=FOR_EVER))
    parts = await machine.start()
    for number, room in enumerate(bads):
        await parts.say(f"bad {number}", room.room_id, urgency=1)
    await parts.say("good", good.room_id, urgency=50)
    async with parts.sending():
        await until_said(parts, good, "good")
        hold.set()
        for number, room in enumerate(bads):
            await until_said(parts, room, f"bad {number}")


@pytest.mark.parametrize("arrives", [True, False])
async def test_what_had_arrived_is_not_said_again_after_a_restart(
    arrives: bool, server: FakeHomeserver, machine: Machine
) -> None:
    bad, good = (server.create_room(members=[BOT]) for _ in range(2))
    fault = Fault("send", room=bad.room_id, lose=arrives, times=FOR_EVER)
    if not arrives:
        fault.answer = TROUBLES["500"]
    server.fail(fault)
    parts = await machine.start()
    await parts.say("one", bad.room_id)
    await parts.say("two", bad.room_id)
    await parts.say("good", good.room_id)
    async with parts.sending_unheard():
        await until_said(parts, good, "good")
        await wait_for(lambda: _in_trouble(parts, bad), 20)
    fault.times = 0
    again = await machine.start()
    async with again.sending():
        await again.until(one="sent", two="sent")
    assert said(bad) == ["one", "two"]


async def test_a_homeserver_that_is_away_is_nobodys_trouble(
    server: FakeHomeserver, machine: Machine
) -> None:
    rooms = [server.create_room(members=[BOT]) for _ in range(2)]
    parts = await machine.start()
    async with parts.sending():
        away = [server.fail(Fault(name, (502, {}), times=FOR_EVER)) for name in ("send", "whoami")]
        for number, room in enumerate(rooms):
            await parts.say(f"{number}", room.room_id)

        async def in_trouble() -> bool:
            return parts.sender.trouble is not None

        await wait_for(in_trouble, 20)
        assert parts.sender.room_troubles == {}
        for fault in away:
            fault.times = 0
        for number, room in enumerate(rooms):
            await until_said(parts, room, f"{number}")


async def _in_trouble(parts: Parts, room: FakeRoom) -> bool:
    return room.room_id in parts.sender.room_troubles


async def test_what_waits_for_a_room_goes_out_as_soon_as_the_bot_is_in(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[ADA])
    parts = await machine.start()
    async with parts.sending():
        before = parts.looks[parts.sender]
        await parts.say("hello", room.room_id)

        async def looked() -> bool:
            return parts.looks[parts.sender] > before

        await wait_for(looked, 10, "a look of the sender")
        room.set_membership(BOT, BOT, "join")
        await until_said(parts, room, "hello")
