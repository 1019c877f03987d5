"""A database of an earlier version, with rows in every table, is upgraded: nothing is lost."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, MetaData, Table, func, select

import fosdembot.db.question_tables
import fosdembot.db.tables  # noqa: F401
from fosdembot.db.base import Base
from fosdembot.db.engine import Database
from fosdembot.db.migrate import VERSION_TABLE, migrate
from fosdembot.db.question_tables import Answer, Board
from simulation.parts import Repository

ROWS = (1, 2, 3)
STANDINGS = ("in_force", "held", "refused")
RENAMED = {"answers": {"event_id": "cause"}, "vote_marks": {"event_id": "cause"}}
"""By table, columns that have another name since."""
AT = datetime.fromisoformat("2026-01-31T09:00:00+00:00")


class Earlier(Repository):
    """The migrations up to a revision."""

    def __init__(self, last: str) -> None:
        self._last = last

    async def list_files(self, directory: str, /) -> list[str]:
        names = await super().list_files(directory)
        return [n for n in names if not n[:4].isdigit() or PurePosixPath(n).name[:4] <= self._last]


def fixed(table: str, n: int) -> dict[str, Any]:
    """What is not free to be anything."""
    found: dict[str, dict[str, Any]] = {
        "outbox": {"kind": "message", "state": "sent", "key": f"message_key-{n}", "target": None},
        "rooms": {"membership": "join"},
        "schedules": {"standing": STANDINGS[n - 1]},
        "questions": {"state": "open", "merged_into": None},
        "barred": {"reason": "relay"},
        "letters": {"state": "sent"},
    }
    return found.get(table, {})


def made_up(table: Table, n: int) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        kind = column.type
        if isinstance(kind, sa.Boolean):
            row[column.name] = True
        elif isinstance(kind, sa.Integer):
            row[column.name] = n
        elif isinstance(kind, sa.DateTime):
            row[column.name] = AT if kind.timezone else AT.replace(tzinfo=None)
        elif isinstance(kind, sa.JSON):
            row[column.name] = {"number": n}
        elif isinstance(kind, sa.LargeBinary):
            row[column.name] = b"data"
        else:
            keys = [key.column.name for key in column.foreign_keys]
            row[column.name] = f"{(keys or [column.name])[0]}-{n}"
    return row | {k: v for k, v in fixed(table.name, n).items() if k in row}


async def filled(database: Database) -> dict[str, list[str]]:
    """Each table gets rows; by table, its columns."""
    columns: dict[str, list[str]] = {}

    def fill(connection: Connection) -> None:
        known = MetaData()
        known.reflect(connection)
        for table in known.sorted_tables:
            if table.name in (VERSION_TABLE, "instance"):
                continue
            columns[table.name] = [column.name for column in table.columns]
            for n in ROWS:
                connection.execute(table.insert().values(made_up(table, n)))

    await database.run_sync(fill)
    return columns


async def rows(database: Database, columns: dict[str, list[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}

    def look(connection: Connection) -> None:
        known = MetaData()
        known.reflect(connection)
        for name, wanted in columns.items():
            table = known.tables[name]
            query = select(*(table.c[column] for column in wanted))
            found[name] = sorted(repr(tuple(row)) for row in connection.execute(query))

    await database.run_sync(look)
    return found


async def test_all_that_was_there_is_there(database: Database) -> None:
    await migrate(database, Earlier("0002"))
    columns = await filled(database)
    before = await rows(database, columns)
    await migrate(database, Repository())
    now = {
        table: [RENAMED.get(table, {}).get(column, column) for column in names]
        for table, names in columns.items()
    }
    assert await rows(database, now) == before
    async with database.read() as session:
        for model in Base.registry.mappers:
            assert await session.scalar(select(func.count()).select_from(model.class_)) is not None
            (await session.scalars(select(model.class_))).all()
        boards = (await session.scalars(select(Board).order_by(Board.message_key))).all()
        assert [(b.room_id, b.says, b.posted_again) for b in boards] == [
            (f"room_id-{n}", None, 0) for n in ROWS
        ]
        answers = (await session.scalars(select(Answer))).all()
        assert [(answer.counts, answer.mark) for answer in answers] == [(True, None)] * 3
