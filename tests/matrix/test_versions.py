"""What a message said before its newest edit is taken back, once; the message stands."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fosdembot.db.retention import forget_what_is_old
from fosdembot.matrix.outbox import KEY, confirm, edit_key
from simulation.events import Json
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_requests import Fault
from simulation.fake_rooms import FakeRoom
from simulation.waiting import wait_for

from .parts import BOT, Machine, Parts

ADA = f"@ada:{SERVER}"
AWAY = (502, {"errcode": "M_UNKNOWN", "error": "away"})


async def edit_and_forget(parts: Parts, words: str) -> None:
    async with parts.database.write() as session:
        await parts.outbox.edit(session, "one", {"msgtype": "m.notice", "body": words})
        await parts.outbox.redact_versions(session, ["one", edit_key("one"), "edit:no such"])


async def edited(parts: Parts, room: FakeRoom, *versions: str) -> None:
    await parts.say("one", room.room_id)
    for words in versions:
        await parts.edit("one", words)
        await parts.until(one="sent", edit_one="sent")


def bodies(room: FakeRoom) -> list[str]:
    """What our messages and edits say; "" for what is redacted."""
    return [event["content"].get("body", "") for event in room.by(BOT)]


def redactions(room: FakeRoom) -> list[Json]:
    return [event for event in room.events if event["type"] == "m.room.redaction"]


async def test_only_the_newest_stays(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT, ADA])
    server.page_at_most = 1
    parts = await machine.start()
    async with parts.sending():
        await edited(parts, room, "ugly", "uglier")
        relation = {"rel_type": "m.replace", "event_id": room.by(BOT)[0]["event_id"]}
        room.say(ADA, "forged", **{"m.relates_to": relation})
        await edit_and_forget(parts, "fine")
        await parts.until(edit_one="sent", redact_edit_one="sent")
        assert bodies(room) == ["one", "", "", "* fine"]
        assert len(redactions(room)) == 2
        # Once more: what is gone is not taken back again.
        await edit_and_forget(parts, "finer")
        await parts.until(edit_one="sent", redact_edit_one="sent")
        await parts.edit("one", "finest")
        await parts.until(edit_one="sent")
    assert bodies(room) == ["one", "", "", "", "* finer", "* finest"]
    assert len(redactions(room)) == 3


async def test_the_new_version_goes_first(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT])
    parts = await machine.start()
    async with parts.sending():
        await edited(parts, room, "ugly")
        refused = server.fail(Fault("send", answer=AWAY, times=1))
        await edit_and_forget(parts, "fine")
        await refused.was_met()
        assert redactions(room) == []
        await parts.until(edit_one="sent", redact_edit_one="sent")
    assert [event["type"] for event in room.events[-2:]] == ["m.room.message", "m.room.redaction"]
    assert bodies(room) == ["one", "", "* fine"]


async def test_nothing_is_left_to_take_back(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT])
    parts = await machine.start()
    async with parts.sending():
        await edited(parts, room, "ugly")
        await parts.redact("one")
        await edit_and_forget(parts, "fine")
        await parts.until(redact_one="sent")
    assert set(await parts.states()) == {"one", "edit:one", "redact/one"}
    assert bodies(room) == ["", ""]


@pytest.mark.parametrize("device", ["DEVICE", "ANOTHER"])
async def test_cut_off_meanwhile(device: str, server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT])
    parts = await machine.start()
    async with parts.sending():
        await edited(parts, room, "ugly", "uglier", "ugliest")
    lost = server.fail(Fault("redact", lose=True, times=100))
    async with parts.sending_unheard():
        await edit_and_forget(parts, "fine")

        async def met() -> bool:
            return lost.times < 98

        await wait_for(met, 10)
    assert (await parts.row("redact/edit:one")).state == "sending"
    lost.times = 0
    again = await machine.start(device)
    again.clock.ahead = timedelta(seconds=20)
    async with again.sending():
        await again.until(redact_edit_one="sent")
    assert bodies(room) == ["one", "", "", "", "* fine"]
    assert len(redactions(room)) == 3


async def kept(parts: Parts, *keys: str) -> list[Json]:
    return [(await parts.row(key)).content for key in keys]


async def test_what_is_redacted_is_not_kept_here_either(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    async with parts.sending():
        await edited(parts, room, "ugly")
        await parts.say("two", room.room_id)
        await parts.until(two="sent")
        await parts.redact("one")
        await parts.until(redact_one="sent")
    assert await kept(parts, "one", "edit:one") == [{}, {}]
    assert (await parts.row("two")).content["body"] == "two"


async def test_also_where_sync_tells_that_it_is(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    await edited_before(parts, room)
    async with parts.database.write() as session:
        row = await parts.outbox.find(session, "redact/one")
        assert row is not None
        event = {"event_id": "$redaction", "content": {KEY: row.txn_id}}
        await confirm(session, event, parts.clock.now())
    assert await kept(parts, "one", "edit:one") == [{}, {}]


async def test_and_at_the_next_look(server: FakeHomeserver, machine: Machine) -> None:
    """What an earlier version of the bot has redacted; what is not finished waits."""
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    await edited_before(parts, room)
    for finished in (False, True):
        async with parts.database.write() as session:
            row = await parts.outbox.find(session, "redact/one")
            assert row is not None
            row.state = "sent" if finished else "queued"
        await forget_what_is_old(parts.database, parts.clock, lambda: None)
        assert await kept(parts, "one", "edit:one") == ([{}, {}] if finished else ANY_WORDS)


async def test_earlier_edits_taken_back_leave_the_newest(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    async with parts.sending():
        await edited(parts, room, "ugly")
        await edit_and_forget(parts, "fine")
        await parts.until(edit_one="sent", redact_edit_one="sent")
    said = await kept(parts, "one", "edit:one")
    assert [content["body"] for content in said] == ["one", "fine"]


ANY_WORDS = [
    {"msgtype": "m.notice", "body": "one"},
    {"msgtype": "m.notice", "body": "ugly"},
]


async def edited_before(parts: Parts, room: FakeRoom) -> None:
    """A message and its edit are sent, and are to be redacted."""
    await parts.say("one", room.room_id)
    await parts.edit("one", "ugly")
    async with parts.database.write() as session:
        for key in ("one", "edit:one"):
            row = await parts.outbox.find(session, key)
            assert row is not None
            row.state, row.event_id = "sent", f"${key}"
    await parts.redact("one")
