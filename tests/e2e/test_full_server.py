"""Every notice told once, every command answered once: full maubot server, PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from simulation.conference import MANY, settings
from simulation.homeserver import Homeserver
from simulation.maubot_server import MaubotServer
from simulation.postgres import Postgres
from tests.conftest import MakePerson

from . import scenarios
from .scenarios import World, make_busy_world, make_world, wait_until_joined


@pytest.fixture
async def database(new_folder: Path) -> AsyncIterator[Postgres]:
    """A PostgreSQL that a test may stop."""
    async with Postgres(new_folder / "private-postgres") as server:
        yield server


@pytest.fixture
async def server(database: Postgres, plugin: Path, new_folder: Path) -> AsyncIterator[MaubotServer]:
    """A maubot server with the plugin."""
    url = await database.create_database("maubot")
    async with MaubotServer(new_folder / "maubot", url, plugin=plugin) as running:
        yield running


async def _run(
    server: MaubotServer, homeserver: Homeserver, world: World, config: dict[str, Any]
) -> None:
    await server.add_client(world.account, homeserver.url)
    await server.add_instance(world.schedule.stem, world.account.user_id, config)
    await wait_until_joined(world)


async def test_commands_survive_downtime_freezing_and_a_database_that_restarts(
    homeserver: Homeserver,
    person: MakePerson,
    server: MaubotServer,
    database: Postgres,
    new_folder: Path,
) -> None:
    world = await make_world("pg-away", homeserver, person, new_folder)
    await _run(server, homeserver, world, settings(world.schedule, at=5, limits=MANY))
    await scenarios.commands_while_down(server, world)
    await scenarios.commands_while_frozen(server, world)
    await scenarios.poison_in_the_middle(server, world)

    async def restart() -> None:
        database.kill()
        await world.say(20)
        await database.start()

    await scenarios.database_fails(world, restart)


async def test_killed_thirty_times_while_notices_fall_due(
    homeserver: Homeserver, person: MakePerson, server: MaubotServer, new_folder: Path
) -> None:
    world, config = await make_busy_world("pg-killed", homeserver, person, new_folder)
    await _run(server, homeserver, world, config)
    await scenarios.killed_at_random(server, world, config, seed=20260201)
