"""What waits for many rooms goes out together: marked, sent and noted in few transactions."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import event

from fosdembot.db.tables import Outgoing
from fosdembot.matrix.pace import Pace
from fosdembot.matrix.queue import Taking
from fosdembot.matrix.sender import AT_ONCE
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_requests import Fault
from simulation.waiting import wait_for

from .parts import BOT, Machine, Parts

ADA = f"@ada:{SERVER}"

ROOMS = 40


async def filled(server: FakeHomeserver, machine: Machine) -> Parts:
    """A message waits for each of many rooms, which are as urgent as their numbers say."""
    rooms = [server.create_room(members=[BOT]) for _ in range(ROOMS)]
    parts = await machine.start()
    for number in reversed(range(ROOMS)):
        await parts.say(f"{number:02}", rooms[number].room_id, urgency=number)
    return parts


async def test_few_transactions_send_many_messages(
    server: FakeHomeserver, machine: Machine
) -> None:
    parts = await filled(server, machine)
    written = 0

    def note(_: Any) -> None:
        nonlocal written
        written += 1

    await parts.catch_up()
    for engine in parts.database.engines:
        event.listen(engine, "commit", note)
    async with parts.running(parts.sends()):
        await parts.until(**{f"{number:02}": "sent" for number in range(ROOMS)})
    for engine in parts.database.engines:
        event.remove(engine, "commit", note)
    assert 0 < written < 1.5 * ROOMS, "one to mark and one to note each would be twice as many"
    order = sorted(
        (e for room in server.rooms.values() for e in room.by(BOT)),
        key=lambda e: int(e["event_id"][6:]),
    )
    told = [int(e["content"]["body"]) for e in order]
    # Those under way at the same time may overtake one another.
    assert all(abs(place - number) < AT_ONCE for place, number in enumerate(told))


async def test_what_is_taken_is_found_by_index(server: FakeHomeserver, machine: Machine) -> None:
    """However much waits: each look at it all would take longer than to send a message."""
    parts = await filled(server, machine)
    await parts.catch_up()
    plans: list[str] = []

    def note(connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if "outbox.state IN" in statement and not isinstance(values, list):
            driver = connection.connection.driver_connection
            rows = driver.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.append("; ".join(row[3] for row in rows))

    taking = Taking(parts.clock.now(), 8, busy=["!x"], closed=["!x"], marked=lambda row: row)
    for engine in parts.database.engines:
        event.listen(engine, "before_cursor_execute", note)
    taken = await parts.database.at_once(taking)
    for engine in parts.database.engines:
        event.remove(engine, "before_cursor_execute", note)
    assert taken is not None
    assert [ready.row.key for ready in taken] == [f"{number:02}" for number in range(8)]
    _, expired, candidates = plans
    assert expired == "SEARCH outbox USING INDEX ix_outbox_expiring (expires<?)"
    assert candidates.startswith("SCAN outbox USING INDEX ix_outbox_waiting; CORRELATED")
    assert "TEMP B-TREE" not in candidates


async def test_no_more_are_marked_than_are_sent_at_once(
    server: FakeHomeserver, machine: Machine
) -> None:
    """What is marked cannot be taken back any more."""
    parts = await filled(server, machine)
    hold = asyncio.Event()
    server.fail(Fault("send", hold=hold, times=ROOMS))
    async with parts.sending():

        async def all_places_are_taken() -> bool:
            return server.requests["send"] == AT_ONCE

        await wait_for(all_places_are_taken, 10)
        states = [(await parts.row(f"{number:02}")).state for number in range(ROOMS)]
        assert states == ["sending"] * AT_ONCE + ["queued"] * (ROOMS - AT_ONCE)
        async with parts.database.write() as session:
            keys = [f"{number:02}" for number in range(ROOMS)]
            withdrawn = await parts.outbox.withdraw(session, keys)
        assert sorted(withdrawn) == keys[AT_ONCE:]
        hold.set()
        await parts.until_all_sent()
    assert sum(len(room.by(BOT)) for room in server.rooms.values()) == AT_ONCE


async def test_where_one_is_to_follow_another_slowly_one_is_marked(
    server: FakeHomeserver, machine: Machine
) -> None:
    parts = await filled(server, machine)
    parts.sender._pace = Pace(4, parts.clock)
    hold = asyncio.Event()
    server.fail(Fault("send", hold=hold, times=ROOMS))
    async with parts.sending():

        async def one_is_under_way() -> bool:
            return server.requests["send"] >= 1

        await wait_for(one_is_under_way, 10)
        async with parts.database.read() as session:
            rows = [await session.get_one(Outgoing, id_) for id_ in range(1, ROOMS + 1)]
        marked = sum(row.state == "sending" for row in rows)
        assert marked <= server.requests["send"] + 1
        hold.set()


async def test_pins_of_many_rooms_that_go_out_together_stay_apart(
    server: FakeHomeserver, machine: Machine
) -> None:
    rooms = [server.create_room(members=[BOT]) for _ in range(AT_ONCE)]
    theirs = [room.say(ADA, "read the rules") for room in rooms]
    for room, rules in zip(rooms[1:], theirs[1:], strict=True):
        room.add(ADA, "m.room.pinned_events", {"pinned": [rules]}, "")
    parts = await machine.start()
    async with parts.sending():
        for number, room in enumerate(rooms):
            await parts.say(f"{number}", room.room_id)
        await parts.until_all_sent()
        async with parts.database.write() as session:
            for number, room in enumerate(rooms):
                await parts.outbox.pin(session, room.room_id, f"{number}")
        await parts.until_all_sent()
    for number, (room, rules) in enumerate(zip(rooms, theirs, strict=True)):
        ours = (await parts.row(f"{number}")).event_id
        pinned = room.state["m.room.pinned_events", ""]["content"]["pinned"]
        assert pinned == ([rules, ours] if number else [ours])
