"""One answer that cannot be read stops nothing: less is asked for, and what one event breaks is
that event's."""

from __future__ import annotations

from typing import Any

import pytest

from fosdembot.db.tables import Room
from fosdembot.matrix import api
from fosdembot.matrix.answers import read_sync
from fosdembot.matrix.wire import read_json
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.waiting import wait_for

from .parts import BOT, Machine, Parts

ADA = f"@ada:{SERVER}"
ODD = "the odd one"

DEEP = b"[" * 1000 + b"]" * 1000
ODD_VALUES = {
    "a thousand levels": DEEP,
    "a hundred thousand levels": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "5,000 digits": b"9" * 5000,
    "a large number": b"1e9999",
    "not a number": b"NaN",
    "a lone surrogate": b'"\\ud800"',
    "NUL": b'"\\u0000"',
    "half a character": b'"\xc3"',
    "a line break": b'"\n"',
    "null": b"null",
    "a list": b'["a"]',
}
BROKEN = {"a bracket": b'"x"}', "nothing": b"", "half a string": b'"', "a page": b"<html>"}


def bodies(parts: Parts) -> list[str]:
    return [body for body in parts.handled.bodies if body and body.isascii() and len(body) < 9]


async def until_heard(parts: Parts, *expected: str) -> None:
    async def so() -> bool:
        return set(bodies(parts)) >= set(expected)

    await wait_for(so, 20, f"{expected}")


def in_room(parts: Parts, prefix: str) -> list[str]:
    return [body for body in bodies(parts) if body.startswith(prefix)]


@pytest.mark.parametrize("raw", ODD_VALUES.values(), ids=ODD_VALUES)
async def test_an_odd_value_in_one_event_is_that_events(
    raw: bytes, server: FakeHomeserver, machine: Machine
) -> None:
    rooms = [server.create_room(members=[BOT, ADA]) for _ in range(2)]
    await (await machine.start()).catch_up()
    for room, name in zip(rooms, "ab", strict=True):
        room.say(ADA, f"{name}1")
        room.say(ADA, ODD, other=ODD)
        room.add(ADA, "m.room.message", {"body": f"{name}2", "m.relates_to": ODD})
        room.say(ADA, f"{name}3")
    server.raw[ODD] = raw
    parts = await machine.start()
    async with parts.receiving():
        await until_heard(parts, "a3", "b3")
    for name in "ab":
        assert in_room(parts, name) == [f"{name}1", f"{name}2", f"{name}3"]
    assert await parts.failed_events() == {}


ROOM = b'{"next_batch": "s2", "rooms": {"join": {"!room:fake.test": {"timeline": {"events": ['
GOOD = """{"event_id": "$%s", "type": "m.room.message", "sender": "@ada:fake.test",
  "origin_server_ts": 5, "content": {"body": "1"}, "state_key": null, "unsigned": 5}"""
RIGHT = {
    "event_id": b'"$odd"',
    "type": b'"m.room.message"',
    "sender": b'"@ada:fake.test"',
    "origin_server_ts": b"1",
    "content": b"{}",
}
ODD_IDS = [b'"a\\nb"', b'"' + b"x" * 300 + b'"', b'""', b"true", b"{}"]


@pytest.mark.parametrize("key", RIGHT)
@pytest.mark.parametrize("raw", [*ODD_VALUES.values(), *ODD_IDS], ids=lambda raw: repr(raw[:9]))
def test_an_event_that_is_none_is_told_apart(key: str, raw: bytes) -> None:
    odd = b",".join(b'"%s": %s' % (k.encode(), v) for k, v in (RIGHT | {key: raw}).items())
    first, last = (GOOD.replace("%s", name).encode() for name in ("first", "last"))
    answer = read_json(ROOM + first + b", {" + odd + b"}, " + last + b"]}}}}}")
    assert answer is not None
    (part,) = read_sync(answer).joined
    good = {
        "type": "m.room.message",
        "sender": "@ada:fake.test",
        "origin_server_ts": 5,
        "content": {"body": "1"},
        "unsigned": {},
    }
    assert part.events[0] == {"event_id": "$first", **good}
    assert part.events[-1] == {"event_id": "$last", **good}
    taken = len(part.events) == 3
    assert len(part.faults) == (0 if taken else 1)
    assert taken == (key == "content" and raw[:1] == b"{")
    assert all(fault.name.isprintable() and fault.why.isprintable() for fault in part.faults)


def test_what_another_face_gives_an_id_to_is_no_event() -> None:
    """Else a homeserver could send an event that is already something done by a page."""
    events = [GOOD.replace("$%s", name).encode() for name in ("web:1", "$1")]
    answer = read_json(ROOM + b", ".join(events) + b"]}}}}}")
    assert answer is not None
    (part,) = read_sync(answer).joined
    assert [event["event_id"] for event in part.events] == ["$1"]
    assert [fault.name for fault in part.faults] == ["web:1"]


SHAPES: list[Any] = [None, 5, "x", [], {}, [5, None, "x", [[]]], {"x": {"x": {"x": 5}}}]


@pytest.mark.parametrize("shape", SHAPES, ids=repr)
def test_an_answer_of_another_shape_says_nothing(shape: Any) -> None:
    for section in ("join", "leave", "invite"):
        for answer in (
            {"rooms": shape},
            {"next_batch": shape},
            {"rooms": {section: shape}},
            {"rooms": {section: {"!a:b": shape}}},
            {"rooms": {section: {"!a:b": {"timeline": shape, "invite_state": shape}}}},
            {"rooms": {section: {"!a:b": {"timeline": {"events": shape, "prev_batch": shape}}}}},
            {"rooms": {section: {"!a:b": {"invite_state": {"events": shape}, "state": shape}}}},
            {"rooms": {section: {"!a:b": {"state": {"events": shape}}}}},
        ):
            found = read_sync(answer)
            assert not any(part.events for part in (*found.joined, *found.left))
            assert not any(invitation.state for invitation in found.invited)


async def test_an_event_that_is_none_is_recorded(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(members=[BOT, ADA])
    await (await machine.start()).catch_up()
    room.say(ADA, "first")
    for value in (None, 10**400, "now"):
        room.add(ADA, "m.room.message", {"body": "odd"})["origin_server_ts"] = value
    room.say(ADA, "last")
    parts = await machine.start()
    async with parts.receiving():
        await until_heard(parts, "first", "last")
    assert list(await parts.failed_events()) == ["$event7", "$event8", "$event9"]


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
async def test_what_breaks_an_answer_is_passed_over_from_both_sides(
    raw: bytes, server: FakeHomeserver, machine: Machine
) -> None:
    rooms = [server.create_room(members=[BOT, ADA]) for _ in range(3)]
    await (await machine.start()).catch_up()
    for number in range(150):
        for room, name in zip(rooms, "abc", strict=True):
            room.say(ADA, ODD if (number, name) == (70, "b") else f"{name}{number}")
    server.raw[ODD] = raw
    parts = await machine.start()
    async with parts.receiving():
        await until_heard(parts, "a149", "b149", "c149")
        rooms[1].say(ADA, "b150")
        rooms[2].say(ADA, "c150")
        await until_heard(parts, "b150", "c150")
    for name in "abc":
        expected = [f"{name}{n}" for n in range(150) if (n, name) != (70, "b")]
        assert in_room(parts, name)[:150] == [*expected, f"{name}150"][:150]
    assert len(await parts.failed_events()) == 1


@pytest.mark.parametrize("known", [True, False])
async def test_what_is_too_large_is_asked_for_in_parts(
    known: bool, server: FakeHomeserver, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = [server.create_room(members=[BOT, ADA]) for _ in range(3)]
    await (await machine.start()).catch_up()
    for number in range(130):
        for room, name in zip(rooms, "abc", strict=True):
            room.say(ADA, f"{name}{number}", other="x" * 200)
    if not known:
        new = server.create_room(members=[ADA])
        new.say(ADA, "before")
        new.set_membership(BOT, BOT, "join")
        for number in range(130):
            new.say(ADA, f"d{number}", other="x" * 200)
    invited = server.create_room(creator=ADA)
    invited.set_membership(ADA, BOT, "invite")
    monkeypatch.setattr(api, "MAX_ANSWER_BYTES", 8000)
    parts = await machine.start()
    async with parts.receiving():
        names = "abc" if known else "abcd"
        await until_heard(parts, *(f"{name}129" for name in names))
        assert await parts.membership(invited.room_id) == "invite"
    for name in names:
        assert in_room(parts, name) == [f"{name}{number}" for number in range(130)]
    assert "before" not in bodies(parts)


async def test_even_where_not_even_one_event_of_each_room_fits(
    server: FakeHomeserver, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = [server.create_room(members=[BOT, ADA]) for _ in range(40)]
    await (await machine.start()).catch_up()
    for number, room in enumerate(rooms):
        for part in "ab":
            room.say(ADA, f"{number}{part}", other="x" * 200)
    monkeypatch.setattr(api, "MAX_ANSWER_BYTES", 5000)
    parts = await machine.start()
    async with parts.receiving():
        await until_heard(parts, *(f"{n}{part}" for n in range(40) for part in "ab"))
    assert len(bodies(parts)) == 80


async def test_an_old_account_whose_first_answer_is_too_large(
    server: FakeHomeserver, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = [server.create_room(members=[BOT, ADA]) for _ in range(20)]
    for room in rooms:
        room.say(ADA, "old")
    monkeypatch.setattr(api, "MAX_ANSWER_BYTES", 3000)
    parts = await machine.start()
    async with parts.receiving():
        for number, room in enumerate(rooms):
            room.say(ADA, f"new{number}")
        await until_heard(parts, *(f"new{number}" for number in range(20)))
    assert "old" not in bodies(parts)


@pytest.mark.parametrize("membership", ["leave", "ban", "join"])
@pytest.mark.parametrize("key", [None, 5, True])
async def test_a_member_event_of_nobody_says_nothing_of_us(
    membership: str, key: Any, server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    async with parts.entering():
        room.add(ADA, "m.room.member", {"membership": membership})["state_key"] = key
        room.say(ADA, "after")
        await until_heard(parts, "after")
        row = await parts.get(Room, room.room_id)
        assert row is not None
        assert (row.membership, row.deserted) == ("join", False)
        for _ in range(3):
            parts.invitations.wake.set()
            room.say(ADA, "later")
        await until_heard(parts, "later")
    assert room.membership(BOT) == "join"


async def test_a_line_break_in_an_id_makes_no_line_of_the_log(
    server: FakeHomeserver, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    room = server.create_room(members=[BOT, ADA])
    await (await machine.start()).catch_up()
    room.add(ADA, "m.room.message", {"body": "odd"})["sender"] = "@a:b\nERROR forged"
    room.say(ADA, "after")
    parts = await machine.start()
    async with parts.receiving():
        await until_heard(parts, "after")
    assert not any("\n" in record.getMessage() for record in caplog.records)
