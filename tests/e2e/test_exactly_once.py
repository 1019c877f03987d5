"""Every notice told once, every command answered once: standalone, on SQLite."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulation.client import Client
from simulation.conference import MANY, Planned, settings
from simulation.homeserver import Homeserver
from simulation.waiting import wait_for
from tests.conftest import NO_PUSH, MakeBot, MakeHomeserver, MakePerson

from . import scenarios
from .scenarios import (
    World,
    check_answers,
    check_notices,
    make_busy_world,
    make_world,
    wait_until_joined,
)


async def test_commands_survive_downtime_freezing_joining_and_poison(
    homeserver: Homeserver, person: MakePerson, bot_factory: MakeBot, new_folder: Path
) -> None:
    world = await make_world("away", homeserver, person, new_folder)
    bot = bot_factory(world.account, settings(world.schedule, at=5, limits=MANY))
    await scenarios.commands_while_down(bot, world)
    await scenarios.commands_while_frozen(bot, world)
    async with Client(homeserver.url, world.account) as bot_client:
        await scenarios.joined_while_down(bot, world, bot_client)
    await scenarios.poison_in_the_middle(bot, world)


async def test_a_failing_database_loses_nothing(
    homeserver: Homeserver, person: MakePerson, bot_factory: MakeBot, new_folder: Path
) -> None:
    world = await make_world("locked", homeserver, person, new_folder)
    bot = bot_factory(world.account, settings(world.schedule, at=5, limits=MANY))
    await bot.start()
    await wait_until_joined(world)

    async def lock() -> None:
        # Longer than a writer waits for it (`busy_timeout`).
        database = sqlite3.connect(bot.folder / "bot.db", isolation_level=None)
        try:
            database.execute("BEGIN EXCLUSIVE")
            await asyncio.sleep(33)
            database.execute("ROLLBACK")
        finally:
            database.close()

    await scenarios.database_fails(world, lock)
    assert "database is locked" in bot.log_text()


async def test_killed_thirty_times_while_notices_fall_due(
    homeserver: Homeserver, person: MakePerson, bot_factory: MakeBot, new_folder: Path
) -> None:
    world, config = await make_busy_world("killed", homeserver, person, new_folder)
    bot = bot_factory(world.account, config)
    await scenarios.killed_at_random(bot, world, config, seed=20260131)


def _at_once(alias: str, number: int) -> Sequence[Planned]:
    return [Planned(number, f"Talk {number}", 20, 55, chat_room=alias, place=f"Hall {number}")]


async def test_32_talks_start_at_once_where_5_messages_a_second_are_allowed(
    person: MakePerson, bot_factory: MakeBot, private_homeserver: MakeHomeserver, new_folder: Path
) -> None:
    homeserver = await private_homeserver(NO_PUSH)
    world = await make_world(
        "limited", homeserver, person, new_folder, rooms=32, people=1, talks=_at_once
    )
    notices = {"level": "quiet", "qa_minutes": 0, "pin": False}
    bot = bot_factory(world.account, _config(world, at=0, notices=notices), homeserver)
    await bot.start()
    await wait_until_joined(world)
    await bot.stop()
    await homeserver.override_ratelimit(world.account.user_id, 5, 5)
    await world.say(32)
    # When it comes back, all 32 have just begun, and as many questions wait.
    bot.plugin_config = _config(world, at=21, notices=notices)
    await bot.start()

    async def some_told() -> bool:
        return _kinds(await _sent(world)).count("now") >= 10

    await wait_for(some_told, 60, "the first ten of 32")
    bot.kill()
    await bot.start()
    await check_notices(world, bot.plugin_config)
    await check_answers(world, 120)
    await check_notices(world, bot.plugin_config)
    order = _kinds(await _sent(world))
    # Eight requests are under way at once until the limit is first met, and what is due
    # is put in a moment after the bot began to answer.
    assert order.index("now") <= 8
    last = len(order) - order[::-1].index("now")
    assert order[:last].count("answer") <= 10
    assert order[last:].count("answer") >= 32 - 10


def _config(world: World, at: float, notices: dict[str, Any]) -> dict[str, Any]:
    return settings(world.schedule, at=at, limits=MANY, notices=notices)


async def _sent(world: World) -> list[dict[str, Any]]:
    """What the bot said in all rooms, by the homeserver's time."""
    sent: list[dict[str, Any]] = []
    for room in world.rooms.values():
        sent += [
            event
            for event in await world.admin.events(room)
            if event["sender"] == world.account.user_id and event["type"] == "m.room.message"
        ]
    return sorted(sent, key=lambda event: int(event["origin_server_ts"]))


def _kinds(events: list[dict[str, Any]]) -> list[str]:
    return ["answer" if "m.relates_to" in event["content"] else "now" for event in events]
