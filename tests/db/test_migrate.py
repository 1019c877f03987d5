"""The tables are made and upgraded, from the repository and from inside the archive."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic.script import ScriptDirectory
from maubot.loader.abc import PluginLoader
from maubot.loader.meta import PluginMeta
from maubot.loader.zip import ZippedPluginLoader
from maubot.standalone.loader import FileSystemLoader
from ruamel.yaml import YAML
from sqlalchemy import Connection, inspect, select, text

from fosdembot.db.base import Base
from fosdembot.db.engine import Database, postgresql, sqlite
from fosdembot.db.errors import NewerDatabase
from fosdembot.db.migrate import VERSION_TABLE, Files, migrate
from fosdembot.db.tables import Instance, ToldNotice
from simulation.parts import Repository
from simulation.postgres import Postgres

from .conftest import OpenDatabase

ROOT = Path(__file__).parents[2]
NEXT_REVISION = '''
"""A revision of the future."""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "future", "{newest}"

def upgrade() -> None:
    op.add_column("told_notices", sa.Column("mood", sa.String()))
    op.create_table("moods", sa.Column("name", sa.String(), primary_key=True))
    {then}
'''


def folder(path: Path = ROOT) -> Files:
    """The plugin's files as standalone maubot reads them."""
    meta = PluginMeta.deserialize(YAML().load((ROOT / "plugin.yaml").read_text()))
    loader: Files = FileSystemLoader(str(path), meta)
    return loader


@pytest.fixture
def archive(built_plugin: Path) -> Iterator[Files]:
    """The plugin's files as a maubot server reads them."""
    loader: Files = ZippedPluginLoader(str(built_plugin))
    yield loader
    ZippedPluginLoader.path_cache.clear()
    PluginLoader.id_cache.clear()


def with_future_revision(path: Path, newest: str, then: str = "pass") -> Files:
    """The repository's files, and a revision that comes after the newest."""
    shutil.copytree(ROOT / "migrations", path / "migrations")
    revision = NEXT_REVISION.format(newest=newest, then=then)
    (path / "migrations" / "versions" / "future_moods.py").write_text(revision)
    return folder(path)


async def salt(database: Database) -> str:
    async with database.read() as session:
        return (await session.scalars(select(Instance.salt))).one()


async def revision(database: Database) -> str:
    async with database.read() as session:
        found = await session.execute(text(f"SELECT version_num FROM {VERSION_TABLE}"))
        return str(found.scalar_one())


async def table_names(database: Database) -> set[str]:
    return set(await shape(database))


async def shape(database: Database) -> dict[str, Any]:
    """What the database itself says of each of its tables."""

    def look(connection: Connection) -> dict[str, Any]:
        inspector = inspect(connection)
        return {
            table: {
                "columns": _sorted(inspector.get_columns(table)),
                "key": _sorted([inspector.get_pk_constraint(table)]),
                "indexes": _sorted(inspector.get_indexes(table)),
                "unique": _sorted(inspector.get_unique_constraints(table)),
                "checks": _sorted(inspector.get_check_constraints(table)),
                "references": _sorted(inspector.get_foreign_keys(table)),
            }
            for table in inspector.get_table_names()
        }

    async with database.engine.connect() as connection:
        return await connection.run_sync(look)


def _sorted(entries: Iterable[Any]) -> list[str]:
    """Reflected entries in an order that does not depend on when they were made."""
    return sorted(json.dumps(entry, default=str, sort_keys=True) for entry in entries)


async def test_the_tables_are_made_once(open_database: OpenDatabase) -> None:
    database = open_database()
    await migrate(database, folder())
    first = await salt(database)
    assert first
    await migrate(database, folder())
    await migrate(open_database(), folder())
    assert await salt(database) == first


class NamesOnly(Repository):
    """The repository's files, which nobody may read."""

    async def read_file(self, path: str, /) -> bytes:
        raise AssertionError(f"{path} was read")


async def test_where_nothing_is_new_no_migration_is_read(open_database: OpenDatabase) -> None:
    """That takes longer than the rest of a start, and bots start often."""
    database = open_database()
    await migrate(database, folder())
    first = await salt(database)
    await migrate(open_database(), NamesOnly())
    assert await salt(database) == first


def test_migrations_are_named_after_their_revisions_in_their_order() -> None:
    """By the names alone a start sees whether there is a new one."""
    known = ScriptDirectory(str(ROOT / "migrations")).walk_revisions()
    names = [path.name.partition("_")[0] for path in (ROOT / "migrations/versions").glob("*.py")]
    assert sorted(names) == [revision.revision for revision in known][::-1]


async def test_the_migrations_make_what_the_models_say(
    open_database: OpenDatabase, postgres: Postgres, new_folder: Path
) -> None:
    migrated = open_database()
    await migrate(migrated, folder())
    if migrated.engine.dialect.name == "sqlite":
        modelled = sqlite(str(new_folder / "modelled.db"))
    else:
        modelled = postgresql(await postgres.create_database(uuid4().hex))
    await modelled.run_sync(Base.metadata.create_all)
    expected = await shape(modelled)
    await modelled.close()
    found = await shape(migrated)
    del found[VERSION_TABLE]
    assert found == expected
    assert any(table["checks"] for table in found.values())


async def test_the_archive_makes_the_same_tables(
    open_database: OpenDatabase, archive: Files, new_folder: Path
) -> None:
    database = open_database()
    await migrate(database, archive)
    packed = await table_names(database)
    await migrate(database, folder())
    assert await table_names(database) == packed >= set(Base.metadata.tables)


async def test_instances_that_start_at_once_do_not_disturb_each_other(
    postgres: Postgres, new_folder: Path
) -> None:
    url = await postgres.create_database(uuid4().hex)
    whole = postgresql(url)
    async with whole.write() as session:
        for number in range(4):
            await session.execute(text(f"CREATE SCHEMA mbp_{number}"))
    databases = [whole]
    databases += [postgresql(url, f"mbp_{number}") for number in range(4)]
    databases += [sqlite(str(new_folder / f"{number}.db")) for number in range(4)]
    await asyncio.gather(*(migrate(database, folder()) for database in databases))
    salts = {await salt(database) for database in databases}
    assert len(salts) == len(databases)
    for database in databases:
        assert await table_names(database) >= set(Base.metadata.tables)
        await database.close()


async def test_an_upgrade_keeps_what_is_there(database: Database, tmp_path: Path) -> None:
    await migrate(database, folder())
    before = await salt(database)
    async with database.write() as session:
        session.add(ToldNotice(key="told", address="#room:example.org", message_key="message"))
    await migrate(database, with_future_revision(tmp_path, await revision(database)))
    assert await revision(database) == "future"
    assert await salt(database) == before
    async with database.read() as session:
        told = (await session.scalars(select(ToldNotice.key))).all()
        assert told == ["told"]
        assert (await session.execute(text("SELECT mood FROM told_notices"))).all() == [(None,)]


async def test_what_a_newer_version_wrote_is_refused_and_left(
    database: Database, tmp_path: Path
) -> None:
    await migrate(database, folder())
    await migrate(database, with_future_revision(tmp_path, await revision(database)))
    before = await shape(database)
    with pytest.raises(NewerDatabase, match="future"):
        await migrate(database, folder())
    assert (await shape(database), await revision(database)) == (before, "future")


async def test_an_upgrade_that_fails_changes_nothing(database: Database, tmp_path: Path) -> None:
    await migrate(database, folder())
    before = await shape(database), await revision(database)
    files = with_future_revision(tmp_path, before[1], then='op.execute("nonsense")')
    with pytest.raises(Exception, match="nonsense"):
        await migrate(database, files)
    assert (await shape(database), await revision(database)) == before
    await migrate(database, folder())
