"""Every notice told once, every command answered once: standalone, on SQLite."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from fosdembot.demo.homeserver import Homeserver
from tests.client import Client, wait_for
from tests.conftest import MakeBot, MakeHomeserver, MakePerson

from . import scenarios
from .conference import Planned, settings, short_talks
from .scenarios import World, check_answers, check_notices, make_world, told, wait_until_joined

MANY = {"commands_per_minute": 10_000}


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
    world = await make_world("killed", homeserver, person, new_folder, rooms=5, talks=short_talks)
    # A minute is three seconds; a notice holds for thirty.
    quiet = {"level": "quiet", "qa_minutes": 10}
    config = settings(world.schedule, at=15, speed=20, limits=MANY, notices=quiet)
    bot = bot_factory(world.account, config)
    await scenarios.killed_at_random(bot, world, config, seed=20260131)


def _at_once(alias: str, number: int) -> Sequence[Planned]:
    return [Planned(number, f"Talk {number}", 20, 55, chat_room=alias, place=f"Hall {number}")]


async def test_32_talks_start_at_once_where_5_messages_a_second_are_allowed(
    person: MakePerson, bot_factory: MakeBot, private_homeserver: MakeHomeserver, new_folder: Path
) -> None:
    homeserver = await private_homeserver()
    world = await make_world(
        "limited", homeserver, person, new_folder, rooms=32, people=2, talks=_at_once
    )
    await homeserver.override_ratelimit(world.account.user_id, 5, 5)
    # Ten seconds to start in, then 32 at once.
    config = settings(
        world.schedule,
        at=18,
        speed=10,
        limits=MANY,
        notices={"level": "quiet", "qa_minutes": 0, "pin": False},
    )
    bot = bot_factory(world.account, config, homeserver)
    await bot.start()
    await wait_until_joined(world)
    await world.say(64)

    async def some_told() -> bool:
        return any([await told(world, room) for room in world.rooms.values()])

    await wait_for(some_told, 60, "the first of 32")
    bot.kill()
    await bot.start()
    await check_notices(world, config, 60)
    await check_answers(world, 120)
    order = await _kinds_in_order(world)
    first, last = order.index("now"), len(order) - order[::-1].index("now")
    # Between the first and the last notice, an answer only where one was under way.
    assert order[first:last].count("answer") <= 2


async def _kinds_in_order(world: World) -> list[str]:
    """What the bot sent to all rooms, by the homeserver's time."""
    sent: list[tuple[int, str]] = []
    for room in world.rooms.values():
        for event in await world.admin.events(room):
            if event["sender"] == world.account.user_id and event["type"] == "m.room.message":
                reply = "m.relates_to" in event["content"]
                sent.append((event["origin_server_ts"], "answer" if reply else "now"))
    return [kind for _, kind in sorted(sent)]


async def test_a_homeserver_that_goes_away_and_comes_back(
    person: MakePerson, bot_factory: MakeBot, private_homeserver: MakeHomeserver, new_folder: Path
) -> None:
    homeserver = await private_homeserver()
    world = await make_world("back", homeserver, person, new_folder, talks=_at_once)
    # "Now" falls due ten seconds from here, and Q&A twenty seconds after it.
    quiet = {"level": "quiet", "qa_minutes": 15}
    config = settings(world.schedule, at=0, speed=120, limits=MANY, notices=quiet)
    bot = bot_factory(world.account, config, homeserver)
    await bot.start()
    await wait_until_joined(world)
    await world.say(30)
    homeserver.kill()

    async def now_is_due() -> bool:
        return "Nothing goes out" in bot.log_text()

    # The talks start while it is away.
    await wait_for(now_is_due, 30)
    await homeserver.start()
    await check_notices(world, config, 120)
    await check_answers(world, 60)
