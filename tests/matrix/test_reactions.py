"""Reactions, and what is taken back: exactly once as well."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from fosdembot.matrix.outbox import KEY, Urgency
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_requests import Fault
from simulation.fake_rooms import FakeRoom
from simulation.waiting import wait_for

from .parts import BOT, Machine, Parts

ADA = f"@ada:{SERVER}"


def reactions(room: FakeRoom) -> list[tuple[str, str]]:
    """The bot's: to which event, and the key."""
    relations = [
        event["content"]["m.relates_to"]
        for event in room.events
        if event["type"] == "m.reaction" and event["sender"] == BOT and event["content"]
    ]
    return [(relation["event_id"], relation["key"]) for relation in relations]


def contents(room: FakeRoom) -> list[dict[str, Any]]:
    return [event["content"] for event in room.by(BOT)]


async def says(parts: Parts, key: str) -> Any:
    async with parts.database.read() as session:
        return await parts.outbox.says(session, key)


async def test_a_reaction_is_sent_once(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT, ADA])
    asked = room.say(ADA, "?")
    server.fail(Fault("send", lose=True, times=2))
    parts = await machine.start()
    assert await parts.react("chip", room.room_id, "Q12", event_id=asked)
    assert not await parts.react("chip", room.room_id, "Q13", event_id=asked)
    async with parts.sending():
        await parts.until(chip="sent")
    assert reactions(room) == [(asked, "Q12")]
    sent = room.related(asked, "m.annotation")[0]
    row = await parts.row("chip")
    assert sent["content"][KEY] == row.txn_id
    assert row.event_id == sent["event_id"]


async def test_a_reaction_follows_its_message(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT])
    parts = await machine.start()
    await parts.say("card", room.room_id, urgency=Urgency.CONTROL)
    for emoji in "✅⭐":
        assert await parts.react(emoji, room.room_id, emoji, target="card")
    assert (await parts.row("✅")).urgency >= Urgency.CONTROL, "not before its message"
    async with parts.sending():
        await parts.until(**{"card": "sent", "✅": "sent", "⭐": "sent"})
    card = room.by(BOT)[0]["event_id"]
    assert reactions(room) == [(card, "✅"), (card, "⭐")]


async def test_a_reaction_to_what_is_never_sent(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT])
    parts = await machine.start()
    server.fail(Fault("send", answer=(413, {"errcode": "M_TOO_LARGE", "error": ""})))
    await parts.say("card", room.room_id)
    await parts.react("button", room.room_id, target="card")
    async with parts.sending():
        await parts.until(card="failed", button="dropped")
    assert not await parts.react("another", room.room_id, target="card")
    assert not await parts.react("third", room.room_id, target="no card")
    assert set(await parts.states()) == {"card", "button"}


async def test_a_reaction_that_is_there_already(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT, ADA])
    asked = room.say(ADA, "?")
    room.react(BOT, asked, "Q12")
    parts = await machine.start()
    await parts.react("chip", room.room_id, "Q12", event_id=asked)
    async with parts.sending():
        await parts.until(chip="sent")
        # Which one it is, is not known.
        await parts.redact("chip")
        await parts.until(redact_chip="dropped")
    assert reactions(room) == [(asked, "Q12")]


async def test_what_waits_is_withdrawn(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT])
    parts = await machine.start()
    await parts.say("card", room.room_id)
    await parts.edit("card", "newer")
    await parts.react("button", room.room_id, target="card")
    await parts.redact("card")
    await parts.redact("no card")
    async with parts.sending():
        await parts.until(edit_card="dropped", button="dropped")
    assert set(await parts.states()) == {"edit:card", "button"}
    assert room.by(BOT) == []


async def test_what_was_sent_is_redacted_with_its_edits(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    server.page_at_most = 1
    parts = await machine.start()
    async with parts.sending():
        await parts.say("one", room.room_id)
        for words in ("new", "newer"):
            await parts.edit("one", words)
            await parts.until(one="sent", edit_one="sent")
        original = room.by(BOT)[0]["event_id"]
        relation = {"rel_type": "m.replace", "event_id": original}
        forged = room.say(ADA, "forged", **{"m.relates_to": relation})
        await parts.react("chip", room.room_id, target="one")
        await parts.until(chip="sent")
        await parts.redact("chip")
        await parts.redact("one")
        await parts.until(redact_one="sent", redact_chip="sent")
    assert contents(room) == [{}, {}, {}]
    assert reactions(room) == []
    kept = room.event(forged)
    assert kept is not None
    assert kept["content"]["body"] == "forged"
    redaction = (await parts.row("redact/one")).event_id
    assert room.events[-1]["event_id"] == redaction, "a message goes after its edits"


async def test_nothing_is_done_to_what_was_taken_back(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT])
    parts = await machine.start()
    async with parts.sending():
        await parts.say("one", room.room_id)
        await parts.until(one="sent")
    await parts.edit("one", "newer")
    await parts.react("button", room.room_id, target="one")
    assert (await says(parts, "one"))["body"] == "newer"
    await parts.redact("one")
    await parts.redact("one")
    assert await says(parts, "one") is None
    await parts.edit("one", "newest")
    assert not await parts.react("another", room.room_id, target="one")
    await parts.say("one", room.room_id)
    async with parts.sending():
        await parts.until(redact_one="sent", edit_one="dropped", button="dropped")
    assert contents(room) == [{}]
    assert reactions(room) == []


async def test_what_is_under_way_is_redacted_when_it_is_there(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT])
    held = server.fail(Fault("send", hold=asyncio.Event()))
    parts = await machine.start()
    async with parts.sending():
        await parts.say("one", room.room_id)
        await held.was_met()
        await parts.redact("one")
        assert held.hold is not None
        held.hold.set()
        await parts.until(one="sent", redact_one="sent")
    assert contents(room) == [{}]


@pytest.mark.parametrize(("code", "state"), [("M_NOT_FOUND", "sent"), ("M_FORBIDDEN", "failed")])
async def test_a_redaction_that_is_refused(
    code: str, state: str, server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT])
    server.fail(Fault("redact", answer=(403 if "FORB" in code else 404, {"errcode": code})))
    parts = await machine.start()
    async with parts.sending():
        await parts.say("one", room.room_id)
        await parts.until(one="sent")
        await parts.redact("one")
        await parts.until(redact_one=state)


@pytest.mark.parametrize("device", ["DEVICE", "ANOTHER"])
async def test_cut_off_while_redacting(
    device: str, server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT])
    parts = await machine.start()
    lost = server.fail(Fault("redact", lose=True, times=100))
    async with parts.sending():
        await parts.say("one", room.room_id)
        await parts.until(one="sent")
    async with parts.sending_unheard():
        await parts.redact("one")

        async def met() -> bool:
            return lost.times < 98

        await wait_for(met, 10)
    assert (await parts.row("redact/one")).state == "sending"
    lost.times = 0
    redactions = [e["event_id"] for e in room.events if e["type"] == "m.room.redaction"]
    # Also where /sync does not tell of it.
    room.hidden.update(redactions)
    again = await machine.start(device)
    again.clock.ahead = timedelta(seconds=20)
    async with again.receiving():
        room.hidden.clear()
    async with again.sending():
        await again.until(redact_one="sent")
    assert contents(room) == [{}]
    assert [e["event_id"] for e in room.events if e["type"] == "m.room.redaction"] == redactions
