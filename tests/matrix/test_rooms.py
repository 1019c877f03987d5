"""What the schedule names is joined, known again and followed; problems are told once."""

from __future__ import annotations

import pytest

from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import RoomAddress
from fosdembot.matrix.api import Json
from fosdembot.matrix.relations import replacement_in
from fosdembot.matrix.rooms import NO_ANSWER, NOT_ITS_SUCCESSOR, leading_elsewhere
from fosdembot.matrix.upgrades import follow_upgrade
from simulation.fake_homeserver import ADMIN, SERVER, FakeHomeserver
from simulation.fake_requests import Fault
from simulation.fake_rooms import FakeRoom
from simulation.waiting import wait_for

from .parts import BOT, Machine, Parts

KERNEL, LEGAL = f"#kernel:{SERVER}", f"#legal:{SERVER}"
AWAY = (502, {"error": "no JSON of Matrix"})


async def until_told(parts: Parts, *problems: dict[str, str]) -> None:
    async def so() -> bool:
        return len(parts.problems) >= len(problems)

    await wait_for(so, 10, "problems")
    assert parts.problems == list(problems)


async def test_what_is_wanted_is_joined(server: FakeHomeserver, machine: Machine) -> None:
    kernel, legal = server.create_room(KERNEL), server.create_room(LEGAL)
    parts = await machine.start()
    async with parts.entering(KERNEL, LEGAL, KERNEL):
        await parts.until_in(KERNEL, kernel.room_id)
        await parts.until_in(LEGAL, legal.room_id)

        async def told() -> bool:
            return parts.came_in > 0

        await wait_for(told, 10)
    assert server.requests["join"] == 2


async def test_what_waits_under_an_address_goes_to_the_room(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(KERNEL)
    parts = await machine.start()
    await parts.say("one", KERNEL)
    async with parts.sending(), parts.entering(KERNEL):
        await parts.until(one="sent")
    assert [event["content"]["body"] for event in room.by(BOT)] == ["one"]


async def test_a_known_room_costs_no_request(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(KERNEL)
    parts = await machine.start()
    async with parts.entering(KERNEL):
        await parts.until_in(KERNEL, room.room_id)
    server.requests.clear()
    again = await machine.start()
    async with again.entering(KERNEL):
        await again.until_in(KERNEL, room.room_id)

        async def looked() -> bool:
            return not again.rooms.has_untried()

        await wait_for(looked, 10)
        assert again.came_in == 0, "all have looked at the start, and nobody has written"
        # The database is new, the account is not: its rooms say what they are called.
        new = await machine.start(name="new")
        async with new.entering(KERNEL):
            await new.until_in(KERNEL, room.room_id)
    assert set(server.requests) == {"sync"}


@pytest.mark.parametrize("content", [{"alt_aliases": 5}, {"alias": 7, "alt_aliases": [None, {}]}])
async def test_an_odd_alias_event_breaks_nothing(
    content: Json, server: FakeHomeserver, machine: Machine
) -> None:
    odd = server.create_room(members=[BOT])
    odd.add(ADMIN, "m.room.canonical_alias", content, "")
    room = server.create_room(KERNEL)
    parts = await machine.start()
    async with parts.entering(KERNEL):
        await parts.until_in(KERNEL, room.room_id)


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        ("a:1 b:2", "a:1 b:2 c:3", "c"),
        ("a:1 b:2", "b:2", "a"),
        ("a:1 b:1 c:2 d:3", "a:1 b:2 c:2 d:3", "a b c"),
        ("a:1 b:1 c:2", "b:1 c:2", "a b"),
        ("a:1 b:2", "a:1 b:2", ""),
    ],
)
def test_whose_room_is_another(before: str, now: str, found: str) -> None:
    def led_to(text: str) -> dict[str, str]:
        return dict(each.split(":") for each in text.split())

    assert leading_elsewhere(led_to(before), led_to(now)) == set(found.split())


async def test_foreign_users_cannot_claim_an_alias(
    server: FakeHomeserver, machine: Machine
) -> None:
    trap = server.create_room(members=[BOT], creator="@eve:elsewhere.example")
    content = {"alias": KERNEL, "alt_aliases": [LEGAL]}
    trap.add("@eve:elsewhere.example", "m.room.canonical_alias", content, "")
    kernel = server.create_room(KERNEL)
    parts = await machine.start()
    async with parts.entering(KERNEL, LEGAL):
        await parts.until_in(KERNEL, kernel.room_id)
        await until_told(parts, {LEGAL: "M_NOT_FOUND"})
        assert await parts.room_of(LEGAL) is None


async def test_a_room_that_cannot_be_joined_is_told_once_and_holds_up_nobody(
    server: FakeHomeserver, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    private = server.create_room(KERNEL, public=False)
    legal = server.create_room(LEGAL)
    nowhere = f"#nowhere:{SERVER}"
    parts = await machine.start()
    async with parts.entering(KERNEL, nowhere, LEGAL):
        await parts.until_in(LEGAL, legal.room_id)
        await until_told(parts, {KERNEL: "M_FORBIDDEN", nowhere: "M_NOT_FOUND"})
        tried = server.requests["join"]
        parts.rooms.retry()

        async def tried_again() -> bool:
            return server.requests["join"] >= tried + 2

        await wait_for(tried_again, 10)
        assert len(parts.problems) == 1
        logged = [r.getMessage() for r in caplog.records if "not joined" in r.getMessage()]
        assert len(logged) == 2, "one line for each, with when it is tried again"
        assert all("try again within ten minutes" in line for line in logged)
        private.set_membership(ADMIN, BOT, "invite")
        await parts.until_in(KERNEL, private.room_id)

        async def told() -> bool:
            return bool(parts.solved)

        await wait_for(told, 10)
        assert parts.solved == [KERNEL], "and of the room that was joined at once, nothing"
    parts.solved.clear()
    parts = await machine.start()
    async with parts.entering(KERNEL, LEGAL):
        await parts.until_in(LEGAL, legal.room_id)
        assert parts.solved == [], "once"


async def test_a_limit_on_joining_is_honoured(server: FakeHomeserver, machine: Machine) -> None:
    rooms = {f"#room{n}:{SERVER}": server.create_room(f"#room{n}:{SERVER}") for n in range(5)}
    limited = (429, {"errcode": "M_LIMIT_EXCEEDED", "error": "", "retry_after_ms": 300})
    server.fail(Fault("join", answer=limited, times=2))
    parts = await machine.start()
    async with parts.entering(*rooms):
        for address, room in rooms.items():
            await parts.until_in(address, room.room_id)
        assert parts.problems == []
    assert server.requests["join"] <= 7 + 5


async def test_a_homeserver_that_is_away_is_no_problem_of_a_room_at_once(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(KERNEL)
    server.fail(Fault("join", answer=AWAY, times=2))
    parts = await machine.start()
    async with parts.entering(KERNEL):
        await parts.until_in(KERNEL, room.room_id)
        assert parts.problems == []
    server.fail(Fault("join", answer=AWAY, times=3))
    room.set_membership(ADMIN, BOT, "leave")
    again = await machine.start()
    async with again.entering(KERNEL):
        await until_told(again, {KERNEL: NO_ANSWER})


async def upgrade(server: FakeHomeserver, old: FakeRoom, predecessor: str) -> FakeRoom:
    new = server.create_room(create={"predecessor": {"room_id": predecessor}})
    old.add(ADMIN, "m.room.tombstone", {"replacement_room": new.room_id}, "")
    return new


async def follow(session: WriteSession, room: str, event: Json) -> None:
    if event["type"] == "m.room.tombstone":
        replacement = replacement_in(event["content"])
        if replacement is not None:
            await follow_upgrade(session, room, replacement, event["sender"])


async def test_a_chain_of_upgrades_is_followed(server: FakeHomeserver, machine: Machine) -> None:
    first = server.create_room(KERNEL)
    parts = await machine.start()
    parts.handled.first = follow
    async with parts.entering(KERNEL):
        await parts.until_in(KERNEL, first.room_id)
        second = await upgrade(server, first, first.room_id)
        await parts.until_in(KERNEL, None)
        parts.rooms.retry()
        await parts.until_in(KERNEL, second.room_id)
    third = await upgrade(server, second, second.room_id)
    fourth = await upgrade(server, third, third.room_id)
    again = await machine.start()
    again.handled.first = follow
    async with again.entering(KERNEL):
        await again.until_in(KERNEL, fourth.room_id)


async def test_from_a_room_that_does_not_know_its_predecessor_it_comes_back(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(KERNEL)
    parts = await machine.start()
    parts.handled.first = follow
    async with parts.entering(KERNEL):
        await parts.until_in(KERNEL, room.room_id)
        trap = await upgrade(server, room, "!another:elsewhere.example")
        await parts.until_in(KERNEL, None)
        parts.rooms.retry()
        await until_told(parts, {KERNEL: NOT_ITS_SUCCESSOR})
        await parts.until_in(KERNEL, room.room_id)
    assert trap.membership(BOT) == "leave"
    assert len(parts.problems) == 1


async def test_that_people_moved_on_is_told_where_it_is_back_first(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(KERNEL)
    parts = await machine.start()
    async with parts.entering(KERNEL):
        await parts.until_in(KERNEL, room.room_id)
    async with parts.database.write() as session:
        row = await session.get_one(RoomAddress, KERNEL)
        row.problem = NOT_ITS_SUCCESSOR
    again = await machine.start()
    async with again.entering(KERNEL):
        await until_told(again, {KERNEL: NOT_ITS_SUCCESSOR})

        async def over() -> bool:
            return again.solved == [KERNEL]

        again.rooms.wake.set()
        await wait_for(over, 10, "told that it is over")
    assert len(again.problems) == 1


@pytest.mark.parametrize(
    "content", [{}, {"replacement_room": 5}, {"replacement_room": "#alias:here"}, {"body": "x"}]
)
async def test_an_odd_tombstone_changes_nothing(
    content: Json, server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(KERNEL)
    parts = await machine.start()
    parts.handled.first = follow
    async with parts.entering(KERNEL):
        await parts.until_in(KERNEL, room.room_id)
        room.add(ADMIN, "m.room.tombstone", content, "")
        room.say(ADMIN, "after it")

        async def handled() -> bool:
            return "after it" in parts.handled.bodies

        await wait_for(handled, 10)
        assert await parts.room_of(KERNEL) == room.room_id
        row = await parts.get(RoomAddress, KERNEL)
        assert row is not None
        assert row.replaces is None


async def test_a_bridge_is_seen_on_entering(server: FakeHomeserver, machine: Machine) -> None:
    bridged = server.create_room(KERNEL, members=[f"@_irc_bob:{SERVER}"])
    plain = server.create_room(LEGAL, members=[f"@bob:{SERVER}"])
    parts = await machine.start()
    async with parts.entering(KERNEL, LEGAL):
        await parts.until_in(KERNEL, bridged.room_id)
        await parts.until_in(LEGAL, plain.room_id)
    rows = [await parts.get(RoomAddress, address) for address in (KERNEL, LEGAL)]
    assert [row is not None and row.bridged for row in rows] == [True, False]
