"""The real PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from simulation.postgres import Postgres


async def test_databases_are_apart(postgres: Postgres) -> None:
    one = await asyncpg.connect(await postgres.create_database("test-one"))
    two = await asyncpg.connect(await postgres.create_database("test-two"))
    await one.execute("CREATE TABLE notes (text text)")
    assert await one.fetchval("SELECT to_regclass('notes')") == "notes"
    assert await two.fetchval("SELECT to_regclass('notes')") is None
    await one.close()
    await two.close()


async def test_data_and_port_outlive_a_crash(new_folder: Path) -> None:
    async with Postgres(new_folder) as server:
        url = await server.create_database("kept")
        server.kill()
        await server.start()
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("SELECT current_database()") == "kept"
        await connection.close()
