"""What is to be sent is put in once, taken back in time, and confirmed by /sync."""

from __future__ import annotations

from fosdembot.db.tables import Room
from fosdembot.matrix.outbox import KEY, confirm
from simulation.fake_homeserver import SERVER, FakeHomeserver

from .parts import BOT, Machine, Parts

ROOM, OTHER = f"!room:{SERVER}", f"!other:{SERVER}"


async def test_a_key_is_used_once(machine: Machine) -> None:
    parts = await machine.start()
    await parts.say("one", ROOM, "first")
    await parts.say("one", ROOM, "second")
    assert (await parts.row("one")).content["body"] == "first"
    assert await parts.states() == {"one": "queued"}


async def test_transaction_ids_tell_databases_keys_and_contents_apart(machine: Machine) -> None:
    parts = await machine.start()
    ids = {
        parts.outbox.transaction_id(key, revision) for key in ("one", "two") for revision in (1, 2)
    }
    assert len(ids) == 4
    again = await machine.start()
    assert again.outbox.transaction_id("one", 1) in ids


async def test_only_what_nobody_tried_to_send_is_taken_back(machine: Machine) -> None:
    parts = await machine.start()
    for key in ("queued", "sending", "sent"):
        await parts.say(key, ROOM)
    async with parts.database.write() as session:
        for key in ("sending", "sent"):
            row = await parts.outbox.find(session, key)
            assert row is not None
            row.state = key
    async with parts.database.write() as session:
        withdrawn = await parts.outbox.withdraw(session, ["queued", "sending", "sent", "none"])
    assert withdrawn == ["queued"]
    assert await parts.states() == {"sending": "sending", "sent": "sent"}


async def test_an_edit_goes_with_the_message_that_is_taken_back(machine: Machine) -> None:
    """The same key may come again, and say something else."""
    parts = await machine.start()
    await parts.say("one", ROOM, "first")
    await parts.edit("one", "of the first")
    async with parts.database.write() as session:
        assert await parts.outbox.withdraw(session, ["one"]) == ["one"]
    await parts.say("one", ROOM, "second")
    async with parts.database.read() as session:
        said = await parts.outbox.says(session, "one")
    assert said is not None
    assert said["body"] == "second"
    assert (await parts.states())["edit:one"] == "dropped"


async def test_a_pin_moves_to_the_newest_and_is_not_repeated(machine: Machine) -> None:
    parts = await machine.start()
    await parts.pin(ROOM, "one")
    first = await parts.row(f"pin:{ROOM}")
    await parts.pin(ROOM, "one")
    assert (await parts.row(f"pin:{ROOM}")).revision == first.revision
    await parts.pin(ROOM, "two")
    moved = await parts.row(f"pin:{ROOM}")
    assert (moved.target, moved.revision, moved.state) == ("two", first.revision + 1, "queued")


async def test_what_failed_is_not_edited(machine: Machine) -> None:
    parts = await machine.start()
    await parts.say("one", ROOM)
    async with parts.database.write() as session:
        row = await parts.outbox.find(session, "one")
        assert row is not None
        row.state = "failed"
    await parts.edit("one", "newer")
    await parts.edit("never there", "newer")
    assert await parts.states() == {"one": "failed"}


async def test_what_waits_for_an_address_goes_where_it_leads(machine: Machine) -> None:
    parts = await machine.start()
    await parts.say("one", "#kernel:here")
    await parts.say("two", "#legal:here")
    async with parts.database.write() as session:
        await parts.outbox.redirect(session, {"#kernel:here": OTHER})
    assert (await parts.row("one")).room_id == OTHER
    assert (await parts.row("two")).room_id == "#legal:here"


async def test_our_own_event_says_that_it_arrived(server: FakeHomeserver, machine: Machine) -> None:
    parts = await machine.start()
    for key in ("by key", "by transaction", "not yet"):
        await parts.say(key, ROOM)
    by_key, by_transaction = await parts.row("by key"), await parts.row("by transaction")
    seen = [
        {"event_id": "$1", "content": {KEY: by_key.txn_id}, "unsigned": {}},
        {"event_id": "$2", "content": {}, "unsigned": {"transaction_id": by_transaction.txn_id}},
        {"event_id": "$3", "content": {KEY: ["odd"]}, "unsigned": {}},
        {"event_id": "$4", "content": {KEY: "of another database"}, "unsigned": {}},
    ]
    async with parts.database.write() as session:
        for event in seen:
            await confirm(session, event, parts.clock.now())
    assert (await parts.row("by key")).event_id == "$1"
    assert (await parts.row("by transaction")).event_id == "$2"
    assert await parts.states() == {
        "by key": "sent",
        "by transaction": "sent",
        "not yet": "queued",
    }


async def test_what_another_run_had_sent_is_not_sent_again(
    server: FakeHomeserver, machine: Machine
) -> None:
    """The database was put back to an older state: the room knows better."""
    room = server.create_room(members=[BOT])
    parts = await machine.start()
    await parts.catch_up()
    await parts.say("one", room.room_id)
    key = (await parts.row("one")).txn_id
    room.add(BOT, "m.room.message", {"msgtype": "m.notice", "body": "one", KEY: key})
    again = await machine.start("ANOTHER")
    async with again.sending():
        await again.until(one="sent")
    assert len(room.by(BOT)) == 1


LONG = "one\ntwo\nthree\nfour"
FITTED = "one\ntwo · three\nfour"


async def bodies(parts: Parts, *keys: str) -> list[str]:
    return [(await parts.row(key)).content["body"] for key in keys]


async def bridge(parts: Parts, room: str) -> None:
    async with parts.database.write() as session:
        session.add(Room(room_id=room, membership="join", bridged=True))


async def test_where_a_bridge_is_messages_are_short(machine: Machine) -> None:
    parts = await machine.start()
    await bridge(parts, ROOM)
    for key, room in (("one", ROOM), ("other", OTHER)):
        await parts.say(key, room, LONG)
        await parts.edit(key, f"{LONG}\nfive")
    assert await bodies(parts, "one", "other") == [FITTED, LONG]
    assert await bodies(parts, "edit:one", "edit:other") == [
        "one\ntwo · three\nfour · five",
        f"{LONG}\nfive",
    ]


async def test_what_a_message_says_is_what_it_was_made_to_say(machine: Machine) -> None:
    parts = await machine.start()
    await bridge(parts, ROOM)
    await parts.say("one", ROOM, LONG)
    async with parts.database.read() as session:
        said = await parts.outbox.says(session, "one")
        assert said is not None
        for room, same in ((ROOM, True), (OTHER, False)):
            content = {"msgtype": "m.notice", "body": LONG}
            fitted = await parts.outbox.fitted(session, room, content)
            assert (said == fitted) is same


async def test_what_waited_for_a_room_with_a_bridge(machine: Machine) -> None:
    parts = await machine.start()
    await bridge(parts, ROOM)
    await parts.say("one", "#kernel:here", LONG)
    await parts.react("chip", "#kernel:here", "👍", target="one")
    async with parts.database.write() as session:
        await parts.outbox.redirect(session, {"#kernel:here": ROOM})
    assert await bodies(parts, "one") == [FITTED]
    assert (await parts.row("chip")).room_id == ROOM


async def test_a_reaction_is_no_message(machine: Machine) -> None:
    parts = await machine.start()
    await bridge(parts, ROOM)
    key = "a\nb\nc\nd" * 100
    await parts.react("chip", ROOM, key, event_id="$1")
    relation = {"rel_type": "m.annotation", "event_id": "$1", "key": key[:100]}
    assert (await parts.row("chip")).content == {"m.relates_to": relation}
