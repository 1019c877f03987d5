"""A room whose history cannot be read holds up no other, and loses nothing."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event

from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import Room
from fosdembot.matrix.api import Json
from fosdembot.matrix.lagging import AT_ONCE, FORCED_AFTER, GIVEN_UP_AFTER
from simulation.fake_homeserver import ADMIN, SERVER, FakeHomeserver
from simulation.fake_requests import Fault
from simulation.fake_rooms import FakeRoom
from simulation.stepped_clock import SteppedClock
from simulation.waiting import wait_for

from .parts import BOT, Machine, Parts, until_heard
from .stand_ins import Crash, Crasher

ADA = f"@ada:{SERVER}"
AWAY = (500, {"errcode": "M_UNKNOWN", "error": "Internal server error"})
FOR_EVER = 9**9


def heard(parts: Parts, prefix: str) -> list[str]:
    return [body for body in parts.handled.bodies if body.startswith(prefix)]


async def until_behind(parts: Parts, room: FakeRoom, behind: bool) -> None:
    async def so() -> bool:
        parts.crasher.check()
        row = await parts.get(Room, room.room_id)
        return row is not None and (row.behind is not None) is behind

    await wait_for(so, 20, f"behind: {behind}")


async def try_again(parts: Parts) -> None:
    """Now, instead of when its time has come."""
    parts.inbox.lagging._requests._trouble.clear()
    parts.inbox.lagging.wake.set()


def much(room: FakeRoom, prefix: str, first: int = 0) -> list[str]:
    """More than one answer holds."""
    bodies = [f"{prefix}{number}" for number in range(first, first + 130)]
    for body in bodies:
        room.say(ADA, body)
    return bodies


@pytest.mark.parametrize("others", [0, AT_ONCE + 4])
async def test_the_others_go_on_and_later_it_catches_up(
    others: int, server: FakeHomeserver, machine: Machine
) -> None:
    bad, good = (server.create_room(members=[BOT, ADA]) for _ in range(2))
    worse = [server.create_room(members=[BOT, ADA]) for _ in range(others)]
    await (await machine.start()).catch_up()
    faults = [
        server.fail(Fault("messages", AWAY, room=room.room_id, times=FOR_EVER))
        for room in (bad, *worse)
    ]
    for room in worse:
        much(room, "worse")
    expected, fine = much(bad, "bad"), much(good, "good")
    parts = await machine.start()
    async with parts.receiving():
        good.say(ADA, "good after")
        await until_heard(parts, *fine, "good after")
        bad.say(ADA, "bad after")
        good.say(ADA, "good last")
        await until_heard(parts, "good last")
        assert heard(parts, "bad") == []
        await until_behind(parts, bad, True)
        assert bad.room_id in parts.inbox.lagging.troubles
        for fault in faults:
            fault.times = 0
        await try_again(parts)
        await until_heard(parts, "bad after")
        await until_behind(parts, bad, False)
        bad.say(ADA, "bad last")
        await until_heard(parts, "bad last")
    assert heard(parts, "bad") == [*expected, "bad after", "bad last"]
    assert heard(parts, "good") == [*fine, "good after", "good last"]


async def test_a_room_that_never_answers_holds_up_nobody(
    server: FakeHomeserver, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fosdembot.matrix.timeline.PAGE_WITHIN", 0.5)
    rooms = [server.create_room(members=[BOT, ADA]) for _ in range(12)]
    good = server.create_room(members=[BOT, ADA])
    await (await machine.start()).catch_up()
    for room in rooms:
        server.fail(Fault("messages", hold=asyncio.Event(), room=room.room_id, times=FOR_EVER))
        much(room, "bad")
    fine = much(good, "good")
    parts = await machine.start()
    async with parts.receiving():
        await until_heard(parts, *fine)
    assert heard(parts, "good") == fine


async def test_a_room_that_answers_slowly_holds_up_nobody(
    server: FakeHomeserver, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page comes in time, but there are many."""
    monkeypatch.setattr("fosdembot.matrix.inbox.READ_WITHIN", 0.3)
    server.page_at_most = 10
    bad, good = (server.create_room(members=[BOT, ADA]) for _ in range(2))
    await (await machine.start()).catch_up()
    expected, fine = much(bad, "bad"), much(good, "good")
    parts = await machine.start()
    messages = parts.api.messages

    async def slow(room: str, *args: Any, **options: Any) -> Json:
        if room == bad.room_id:
            await parts.clock.sleep(0.2)
        return await messages(room, *args, **options)

    monkeypatch.setattr(parts.api, "messages", slow)
    async with parts.receiving():
        await until_heard(parts, *fine)
        assert len(heard(parts, "bad")) < len(expected)
        await until_behind(parts, bad, True)
        await until_behind(parts, bad, False)
    assert heard(parts, "bad") == expected
    assert heard(parts, "good") == fine


async def test_many_rooms_that_answer_slowly_hold_up_nobody(
    server: FakeHomeserver, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them comes in time."""
    monkeypatch.setattr("fosdembot.matrix.inbox.ALL_READ_WITHIN", 0.3)
    rooms = [server.create_room(members=[BOT, ADA]) for _ in range(10)]
    good = server.create_room(members=[BOT, ADA])
    await (await machine.start()).catch_up()
    expected = {body for n, room in enumerate(rooms) for body in much(room, f"bad{n} ")}
    good.say(ADA, "good")
    parts = await machine.start()
    messages = parts.api.messages

    async def slow(room: str, *args: Any, **options: Any) -> Json:
        await parts.clock.sleep(0.2)
        return await messages(room, *args, **options)

    monkeypatch.setattr(parts.api, "messages", slow)
    async with parts.receiving():
        # It has caught up.
        assert "good" in parts.handled.bodies
        assert not expected <= set(parts.handled.bodies)
        await until_heard(parts, *expected)
    assert len(heard(parts, "bad")) == len(expected)


async def test_what_is_committed_is_heard_of_also_when_the_time_is_over(
    server: FakeHomeserver, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the last part of what a room missed all others wait, so it gets little time."""
    monkeypatch.setattr("fosdembot.matrix.lagging.LAST_PART_WITHIN", 0.5)
    bad = server.create_room(members=[BOT, ADA])
    await (await machine.start()).catch_up()
    expected = much(bad, "bad")
    fault = server.fail(Fault("messages", AWAY, room=bad.room_id, times=FOR_EVER))
    parts = await machine.start()
    lagging, seen, clock = parts.inbox.lagging, set(), parts.clock
    assert isinstance(clock, SteppedClock)
    read_until = lagging._read_until

    async def with_news(room: Room, until: str, *within: float) -> None:
        await read_until(room, until, *within)
        if "bad last" not in seen:
            bad.say(ADA, "bad last")
            while await lagging._position() == until:
                await parts.clock.sleep(0.01)

    async def note(_: WriteSession, __: str, event: Json) -> None:
        seen.add(event["content"].get("body"))

    def takes_long(_: object) -> None:
        if "bad last" in seen:
            clock.hold(1)

    monkeypatch.setattr(lagging, "_read_until", with_news)
    parts.handled.first = note
    for engine in parts.database.engines:
        sqlalchemy_event.listen(engine, "commit", takes_long)
    async with parts.receiving():
        await until_behind(parts, bad, True)
        fault.times = 0
        await try_again(parts)
        await until_behind(parts, bad, False)
    assert heard(parts, "bad") == [*expected, "bad last"]


@pytest.mark.parametrize("is_new", [False, True])
async def test_it_lags_behind_also_after_a_restart(
    is_new: bool, server: FakeHomeserver, machine: Machine
) -> None:
    bad, good = (server.create_room(members=[ADA]) for _ in range(2))
    good.set_membership(BOT, BOT, "join")
    if not is_new:
        bad.set_membership(BOT, BOT, "join")
    await (await machine.start()).catch_up()
    if is_new:
        bad.say(ADA, "bad before")
        bad.set_membership(BOT, BOT, "join")
    expected = much(bad, "bad")
    fault = server.fail(Fault("messages", AWAY, room=bad.room_id, times=FOR_EVER))
    first = await machine.start()
    await first.catch_up()
    bad.say(ADA, "bad after")
    second = await machine.start()
    async with second.receiving():
        good.say(ADA, "good")
        await until_heard(second, "good")
        await until_behind(second, bad, True)
    fault.times = 0
    third = await machine.start()
    async with third.receiving():
        await until_behind(third, bad, False)
    assert heard(first, "bad") + heard(second, "bad") == []
    assert heard(third, "bad") == [*expected, "bad after"]


@pytest.mark.parametrize("at", range(2, 30, 4))
async def test_a_crash_while_it_catches_up_loses_and_doubles_nothing(
    at: int, server: FakeHomeserver, machine: Machine
) -> None:
    bad = server.create_room(members=[BOT, ADA])
    await (await machine.start()).catch_up()
    expected = much(bad, "bad")
    fault = server.fail(Fault("messages", AWAY, room=bad.room_id, times=FOR_EVER))
    await (await machine.start()).catch_up()
    fault.times = 0
    server.page_at_most = 40
    expected += much(bad, "bad", 130)
    crasher = Crasher()
    cut = await machine.start(crasher=crasher)
    crasher.at = crasher.steps + at
    with contextlib.suppress(Crash):
        async with cut.receiving():
            await until_behind(cut, bad, False)
    again = await machine.start()
    async with again.receiving():
        await until_behind(again, bad, False)
        bad.say(ADA, "bad last")
        await until_heard(again, "bad last")
    assert heard(cut, "bad") + heard(again, "bad") == [*expected, "bad last"]


async def test_a_position_that_is_not_known_any_more(
    server: FakeHomeserver, machine: Machine
) -> None:
    bad = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    async with parts.receiving():
        bad.say(ADA, "bad, heard")
        await until_heard(parts, "bad, heard")
    fault = server.fail(Fault("messages", AWAY, room=bad.room_id, times=2))
    expected = much(bad, "bad")
    parts = await machine.start()
    async with parts.receiving():
        await until_behind(parts, bad, True)
    assert fault.times == 0
    async with parts.database.write() as session:
        (await session.get_one(Room, bad.room_id)).behind = "of another homeserver"
    again = await machine.start()
    async with again.receiving():

        async def lost() -> bool:
            row = await again.get(Room, bad.room_id)
            return row is not None and row.behind in ("", None)

        await wait_for(lost, 20)
        await try_again(again)
        await until_behind(again, bad, False)
    assert heard(again, "bad") == expected


async def test_after_an_hour_it_goes_on_with_what_is_new(
    server: FakeHomeserver, machine: Machine
) -> None:
    bad = server.create_room(members=[BOT, ADA])
    await (await machine.start()).catch_up()
    much(bad, "bad")
    server.fail(Fault("messages", AWAY, room=bad.room_id, times=FOR_EVER))
    parts = await machine.start()
    async with parts.receiving():
        lagging = parts.inbox.lagging

        for tries in range(FORCED_AFTER):

            async def tried(tries: int = tries) -> bool:
                return lagging._requests.failures(bad.room_id) > tries

            lagging._requests.rest(bad.room_id, 0)
            lagging.wake.set()
            await wait_for(tried, 20)
        parts.clock.ahead = GIVEN_UP_AFTER + timedelta(minutes=1)
        lagging._requests.rest(bad.room_id, 0)
        lagging.wake.set()
        await until_behind(parts, bad, False)
        bad.say(ADA, "bad, new")
        await until_heard(parts, "bad, new")
    assert heard(parts, "bad") == ["bad, new"]
    assert len(await parts.failed_events()) == 1


@pytest.mark.parametrize("is_new", [False, True])
async def test_what_was_missed_while_removed_is_read_later_as_well(
    is_new: bool, server: FakeHomeserver, machine: Machine
) -> None:
    """Joined, removed and back, all in what cannot be read at first."""
    room = server.create_room(members=[ADA])
    if not is_new:
        room.set_membership(BOT, BOT, "join")
    await (await machine.start()).catch_up()
    room.say(ADA, "before")
    if is_new:
        room.set_membership(BOT, BOT, "join")
    room.say(ADA, "in 0")
    for number in (1, 2):
        room.set_membership(ADMIN, BOT, "leave")
        room.say(ADA, f"out {number}")
        room.set_membership(ADMIN, BOT, "invite")
        room.set_membership(BOT, BOT, "join")
        room.say(ADA, f"in {number}")
    after = much(room, "after")
    fault = server.fail(Fault("messages", AWAY, room=room.room_id, times=FOR_EVER))
    parts = await machine.start()
    async with parts.receiving():
        await until_behind(parts, room, True)
        fault.times = 0
        await try_again(parts)
        await until_heard(parts, after[-1])
        await until_behind(parts, room, False)
        room.say(ADA, "last")
        await until_heard(parts, "last")
    heard_all = [body for body in parts.handled.bodies if body]
    expected = ["in 0", "out 1", "in 1", "out 2", "in 2", *after, "last"]
    assert heard_all == (expected if is_new else ["before", *expected])
    row = await parts.get(Room, room.room_id)
    assert row is not None
    assert (row.membership, row.removed_at) == ("join", None)
