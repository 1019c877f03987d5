"""Real errors of real databases: which pass by themselves, which lie in what was written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from fosdembot.db.engine import Database, WriteSession, postgresql, sqlite
from fosdembot.db.errors import is_transient
from simulation.postgres import Postgres

TABLE = "CREATE TABLE notes (name varchar PRIMARY KEY, number integer NOT NULL)"
INSERT = text("INSERT INTO notes VALUES (:name, :number)")


async def error_of(work: Awaitable[Any]) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which one, the caller asks
        await work
    return caught.value


async def put(database: Database, name: str, number: Any = 1) -> None:
    async with database.write() as session:
        await session.execute(INSERT, {"name": name, "number": number})


async def test_a_violated_constraint_lies_in_what_was_written(database: Database) -> None:
    async with database.write() as session:
        await session.execute(text(TABLE))
    await put(database, "twice")
    assert not is_transient(await error_of(put(database, "twice")))
    assert not is_transient(await error_of(put(database, "nothing", None)))


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("a NUL: \0", 1),
        ("a lone surrogate: \ud800", 1),
        ("too large for its type", 2**40),
        ("too long for an index: " + "".join(map(str, range(10_000))), 1),
    ],
    ids=["NUL", "surrogate", "number", "length"],
)
async def test_what_postgresql_cannot_hold_lies_in_what_was_written(
    postgres: Postgres, request: pytest.FixtureRequest, name: str, number: int
) -> None:
    database = postgresql(await postgres.create_database(request.node.name))
    async with database.write() as session:
        await session.execute(text(TABLE))
    assert not is_transient(await error_of(put(database, name, number)))
    await database.close()


async def test_what_sqlite_cannot_hold_lies_in_what_was_written(new_folder: Path) -> None:
    database = sqlite(str(new_folder / "test.db"))
    async with database.write() as session:
        await session.execute(text(TABLE))
    assert not is_transient(await error_of(put(database, "a lone surrogate: \ud800")))
    assert not is_transient(await error_of(put(database, "too large for any type", 2**70)))
    await database.close()


async def test_a_locked_database_passes(new_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fosdembot.db.sqlite.LOCKED_AT_MOST", 0.2)
    database, other = (sqlite(str(new_folder / "test.db")) for _ in range(2))
    async with database.write() as session:
        await session.execute(text(TABLE))
        assert is_transient(await error_of(put(other, "name")))
    await put(other, "name")
    for each in (database, other):
        await each.close()


Use = Callable[[WriteSession], Awaitable[None]]


async def with_savepoint(session: WriteSession) -> None:
    async with session.begin_nested():
        await session.execute(INSERT, {"name": "name", "number": 1})


async def without(session: WriteSession) -> None:
    await session.execute(INSERT, {"name": "name", "number": 1})


@pytest.mark.parametrize("use", [with_savepoint, without])
async def test_a_killed_connection_passes(
    postgres: Postgres, request: pytest.FixtureRequest, use: Use
) -> None:
    url = await postgres.create_database(request.node.name)
    database, operator = postgresql(url), await asyncpg.connect(url)
    async with database.write() as session:
        await session.execute(text(TABLE))

    async def killed(session: WriteSession) -> None:
        pid = await session.scalar(text("SELECT pg_backend_pid()"))
        await operator.execute("SELECT pg_terminate_backend($1)", pid)

    async def killed_before() -> None:
        async with database.write() as session:
            await killed(session)
            await use(session)

    async def killed_after() -> None:
        async with database.write() as session:
            await use(session)
            await killed(session)

    assert is_transient(await error_of(killed_before()))
    assert is_transient(await error_of(killed_after()))
    # Neither of them is in the way of the next, nor was half of it kept.
    await put(database, "name")
    await operator.close()
    await database.close()


async def test_a_database_that_is_away_passes(new_folder: Path) -> None:
    async with Postgres(new_folder) as server:
        database = postgresql(server.url())
        async with database.write() as session:
            await session.execute(text(TABLE))
        server.kill()
        assert is_transient(await error_of(put(database, "away")))
        await server.start()
        await put(database, "back")
        await database.close()


async def test_a_database_that_does_not_answer_passes(
    new_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fosdembot.db.postgresql.ANSWER_WITHIN", 1.0)
    async with Postgres(new_folder) as server:
        database = postgresql(server.url())
        async with database.write() as session:
            await session.execute(text(TABLE))
        server.pause()
        async with asyncio.timeout(30):
            assert is_transient(await error_of(put(database, "frozen")))
        server.resume()
        await put(database, "back")
        await database.close()


@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO nowhere VALUES (1)", "UPDATE notes SET missing = 1", "UPDATE notes SET"],
    ids=["table", "column", "syntax"],
)
async def test_what_cannot_be_executed_as_it_is_written_does_not_pass(
    database: Database, statement: str
) -> None:
    """It would be tried for ever, and all else would wait for it."""
    async with database.write() as session:
        await session.execute(text(TABLE))

    async def execute() -> None:
        async with database.write() as session:
            await session.execute(text(statement))

    assert not is_transient(await error_of(execute()))
    await put(database, "the next one")


async def test_what_may_not_be_done_at_the_moment_passes(
    postgres: Postgres, request: pytest.FixtureRequest
) -> None:
    database = postgresql(await postgres.create_database(request.node.name))
    async with database.write() as session:
        await session.execute(text(TABLE))
        await session.execute(text("CREATE ROLE nobody_in_notes"))

    async def refused() -> None:
        async with database.write() as session:
            await session.execute(text("SET LOCAL ROLE nobody_in_notes"))
            await session.execute(INSERT, {"name": "name", "number": 1})

    assert is_transient(await error_of(refused()))
    await put(database, "name")
    await database.close()


async def test_a_transaction_that_the_database_ended_by_itself_passes(new_folder: Path) -> None:
    """As SQLite does where the disk is full."""
    database = sqlite(str(new_folder / "test.db"))
    async with database.write() as session:
        await session.execute(text(TABLE))

    async def ended() -> None:
        async with database.write() as session, session.begin_nested():
            await session.execute(text("ROLLBACK"))

    assert is_transient(await error_of(ended()))
    await put(database, "name")
    await database.close()


@pytest.mark.parametrize("err", [ValueError("ours"), KeyError("ours"), RuntimeError("ours")])
def test_a_fault_of_ours_does_not_pass(err: Exception) -> None:
    assert not is_transient(err)


def test_a_time_limit_passes() -> None:
    assert is_transient(TimeoutError())
