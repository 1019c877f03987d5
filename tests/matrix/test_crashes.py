"""The process ends at every step of its way, one after another: nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import itertools

from fosdembot.db.engine import WriteSession
from fosdembot.matrix.api import Json
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_rooms import FakeRoom

from .ends import DEVICES, Ends
from .parts import BOT, Machine, Parts

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


async def test_crash_at_each_step(server: FakeHomeserver, machine: Machine) -> None:
    """And a power cut at each."""
    room = server.create_room(members=[ADA])
    await (await machine.start()).catch_up()
    room.set_membership(BOT, BOT, "join")
    for command in COMMANDS:
        room.say(ADA, command)
    ends = Ends(machine)
    await work(await machine.start(crasher=ends), room)
    ends.step()
    for end, device in itertools.product(ends.found, DEVICES):
        again = await end.go_on(machine, device)
        there = machine.server.rooms[room.room_id]
        await work(again, there)
        assert_once(there, f"after {end.how}, as {device}")
        await again.database.close()
    assert ends.steps > 20


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
