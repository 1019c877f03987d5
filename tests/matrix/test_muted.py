"""A room that refuses what the bot says keeps what is for it, until the bot may speak."""

from __future__ import annotations

from datetime import timedelta

from simulation.fake_homeserver import ADMIN, FakeHomeserver
from simulation.fake_requests import Fault
from simulation.fake_rooms import FakeRoom
from simulation.waiting import wait_for

from .parts import BOT, Machine, Parts

FORBIDDEN = (403, {"errcode": "M_FORBIDDEN", "error": "events_default"})


async def held(parts: Parts, room: FakeRoom) -> None:
    async def so() -> bool:
        return room.room_id in parts.sender.held

    await wait_for(so, 10, "the room is held")


def said(room: FakeRoom) -> list[str]:
    return [event["content"]["body"] for event in room.by(BOT)]


async def test_what_was_refused_is_said_once_power_comes(
    server: FakeHomeserver, machine: Machine
) -> None:
    room, other = server.create_room(members=[BOT]), server.create_room(members=[BOT])
    refusal = server.fail(Fault("send", FORBIDDEN))
    parts = await machine.start()
    await parts.say("one", room.room_id)
    async with parts.sending():
        await held(parts, room)
        await parts.say("two", room.room_id)
        await parts.say("three", other.room_id)
        await parts.until(three="sent")
        assert (await parts.states())["one"] == "queued", "others do not wait for it"
        assert refusal.times == 0
        parts.sender.release(room.room_id)
        await parts.until(one="sent", two="sent")
    assert said(room) == ["one", "two"]
    assert parts.sender.held == {}


async def test_what_is_too_late_then_is_not_said(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT])
    server.fail(Fault("send", FORBIDDEN))
    parts = await machine.start()
    soon = parts.clock.now() + timedelta(minutes=5)
    await parts.say("notice", room.room_id, expires=soon)
    await parts.say("answer", room.room_id, urgency=55)
    await parts.say("announcement", room.room_id, urgency=0)
    async with parts.sending():
        await held(parts, room)
        parts.clock.ahead += timedelta(minutes=20)
        await parts.say("fresh", room.room_id, urgency=55)
        parts.sender.release(room.room_id)
        await parts.until(notice="dropped", answer="dropped", announcement="sent", fresh="sent")
    assert said(room) == ["announcement", "fresh"]


async def test_a_message_that_meets_our_removal_is_said_when_we_are_back(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT])
    parts = await machine.start()
    async with parts.sending():
        server.fail(Fault("send", FORBIDDEN))
        await parts.say("one", room.room_id)
        await held(parts, room)
        room.set_membership(ADMIN, BOT, "leave")
        room.set_membership(BOT, BOT, "join")
        parts.sender.release(room.room_id)
        await parts.until(one="sent")
    assert said(room) == ["one"]
