"""Who has power in a room is true also where a part of its history cannot be read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fosdembot.db.tables import Room, RoomState
from fosdembot.matrix.api import HomeserverAway, Json
from fosdembot.matrix.lagging import FORCED_AFTER, GIVEN_UP_AFTER
from simulation.fake_homeserver import ADMIN, FakeHomeserver
from simulation.fake_requests import Fault
from simulation.fake_rooms import FakeRoom
from simulation.waiting import wait_for

from .parts import BOT, Machine, Parts, until_heard
from .test_lagging import ADA, AWAY, FOR_EVER, much, until_behind

POWER = "m.room.power_levels"


@pytest.mark.parametrize("is_given_up", [False, True])
async def test_who_lost_their_power_in_what_cannot_be_read_has_lost_it(
    is_given_up: bool, server: FakeHomeserver, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = server.create_room(members=[BOT, ADA])
    bad.add(ADMIN, POWER, {"users": {ADMIN: 100, ADA: 50}}, "")
    await (await machine.start()).catch_up()
    much(bad, "bad")
    bad.add(ADMIN, POWER, {"users": {ADMIN: 100}}, "")
    bad.set_membership(ADA, ADA, "leave")
    much(bad, "bad", 130)
    parts = await machine.start()
    lagging, messages = parts.inbox.lagging, parts.api.messages
    tries = FOR_EVER if is_given_up else 0
    newest: list[Json] = []

    async def fails(room: str, direction: str, *args: Any, **options: Any) -> Json:
        """Only the newest page comes, at last."""
        if direction == "f" or newest or lagging._requests.failures(room) <= tries:
            raise HomeserverAway("no history")
        newest.append(await messages(room, direction, *args, **options))
        return newest[0]

    server.page_at_most = 50
    monkeypatch.setattr(parts.api, "messages", fails)
    async with parts.receiving():
        await until_behind(parts, bad, True)
        for _ in range(FORCED_AFTER):
            lagging._requests.failed(bad.room_id)
        if is_given_up:
            lagging._since[bad.room_id] = parts.clock.now()
            parts.clock.ahead = GIVEN_UP_AFTER + timedelta(minutes=1)
        lagging._requests.rest(bad.room_id, 0)
        lagging.wake.set()
        await until_behind(parts, bad, False)
    assert bool(newest) is not is_given_up
    levels = await parts.get(RoomState, (bad.room_id, POWER, ""))
    assert levels is not None
    assert levels.content["users"] == {ADMIN: 100}
    assert await parts.get(RoomState, (bad.room_id, "m.room.member", ADA)) is None


async def test_who_has_power_is_asked_again_until_an_answer_comes_also_after_a_restart(
    server: FakeHomeserver, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = server.create_room(members=[BOT, ADA])
    bad.add(ADMIN, POWER, {"users": {ADMIN: 100, ADA: 50}}, "")
    await (await machine.start()).catch_up()
    much(bad, "bad")
    bad.add(ADMIN, POWER, {"users": {ADMIN: 100}}, "")
    much(bad, "bad", 130)
    server.fail(Fault("messages", AWAY, room=bad.room_id, times=FOR_EVER))
    parts = await machine.start()
    lagging, sync = parts.inbox.lagging, parts.api.sync

    async def no_state(since: str | None, *args: Any) -> Json:
        if since is None:
            raise HomeserverAway("no state")
        return await sync(since, *args)

    async def was_tried() -> bool:
        return lagging._requests.failures(bad.room_id) > 0

    async def levels(of: Parts) -> Json:
        row = await of.get(RoomState, (bad.room_id, POWER, ""))
        assert row is not None
        users: Json = row.content["users"]
        return users

    monkeypatch.setattr(parts.api, "sync", no_state)
    async with parts.receiving():
        await until_behind(parts, bad, True)
        for _ in range(FORCED_AFTER):
            lagging._requests.failed(bad.room_id)
        lagging._since[bad.room_id] = parts.clock.now()
        parts.clock.ahead = GIVEN_UP_AFTER + timedelta(minutes=1)
        lagging._requests.rest(bad.room_id, 0)
        lagging.wake.set()
        await until_behind(parts, bad, False)
        bad.say(ADA, "bad, new")
        await until_heard(parts, "bad, new")
        await wait_for(was_tried, 20)
        assert bad.room_id in lagging.troubles
        assert lagging._requests.wait(bad.room_id) > 0
    assert await levels(parts) == {ADMIN: 100, ADA: 50}
    again = await machine.start()

    async def is_right() -> bool:
        return await levels(again) == {ADMIN: 100}

    async with again.receiving():
        await wait_for(is_right, 20)
        await until_known(again, bad)
    assert again.inbox.lagging.troubles == {}


async def until_known(parts: Parts, room: FakeRoom) -> None:
    async def so() -> bool:
        row = await parts.get(Room, room.room_id)
        return row is not None and row.state_lost_at is None

    await wait_for(so, 20)
