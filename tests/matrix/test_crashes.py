"""The process ends at every step of its way, one after another: nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from fosdembot.db.engine import WriteSession
from fosdembot.matrix.api import Json
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_rooms import FakeRoom

from .parts import BOT, Machine, Parts
from .stand_ins import Crash, Crasher

ADA = f"@ada:{SERVER}"
SECRET = "what was redacted"
COMMANDS = [f"!{number}" for number in range(2)]


async def work(parts: Parts, room: FakeRoom) -> None:
    """What each run does, from wherever the one before it came: answer, tell, edit, pin,
    react, and take back what was edited."""
    async with asyncio.timeout(60), parts.sending():
        async with parts.database.write() as session:
            content = {"msgtype": "m.notice", "body": "now"}
            if await parts.outbox.message(session, "now", room.room_id, content, 10):
                await parts.outbox.pin(session, room.room_id, "now")
                edited = {"msgtype": "m.notice", "body": "soon over"}
                await parts.outbox.edit(session, "now", edited)
                await parts.outbox.react(session, "chip", room.room_id, "Q1", target="now")
                content = {"msgtype": "m.notice", "body": SECRET}
                await parts.outbox.message(session, "secret", room.room_id, content, 20)
                await parts.outbox.edit(session, "secret", content)
        await parts.until_all_sent()
        await parts.redact("secret")
        await parts.until_all_sent()


@pytest.mark.parametrize("cut", [False, True], ids=["crash", "power cut"])
async def test_crash_at_each_step(cut: bool, server: FakeHomeserver, machine: Machine) -> None:
    crashed, step = True, 0
    machine.may_lose_power = cut
    clock, began = server.clock, b""
    while crashed:
        # A third of the steps tells what a power cut takes: the way is the same.
        step += 3 if cut else 1
        # The next run has a new log-in, or the same one.
        device = "ANOTHER" if step % 2 else "DEVICE"
        # No run sees anything of those before it, so all of them begin with the same database.
        machine.server = FakeHomeserver(clock)
        room = machine.server.create_room(members=[ADA])
        name = f"bot-{step}"
        began = began or await caught_up(machine, name)
        machine.file(name).write_bytes(began)
        room.set_membership(BOT, BOT, "join")
        for command in COMMANDS:
            room.say(ADA, command)
        parts = await machine.start(name=name, crasher=Crasher(step))
        crashed = False
        with contextlib.suppress(Crash):
            await work(parts, room)
        crashed = parts.crasher.steps >= step
        if cut:
            await machine.disk.power_cut()
        again = await machine.start(device, name=name)
        again.skip_waiting()
        await work(again, room)
        assert_once(room, f"after a crash at step {step}")
    assert step > 20


async def caught_up(machine: Machine, name: str) -> bytes:
    """The database of a bot that has started once, and was stopped."""
    parts = await machine.start(name=name)
    await parts.catch_up()
    await parts.database.close()
    file = machine.file(name).read_bytes()
    machine.file(name).unlink()
    return file


def assert_once(room: FakeRoom, when: str) -> None:
    assert SECRET not in str(room.events), when
    gone = [e for e in room.by(BOT) if not e["content"]]
    assert len(gone) == 2, when
    there = [e for e in room.by(BOT) if e["content"]]
    messages = [e for e in there if "m.new_content" not in e["content"]]
    bodies = [event["content"]["body"] for event in messages]
    assert sorted(bodies) == sorted(["now", *(f"answer to {c}" for c in COMMANDS)]), when
    answers = [body for body in bodies if body != "now"]
    assert answers == [f"answer to {command}" for command in COMMANDS], when
    edits = [e for e in there if "m.new_content" in e["content"]]
    assert [edit["content"]["body"] for edit in edits] == ["* soon over"], when
    now = next(event["event_id"] for event in messages if event["content"]["body"] == "now")
    assert len(room.related(now, "m.annotation")) == 1, when
    assert room.state["m.room.pinned_events", ""]["content"]["pinned"] == [now], when
    pins = [event for event in room.events if event["type"] == "m.room.pinned_events"]
    assert len(pins) == 1, when


async def test_after_a_power_cut_a_message_says_what_we_believe(
    server: FakeHomeserver, machine: Machine
) -> None:
    """The commit that asked for an edit did not wait for the disk. Were it lost, the event that
    caused it would ask for another under the same transaction id, as time has gone on; the
    homeserver would take that for the first."""

    def edits(parts: Parts, text: str) -> None:
        async def edit(session: WriteSession, room: str, event: Json) -> None:
            await parts.outbox.edit(session, "now", {"msgtype": "m.notice", "body": text})

        parts.handled.first = edit

    room = server.create_room(members=[BOT, ADA])
    machine.may_lose_power = True
    parts = await machine.start()
    edits(parts, "five minutes left")
    async with parts.sending():
        await parts.say("now", room.room_id)
        await parts.until_all_sent()
        room.say(ADA, "how long?")
        await parts.until(edit_now="sent")
    await machine.disk.power_cut()
    again = await machine.start()
    edits(again, "four minutes left")
    async with again.sending():
        await again.until_all_sent()
    shown = [e["content"]["body"] for e in room.by(BOT) if "m.new_content" in e["content"]]
    assert shown[-1] == f"* {(await again.row('edit:now')).content['body']}"
