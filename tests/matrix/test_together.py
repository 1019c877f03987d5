"""Runs of events that know no order are handled together, and each takes effect once."""

from __future__ import annotations

from fosdembot.db.engine import WriteSession
from fosdembot.matrix.api import Json
from simulation.fake_homeserver import SERVER, FakeHomeserver

from .parts import BOT, Machine

ADA = f"@ada:{SERVER}"


async def test_a_run_of_events_that_know_no_order_is_handled_together(
    server: FakeHomeserver, machine: Machine
) -> None:
    room, other = (server.create_room(members=[BOT, ADA]) for _ in range(2))
    parts = await machine.start()
    await parts.catch_up()
    for body in ("+1", "+2", "!stop", "+3"):
        room.say(ADA, body)
    room.say(BOT, "+own")
    room.say(ADA, "+4")
    other.say(ADA, "+5")
    await parts.catch_up()
    assert parts.handled.together[0] == ["+1", "+2"]
    assert sorted(map(sorted, parts.handled.together)) == sorted(
        [["+1", "+2"], ["+3"], ["+4", "+5"]]
    )
    again = await machine.start()
    await again.catch_up()
    assert again.handled.bodies == []


async def test_of_a_run_that_fails_only_the_bad_one_is_lost(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    await parts.catch_up()

    async def fails(session: WriteSession, room: str, event: Json) -> None:
        if event["content"].get("body") == "+bad":
            raise KeyError("of our own")

    parts.handled.first = fails
    room.say(ADA, "+1")
    bad = room.say(ADA, "+bad")
    room.say(ADA, "+2")
    await parts.catch_up()
    assert parts.handled.bodies == ["+1", "+2"]
    assert list(await parts.failed_events()) == [bad]
