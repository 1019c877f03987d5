"""What a message said before its newest edit is taken back, once; the message stands."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fosdembot.matrix.outbox import edit_key
from tests.client import wait_for
from tests.fakes.homeserver import SERVER, FakeHomeserver, Fault
from tests.fakes.rooms import FakeRoom, Json

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
        await refused.met.wait()
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
