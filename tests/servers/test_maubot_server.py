"""The archive of `make build` in a full maubot server, as an organiser would run it."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Awaitable
from pathlib import Path

from fosdembot.demo.homeserver import Homeserver
from tests.conftest import MakePerson

from .maubot_server import MaubotServer, as_version, build_plugin
from .postgres import Postgres


def test_the_archive_holds_what_runs_and_nothing_else(tmp_path: Path) -> None:
    with zipfile.ZipFile(build_plugin(tmp_path)) as archive:
        names = archive.namelist()
    assert {"maubot.yaml", "base-config.yaml", "migrations/env.py", "LICENSE"} <= set(names)
    assert any(name.startswith("migrations/versions/") for name in names)
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests")]


async def test_two_instances_start_at_once_and_survive_an_upgrade(
    homeserver: Homeserver, postgres: Postgres, person: MakePerson, new_folder: Path
) -> None:
    archive = build_plugin(new_folder)
    ada = await person("ada")
    bots = [await person("bot"), await person("bot")]
    rooms = [await ada.create_room() for _ in bots]
    for bot, room in zip(bots, rooms, strict=True):
        await bot.join(room)

    async def all_answer(command: str, count: int) -> None:
        for bot, room in zip(bots, rooms, strict=True):
            await ada.send(room, command)
            said = await ada.wait_for_messages(room, count, sender=bot.user_id)
            assert len(said) == count

    database = await postgres.create_database("bots")
    async with MaubotServer(new_folder / "maubot", database) as server:
        await server.upload(archive)
        for bot in bots:
            await server.add_client(bot.account, homeserver.url)
        starts: list[Awaitable[None]] = []
        for bot, room in zip(bots, rooms, strict=True):
            config = {"organisers": [ada.user_id], "control_room": room}
            name = f"instance-{len(starts)}"
            starts.append(server.add_instance(name, bot.user_id, config))
        await asyncio.gather(*starts)
        await all_answer("!help", 1)
        await server.upload(as_version(archive, "0.1.1"))
        assert await server.is_started("instance-0")
        assert await server.is_started("instance-1")
        await all_answer("!conf status", 2)
        assert "Traceback" not in server.log_text()
