"""Doctor and init go into rooms: servers that are away use up nobody else's time."""

from __future__ import annotations

import asyncio

import aiohttp

from fosdembot.cli.entering import enter
from fosdembot.conference.control_room import NOT_TRIED
from fosdembot.matrix.api import Api
from fosdembot.matrix.rooms import NO_ANSWER
from simulation.fake_homeserver import ADMIN, FakeHomeserver
from simulation.fake_requests import Fault

BOT = "@bot:fake.test"
DEAD = [f"#dead-{n}:fake.test" for n in range(3)]
GOOD = "#good:fake.test"
LAST = "#last:fake.test"


async def test_rooms_on_dead_servers_hold_up_no_others() -> None:
    async with FakeHomeserver() as server, aiohttp.ClientSession() as http:
        never = asyncio.Event()
        for alias in DEAD:
            server.fail(Fault("join", hold=never, room=alias, times=1000))
        rooms = {a: server.create_room(creator=ADMIN, alias=a).room_id for a in (GOOD, LAST)}
        tried: list[int] = []
        api = Api(http, server.log_in(BOT))
        addresses = [*DEAD, GOOD, LAST]
        entered = await enter(api, addresses, 60, lambda: tried.append(1), one_seconds=1)
    assert entered.rooms == rooms
    assert entered.problems == dict.fromkeys(DEAD, NO_ANSWER)
    assert len(tried) == len(addresses)


async def test_what_was_not_reached_in_time_is_left_for_later() -> None:
    async with FakeHomeserver() as server, aiohttp.ClientSession() as http:
        never = asyncio.Event()
        many = [f"#dead-{n}:fake.test" for n in range(6)]
        for alias in many:
            server.fail(Fault("join", hold=never, room=alias, times=1000))
        server.create_room(creator=ADMIN, alias=GOOD)
        api = Api(http, server.log_in(BOT))
        entered = await enter(api, [*many, GOOD], 1, lambda: None)
    assert entered.rooms == {}
    assert entered.problems == dict.fromkeys([*many, GOOD], NOT_TRIED)
