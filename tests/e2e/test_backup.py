"""A backup that is put back: what was said since is not said again, nor are decisions lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from simulation.conference import Planned, settings, write_schedule
from simulation.homeserver import Homeserver
from simulation.waiting import wait_for
from tests.conftest import MakeBot, MakePerson

from .scenarios import World, answer_to, check_answers, make_world, told, wait_until_joined


def save(database: Path, copy: Path) -> None:
    """As `sqlite3 bot.db ".backup copy.db"` does, while the bot runs."""
    with closing(sqlite3.connect(database)) as running, closing(sqlite3.connect(copy)) as saved:
        running.backup(saved)


def put_back(copy: Path, database: Path) -> None:
    for leftover in database.parent.glob(f"{database.name}*"):
        leftover.unlink()
    copy.rename(database)


async def ask(world: World, room: str, command: str) -> str:
    return await answer_to(world, room, await world.admin.send(room, command))


async def test_a_backup_is_put_back(
    homeserver: Homeserver, person: MakePerson, bot_factory: MakeBot, new_folder: Path
) -> None:
    world = await make_world("backup", homeserver, person, new_folder, rooms=1, people=1)
    ((alias, room),) = world.rooms.items()
    first = Planned(1, "Tiny kernels", 0, 30, chat_room=alias)
    write_schedule(world.schedule, [first, Planned(2, "Big kernels", 30, 30, chat_room=alias)])
    # A minute of the conference is a second.
    bot = bot_factory(world.account, settings(world.schedule, at=17, speed=60))
    await bot.start()
    await wait_until_joined(world)
    await ask(world, room, "!help")
    save(bot.folder / "bot.db", bot.folder / "copy.db")

    await world.say(5)
    assert "5 minutes late" in await ask(world, room, "!talk delay 5 2")
    said = await world.admin.wait_for_messages(room, 9, world.account.user_id)
    before = [message.body for message in said if message.reply_to is None]
    assert any(body.startswith("Q&A until") for body in before)
    await bot.stop()
    put_back(bot.folder / "copy.db", bot.folder / "bot.db")
    await bot.start()
    await check_answers(world)

    async def second_told() -> bool:
        return any("Big kernels" in body for body in (await told(world, room))[len(before) :])

    await wait_for(second_told, 30, "the second talk")
    after = await told(world, room)
    assert after[:-1] == before
    assert after[-1].startswith('Now, until 10:05: "Big kernels"')
