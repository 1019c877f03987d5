"""What an earlier run left half done is found out, not guessed: standalone, on SQLite."""

from __future__ import annotations

import resource
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp

from simulation.bot import Bot
from simulation.conference import MANY, Planned, settings, write_schedule
from simulation.homeserver import Account, Homeserver
from simulation.waiting import wait_for
from tests.conftest import NO_PUSH, MakeBot, MakeHomeserver, MakePerson

from .scenarios import World, check_answers, database_fails, make_world, told, wait_until_joined

TINY_FILE = 64 * 1024
"""Bytes: more than the log has, less than the database."""


def _rows(bot: Bot, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(bot.folder / "bot.db", timeout=30)) as database, database:
        return database.execute(query).fetchall()


async def _other_device(homeserver: Homeserver, account: Account) -> Account:
    """The same account, logged in anew."""
    login = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": account.user_id},
        "password": account.password,
    }
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{homeserver.url}/_matrix/client/v3/login", json=login) as response,
    ):
        answer = await response.json()
    assert answer["device_id"] != account.device_id
    return replace(account, device_id=answer["device_id"], access_token=answer["access_token"])


def _talk(alias: str, room: int, talk: int) -> Planned:
    return Planned(10 * talk + room, f"Talk {talk}", 0, 350, f"Hall {room}", alias)


def _first_talk(alias: str, room: int) -> list[Planned]:
    return [_talk(alias, room, 0)]


def _begin_talk(world: World, talk: int) -> None:
    """From the next look at the schedule on, another talk is on in each room."""
    new = [_talk(alias, room, talk) for room, alias in enumerate(world.rooms)]
    world.talks = [*world.talks, *new]
    write_schedule(world.schedule, world.talks)


def _config(world: World) -> dict[str, Any]:
    # A second is a minute: so often is the schedule looked at.
    plain = {"level": "quiet", "qa_minutes": 0, "pin": False, "edits": "off"}
    return settings(world.schedule, at=5, speed=60, limits=MANY, notices=plain)


async def _check(world: World, talks: int) -> None:
    """Every command was answered once, and every talk told once."""
    for room in world.rooms.values():

        async def all_told(room: str = room) -> bool:
            return len(await _talks_told(world, room)) >= talks

        await wait_for(all_told, 60, f"{talks} notices in {room}")
    await check_answers(world)
    for room in world.rooms.values():
        said = await told(world, room)
        assert len(said) == len(set(said))
        assert await _talks_told(world, room) == [f"Talk {number}" for number in range(talks)]


async def _talks_told(world: World, room: str) -> list[str]:
    return [body.split('"')[1] for body in await told(world, room) if body.startswith("Now")]


async def _until_under_way(bot: Bot, number: int) -> None:
    async def so() -> bool:
        return len(_rows(bot, "SELECT id FROM outbox WHERE state = 'sending'")) >= number

    await wait_for(so, 60, f"{number} requests under way")


async def test_half_done_things_and_a_lost_position(
    person: MakePerson, bot_factory: MakeBot, private_homeserver: MakeHomeserver, new_folder: Path
) -> None:
    homeserver = await private_homeserver(NO_PUSH)
    world = await make_world("half", homeserver, person, new_folder, talks=_first_talk)
    bot = bot_factory(world.account, _config(world), homeserver)
    await bot.start()
    await wait_until_joined(world)
    await _check(world, talks=1)

    # The homeserver takes the requests, and answers when nobody is there to hear it.
    homeserver.pause()
    _begin_talk(world, 1)
    await _until_under_way(bot, 3)
    bot.kill()
    homeserver.resume()
    bot.account = await _other_device(homeserver, world.account)
    await bot.start()
    await _check(world, talks=2)

    # The homeserver never gets the requests.
    homeserver.kill()
    _begin_talk(world, 2)
    await _until_under_way(bot, 1)
    bot.kill()
    await homeserver.start()
    bot.account = await _other_device(homeserver, world.account)
    await bot.start()
    await _check(world, talks=3)

    # The bot stays, and the homeserver comes back.
    homeserver.kill()
    _begin_talk(world, 3)

    async def in_trouble() -> bool:
        return all(f"Nothing {what}" in bot.log_text() for what in ("comes in", "goes out"))

    await wait_for(in_trouble, 60)
    await homeserver.start()
    await _check(world, talks=4)

    # Nobody knows how far it had read.
    await bot.stop()
    _rows(bot, "DELETE FROM sync_position")
    await world.say(150)
    await bot.start()
    await _check(world, talks=4)


async def test_a_full_disk(
    homeserver: Homeserver, person: MakePerson, bot_factory: MakeBot, new_folder: Path
) -> None:
    world = await make_world("full", homeserver, person, new_folder, talks=_first_talk)
    bot = bot_factory(world.account, _config(world))
    await bot.start()
    await wait_until_joined(world)
    await _check(world, talks=1)

    async def in_trouble() -> bool:
        return "Nothing comes in" in bot.log_text()

    async def fill_disk() -> None:
        no_limit = resource.prlimit(bot.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (TINY_FILE, no_limit[1]))
        _begin_talk(world, 1)
        await wait_for(in_trouble, 60)
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, no_limit)

    await database_fails(world, fill_disk)
    await _check(world, talks=2)
