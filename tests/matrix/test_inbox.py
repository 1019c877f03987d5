"""Every event takes effect once, in the room's order, whatever happens in between."""

from __future__ import annotations

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import RoomState, SeenEvent
from fosdembot.matrix.api import Json
from fosdembot.matrix.power import power_of
from simulation.fake_homeserver import ADMIN, SERVER, FakeHomeserver

from .parts import BOT, Machine, bodies, handled
from .stand_ins import Crash, Crasher

ADA = f"@ada:{SERVER}"


async def test_a_gap_is_read_whole_and_in_order(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT, ADA])
    await (await machine.start()).catch_up()
    expected = [f"{number}" for number in range(250)]
    for body in expected:
        room.say(ADA, body)
    server.page_at_most = 40
    again = await machine.start()
    await again.catch_up()
    assert bodies(again) == expected
    last = await machine.start()
    await last.catch_up()
    assert bodies(last) == []


async def test_a_page_of_which_nothing_is_shown_is_not_the_end(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    await (await machine.start()).catch_up()
    expected = [f"{number}" for number in range(150)]
    for body in expected[:20]:
        room.say(ADA, body)
    for number in range(30):
        room.hidden.add(room.say(ADA, f"hidden {number}"))
    for body in expected[20:]:
        room.say(ADA, body)
    server.page_at_most = 10
    again = await machine.start()
    await again.catch_up()
    assert bodies(again) == expected


@pytest.mark.parametrize("before", [20, 300])
@pytest.mark.parametrize("after", [3, 150])
async def test_nothing_from_before_the_joining_is_obeyed(
    before: int, after: int, server: FakeHomeserver, machine: Machine
) -> None:
    await (await machine.start()).catch_up()
    room = server.create_room(members=[ADA])
    for number in range(before):
        room.say(ADA, f"before {number}")
    room.set_membership(BOT, BOT, "join")
    expected = [f"{number}" for number in range(after)]
    for body in expected:
        if body == "2":
            room.set_membership(BOT, BOT, "join", displayname="Not a joining")
        room.say(ADA, body)
    again = await machine.start()
    await again.catch_up()
    assert bodies(again) == expected


async def test_what_was_said_before_is_not_obeyed_after_a_crash_either(
    server: FakeHomeserver, machine: Machine
) -> None:
    """The joining has taken effect; the position, some batches later, has not."""
    await (await machine.start()).catch_up()
    room = server.create_room(members=[ADA])
    for number in range(50):
        room.say(ADA, f"before {number}")
    room.set_membership(BOT, BOT, "join")
    expected = [f"{number}" for number in range(240)]
    for body in expected[:120]:
        room.say(ADA, body)
    crasher = Crasher()
    cut = await machine.start(crasher=crasher)
    # sync, messages: before and after each; the second commit does not happen.
    crasher.at = crasher.steps + 6
    with pytest.raises(Crash):
        await cut.catch_up()
    assert 0 < len(bodies(cut)) < 120
    for body in expected[120:]:
        room.say(ADA, body)
    again = await machine.start()
    await again.catch_up()
    assert bodies(cut) + bodies(again) == expected


async def test_what_was_said_while_thrown_out_is_not_obeyed_before_the_return(
    server: FakeHomeserver, machine: Machine
) -> None:
    """Nor is what was said before the bot came in for the first time."""
    room = server.create_room(members=[ADA])
    await (await machine.start()).catch_up()
    room.say(ADA, "before")
    room.set_membership(BOT, BOT, "join")
    parts = await machine.start()
    async with parts.receiving():
        room.say(ADA, "first")
        await handled(parts, ["first"])
    room.say(ADA, "second")
    room.set_membership(ADMIN, BOT, "leave")
    room.say(ADA, "missed")
    again = await machine.start()
    await again.catch_up()
    assert bodies(again) == ["second"]
    assert await again.membership(room.room_id) == "leave"
    room.say(ADA, "missed too")
    room.set_membership(ADMIN, BOT, "invite")
    room.set_membership(BOT, BOT, "join")
    room.say(ADA, "third")
    last = await machine.start()
    async with last.receiving():
        await handled(last, ["missed", "missed too", "third"])
        room.say(ADA, "fourth")
        await handled(last, ["missed", "missed too", "third", "fourth"])


@pytest.mark.parametrize("missed", [1, 150])
async def test_thrown_out_and_back_between_two_looks(
    missed: int, server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    await (await machine.start()).catch_up()
    expected = ["first", *(f"missed {number}" for number in range(missed)), "second"]
    room.say(ADA, "first")
    room.set_membership(ADMIN, BOT, "leave")
    for body in expected[1:-1]:
        room.say(ADA, body)
    room.set_membership(ADMIN, BOT, "invite")
    room.set_membership(BOT, BOT, "join")
    room.say(ADA, "second")
    again = await machine.start()
    async with again.receiving():
        await handled(again, expected)


async def test_one_bad_event_is_recorded_and_the_next_ones_are_handled(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    await parts.catch_up()

    async def fails(session: WriteSession, room: str, event: Json) -> None:
        if event["content"].get("body") == "!bad":
            raise KeyError("of our own")

    room.say(ADA, "first")
    bad = room.say(ADA, "!bad")
    room.say(ADA, "second")
    parts.handled.first = fails
    await parts.catch_up()
    assert bodies(parts) == ["first", "second"]
    assert await parts.failed_events() == {bad: "KeyError: 'of our own'"}
    assert await parts.states() == {f"answer/{bad}": "queued"}
    again = await machine.start()
    await again.catch_up()
    assert bodies(again) == []


async def test_an_event_that_the_database_refuses_is_no_trouble_of_the_database(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    await parts.catch_up()
    bad = room.add(ADA, "m.room.pinned_events", {"pinned": "\ud800"}, "\ud800")["event_id"]
    room.say(ADA, "next")
    await parts.catch_up()
    assert bodies(parts) == ["next"]
    assert list(await parts.failed_events()) == [bad]


async def test_a_database_that_fails_is_waited_for(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    await parts.catch_up()
    failures = 3

    def full(_: object) -> None:
        nonlocal failures
        if failures > 0:
            failures -= 1
            raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    for engine in parts.database.engines:
        event.listen(engine, "commit", full)
    expected = [f"{number}" for number in range(30)]
    for body in expected:
        room.say(ADA, body)
    await parts.catch_up()
    assert failures == 0
    assert bodies(parts) == expected
    assert await parts.failed_events() == {}


async def test_a_database_that_fails_in_the_middle_of_an_event(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    await parts.catch_up()
    failures = 2

    async def fails(session: WriteSession, room: str, event: Json) -> None:
        nonlocal failures
        if event["content"].get("body") == "!second" and failures > 0:
            failures -= 1
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    for body in ("!first", "!second", "!third"):
        room.say(ADA, body)
    parts.handled.first = fails
    await parts.catch_up()
    assert bodies(parts) == ["!first", "!second", "!third"]
    assert await parts.failed_events() == {}
    assert len(await parts.states()) == 3


async def test_what_an_invitation_says_of_a_room_does_not_outlive_the_joining(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[ADA])
    parts = await machine.start()
    await parts.catch_up()
    room.set_membership(ADA, BOT, "invite")
    claimed = {"alias": f"#kernel:{SERVER}"}
    room.state["m.room.canonical_alias", ""] = {
        "type": "m.room.canonical_alias",
        "state_key": "",
        "sender": ADMIN,
        "content": claimed,
    }
    await parts.catch_up()
    key = (room.room_id, "m.room.canonical_alias", "")
    state = await parts.get(RoomState, key)
    assert state is not None
    assert state.content == claimed
    room.set_membership(BOT, BOT, "join")
    await parts.catch_up()
    assert await parts.get(RoomState, key) is None


async def test_who_became_a_moderator_later_was_none_before(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    await parts.catch_up()
    room.say(ADA, "!attendee")
    for number in range(120):
        room.say(ADA, f"{number}")
    room.add(ADMIN, "m.room.power_levels", {"users": {ADA: 50}}, "")
    room.say(ADA, "!moderator")
    for number in range(120):
        room.say(ADA, f"{number}")
    powers = {}

    async def note(session: WriteSession, room: str, event: Json) -> None:
        powers[event["content"].get("body")] = await power_of(session, room, ADA)

    again = await machine.start()
    again.handled.first = note
    await again.catch_up()
    assert (powers["!attendee"], powers["!moderator"]) == (0, 50)


async def test_it_is_known_who_sent_what(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT, ADA])
    await (await machine.start()).catch_up()
    event_id = room.say(ADA, "hello")
    parts = await machine.start()
    await parts.catch_up()
    async with parts.database.read() as session:
        seen = await session.get_one(SeenEvent, event_id)
    assert (seen.room_id, seen.sender) == (room.room_id, ADA)
