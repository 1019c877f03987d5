"""What is in the outbox reaches its room once, in order, whatever happens in between."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from fosdembot.matrix.outbox import KEY
from fosdembot.matrix.timeline import LAYOUT, WIDGET
from simulation.fake_homeserver import ADMIN, SERVER, FakeHomeserver
from simulation.fake_requests import Fault
from simulation.fake_rooms import FakeRoom
from simulation.waiting import wait_for

from .parts import BOT, Machine, Parts

ADA = f"@ada:{SERVER}"
FOREIGNER = "@eve:elsewhere.example"
AWAY = (502, {"error": "no JSON of Matrix"})


def said(room: FakeRoom) -> list[str]:
    """What the bot said in a room, edits as `* …`."""
    return [event["content"]["body"] for event in room.by(BOT)]


def pinned(room: FakeRoom) -> list[str]:
    pins: list[str] = room.state["m.room.pinned_events", ""]["content"]["pinned"]
    return pins


async def cut_off(machine: Machine, room: FakeRoom, fault: Fault) -> Parts:
    """A run that ends while it sends the message `one`, with what `fault` does to it."""
    parts = await machine.start()
    machine.server.fail(fault)
    async with parts.sending_unheard():
        await parts.say("one", room.room_id)

        async def met() -> bool:
            return fault.times < 98  # The HTTP client repeats by itself what was cut off.

        await wait_for(met, 10)
    fault.times = 0
    assert (await parts.row("one")).state == "sending"
    return parts


async def test_each_room_hears_in_order(server: FakeHomeserver, machine: Machine) -> None:
    rooms = [server.create_room(members=[BOT]) for _ in range(3)]
    parts = await machine.start()
    for number in range(30):
        await parts.say(f"{number}", rooms[number % 3].room_id)
    async with parts.sending():
        await parts.until(**{f"{number}": "sent" for number in range(30)})
    for index, room in enumerate(rooms):
        assert said(room) == [f"{number}" for number in range(30) if number % 3 == index]


async def test_the_most_urgent_goes_first_over_all_rooms(
    server: FakeHomeserver, machine: Machine
) -> None:
    rooms = [server.create_room(members=[BOT]) for _ in range(12)]
    parts = await machine.start()
    # As soon as the limit is met, one goes after another.
    limited = (429, {"errcode": "M_LIMIT_EXCEEDED", "error": "", "retry_after_ms": 50})
    fault = server.fail(Fault("send", answer=limited, times=5))
    for number, room in enumerate(rooms):
        await parts.say(f"answer {number}", room.room_id, urgency=55)
    for number, room in enumerate(rooms):
        await parts.say(f"now {number}", room.room_id, urgency=10)
    async with parts.sending():
        await parts.until(**{f"answer {number}": "sent" for number in range(12)})
    assert fault.times == 0
    order = sorted(
        (e for room in rooms for e in room.by(BOT)), key=lambda e: int(e["event_id"][6:])
    )
    bodies = [event["content"]["body"] for event in order]
    assert len(bodies) == 24
    assert all(body.startswith("now") for body in bodies[:12])


async def test_an_answer_that_got_lost(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT])
    server.fail(Fault("send", lose=True, times=3))
    parts = await machine.start()
    await parts.say("one", room.room_id)
    await parts.say("two", room.room_id)
    async with parts.sending_unheard():
        await parts.until(one="sent", two="sent")
    assert said(room) == ["one", "two"]


async def test_the_homeserver_says_when_to_come_back(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT])
    limited = (429, {"errcode": "M_LIMIT_EXCEEDED", "error": "", "retry_after_ms": 700})
    server.fail(Fault("send", answer=limited))
    parts = await machine.start()
    await parts.say("one", room.room_id)
    async with parts.sending():
        await parts.until(one="sent")
        row = await parts.row("one")
    assert said(room) == ["one"]
    assert row.sent_at is not None
    assert row.first_try is not None
    assert row.sent_at - row.first_try >= timedelta(milliseconds=700)
    assert server.requests["send"] == 2


async def test_what_is_refused_is_not_tried_again_and_holds_up_nothing(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT])
    server.fail(Fault("send", answer=(413, {"errcode": "M_TOO_LARGE", "error": "long"})))
    parts = await machine.start()
    await parts.say("one", room.room_id)
    await parts.edit("one", "newer")
    await parts.say("two", room.room_id)
    async with parts.sending():
        await parts.until(one="failed", two="sent", edit_one="dropped")
    assert said(room) == ["two"]
    assert "long" in str((await parts.row("one")).error)


@pytest.mark.parametrize(
    "trouble",
    [
        (401, {"errcode": "M_UNKNOWN_TOKEN", "error": "logged out"}),
        (403, {"errcode": "M_RESOURCE_LIMIT_EXCEEDED", "error": "too many users this month"}),
        (502, {}),
    ],
)
async def test_trouble_of_the_account_or_server_costs_no_message(
    trouble: tuple[int, dict[str, Any]], server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT])
    server.fail(Fault("send", answer=trouble))
    parts = await machine.start()
    await parts.say("one", room.room_id)
    async with parts.sending():
        await parts.until(one="sent")
    assert said(room) == ["one"]


async def test_what_would_come_too_late_is_not_said(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT])
    parts = await machine.start()
    soon = parts.clock.now() + timedelta(minutes=5)
    await parts.say("late", room.room_id, expires=soon)
    await parts.pin(room.room_id, "late")
    await parts.say("later", room.room_id, expires=soon + timedelta(minutes=10))
    parts.clock.ahead = timedelta(minutes=6)
    async with parts.sending():
        await parts.until(late="dropped", later="sent")
    assert said(room) == ["later"]
    assert ("m.room.pinned_events", "") not in room.state


async def test_a_room_that_is_not_joined_yet_waits(
    server: FakeHomeserver, machine: Machine
) -> None:
    room, other = server.create_room(), server.create_room(members=[BOT])
    parts = await machine.start()
    await parts.say("one", room.room_id)
    await parts.say("two", other.room_id)
    async with parts.sending():
        await parts.until(one="queued", two="sent")
    room.set_membership(BOT, BOT, "join")
    again = await machine.start()
    async with again.sending():
        await again.until(one="sent")
    assert said(room) == ["one"]


async def test_an_edit_waits_for_its_message_and_names_it(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT])
    fault = server.fail(Fault("send", hold=asyncio.Event()))
    parts = await machine.start()
    async with parts.sending():
        await parts.say("one", room.room_id)
        await fault.was_met()
        await parts.edit("one", "newer")
        await parts.pin(room.room_id, "one")
        assert (await parts.row("edit:one")).state == "queued"
        assert fault.hold is not None
        fault.hold.set()
        await parts.until(one="sent", edit_one="sent")
        await parts.until(**{f"pin:{room.room_id}".replace(":", "_"): "sent"})
    message, edit = room.by(BOT)
    assert edit["content"]["m.relates_to"] == {
        "rel_type": "m.replace",
        "event_id": message["event_id"],
    }
    assert pinned(room) == [message["event_id"]]


async def test_of_edits_only_the_newest_matters(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT])
    parts = await machine.start()
    async with parts.sending():
        await parts.say("one", room.room_id)
        await parts.until(one="sent")
        fault = server.fail(Fault("send", hold=asyncio.Event()))
        await parts.edit("one", "first edit")
        await fault.was_met()
        await parts.edit("one", "second edit")
        await parts.edit("one", "third edit")
        assert fault.hold is not None
        fault.hold.set()
        await parts.until(edit_one="sent")
    assert said(room) == ["one", "* first edit", "* third edit"]


async def test_pins_of_others_stay(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT])
    theirs = room.say(ADA, "read the rules")
    room.add(ADA, "m.room.pinned_events", {"pinned": [theirs, 5, None]}, "")
    pin = {f"pin:{room.room_id}".replace(":", "_"): "sent"}
    parts = await machine.start()
    async with parts.sending():
        await parts.say("one", room.room_id)
        await parts.pin(room.room_id, "one")
        await parts.until(**pin)
        assert pinned(room) == [theirs, (await parts.row("one")).event_id]
    room.add(ADA, "m.room.pinned_events", {"pinned": [*pinned(room), "$later"]}, "")
    again = await machine.start()
    async with again.sending():
        await again.say("two", room.room_id)
        await again.pin(room.room_id, "two")
        await again.until(two="sent", **pin)
        assert pinned(room) == [theirs, "$later", (await again.row("two")).event_id]


async def test_a_state_of_the_room_becomes_the_newest_that_was_wanted(
    server: FakeHomeserver, machine: Machine
) -> None:
    """Of the layout of widgets, which all share, only our part."""
    room = server.create_room(members=[BOT])
    theirs = {"widgets": {"etherpad": {"container": "right"}}}
    room.add(ADA, LAYOUT, theirs, "")
    parts = await machine.start()
    async with parts.sending():
        async with parts.database.write() as session:
            put = parts.outbox.put_state
            await put(session, room.room_id, WIDGET, {"url": "old"}, "page")
            await put(session, room.room_id, WIDGET, {"url": "new"}, "page")
            await put(session, room.room_id, LAYOUT, {"widgets": {"page": {"container": "top"}}})

        async def there() -> bool:
            return (WIDGET, "page") in room.state and room.state[LAYOUT, ""]["sender"] == BOT

        await wait_for(there, 10)
    assert room.state[WIDGET, "page"]["content"] == {"url": "new"}
    placed = {**theirs["widgets"], "page": {"container": "top"}}
    assert room.state[LAYOUT, ""]["content"] == {"widgets": placed}


async def test_what_is_there_already_counts_as_sent(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT])
    there = (400, {"errcode": "M_DUPLICATE_ANNOTATION", "error": "there"})
    server.fail(Fault("send", answer=there))
    parts = await machine.start()
    await parts.say("one", room.room_id)
    async with parts.sending():
        await parts.until(one="sent")


@pytest.mark.parametrize("device", ["DEVICE", "ANOTHER"])
@pytest.mark.parametrize("arrived", [True, False])
async def test_cut_off_while_sending(
    device: str, arrived: bool, server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    fault = Fault("send", lose=arrived, answer=None if arrived else AWAY, times=100)
    await cut_off(machine, room, fault)
    assert said(room) == (["one"] if arrived else [])
    room.add(FOREIGNER, "m.room.message", {"body": "from long ago", "msgtype": "m.text"}, ts=0)
    again = await machine.start(device)
    again.clock.ahead = timedelta(seconds=20)
    await again.say("two", room.room_id)
    # Also where /sync does not tell of our own events.
    room.hidden.update(event["event_id"] for event in room.by(BOT))
    async with again.receiving():
        room.hidden.clear()
    async with again.sending():
        await again.until(one="sent", two="sent")
    assert said(room) == ["one", "two"]


async def test_after_half_a_day_the_room_itself_is_asked(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT])
    await cut_off(machine, room, Fault("send", lose=True, times=100))
    # Synapse forgets them after a day.
    server.forget_transactions()
    again = await machine.start()
    again.clock.ahead = timedelta(hours=13)
    room.hidden.update(event["event_id"] for event in room.by(BOT))
    async with again.receiving():
        room.hidden.clear()
    async with again.sending():
        await again.until(one="sent")
    assert said(room) == ["one"]


async def test_nobody_else_can_pass_for_our_message(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await cut_off(machine, room, Fault("send", answer=AWAY, times=100))
    room.say(ADA, "mine", **{KEY: (await parts.row("one")).txn_id})
    again = await machine.start("ANOTHER")
    again.clock.ahead = timedelta(seconds=20)
    async with again.sending():
        await again.until(one="sent")
    assert said(room) == ["one"]
    assert (await again.row("one")).event_id == room.by(BOT)[0]["event_id"]


async def test_a_new_log_in_while_running(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT])
    parts = await machine.start()
    lost = server.fail(Fault("send", lose=True, times=100))
    async with parts.sending_unheard():
        await parts.say("one", room.room_id)
        await lost.was_met()
        parts.account.token = server.log_in(BOT, "ANOTHER").token
        parts.clock.ahead = timedelta(seconds=20)
        lost.times = 0
        await parts.until(one="sent")
    assert said(room) == ["one"]


async def test_what_was_dropped_as_too_late_but_had_arrived(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADMIN])
    parts = await machine.start()
    lost = server.fail(Fault("send", lose=True, times=100))
    async with parts.sending_unheard():
        await parts.say("one", room.room_id, expires=parts.clock.now() + timedelta(minutes=5))
        await lost.was_met()
        parts.clock.ahead = timedelta(minutes=6)
        await parts.until(one="dropped")
    lost.times = 0
    again = await machine.start()
    await again.catch_up()
    await again.until(one="sent")
    assert said(room) == ["one"]


async def test_where_nothing_waits_a_look_takes_no_turn_of_those_who_write(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT])
    parts = await machine.start()
    await parts.sender.step()
    async with parts.database.no_writing(), asyncio.timeout(20):
        await parts.sender.step()
    await parts.say("one", room.room_id)
    async with parts.sending():
        await parts.until(one="sent")
    # Else the pace would have the next look wait, and nobody moves the clock.
    await parts.let_pass(1)
    await parts.sender.step()
    async with parts.database.no_writing(), asyncio.timeout(20):
        await parts.sender.step()
    assert said(room) == ["one"]
