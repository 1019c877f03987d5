"""`fosdembot run` on a database that cannot be used: one line with the remedy, and an end that
systemd sees. And whose the file is."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

from fosdembot.cli.checks.database import database_finding, make_private
from fosdembot.cli.config import Config
from simulation.homeserver import Homeserver
from simulation.postgres import Postgres
from tests.conftest import MakePerson

from .organiser import Running, forks, types, write_config

NEWER = "CREATE TABLE fosdembot_revision (version_num TEXT); INSERT INTO fosdembot_revision"


def fill(path: Path, script: str = "") -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"CREATE TABLE a (b); {script}")


def write_nonsense(path: Path) -> None:
    path.write_text("no database at all, but longer than its header" * 9)


def tear(path: Path) -> None:
    fill(
        path,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) "
        "INSERT INTO a SELECT hex(randomblob(20)) FROM n;",
    )
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 4096)


def cut(path: Path) -> None:
    tear(path)
    os.truncate(path, path.stat().st_size // 2)


def make_folder(path: Path) -> None:
    path.mkdir()


def write_newer(path: Path) -> None:
    fill(path, f"{NEWER} VALUES ('9999');")


CASES = [
    (write_nonsense, "is no database. Give another path"),
    (tear, "is damaged"),
    (cut, "is damaged"),
    (make_folder, "cannot be used: unable to open database file"),
    (write_newer, "was written by a newer fosdembot than this one. Install that version again"),
]


@pytest.mark.parametrize(("spoil", "why"), CASES)
async def test_one_line_says_what_is_wrong_with_it(
    tmp_path: Path, spoil: Callable[[Path], None], why: str
) -> None:
    account = {"id": "@bot:example.org", "homeserver": "http://127.0.0.1:1", "access_token": "x"}
    (tmp_path / "config.yaml").write_text(
        f"user: {{credentials: {account}, sync: false, autojoin: false}}\ndatabase: sqlite:bot.db\n"
    )
    spoil(tmp_path / "bot.db")
    refusal = (await types("run", "--config", tmp_path / "config.yaml")).refusal
    assert why in refusal
    assert str(tmp_path / "bot.db") in refusal


async def found(config: Path, database: str, thorough: bool = False) -> str:
    config.write_text(f"database: {database!r}\n")
    finding = await database_finding(Config.read(config), thorough)
    return "ok" if finding.well else " ".join((finding.text, *finding.todo))


async def test_a_look_at_it_reads_no_migration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alembic would stay in the bot's memory until its end."""
    for name in ("alembic", "alembic.script", "alembic.util"):
        monkeypatch.setitem(sys.modules, name, None)
    fill(tmp_path / "bot.db", f"{NEWER} VALUES ('0002');")
    assert await found(tmp_path / "config.yaml", "sqlite:bot.db") == "ok"


async def test_a_damaged_index_is_seen_by_who_looks_closer(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    fill(path, "CREATE INDEX c ON a (b); INSERT INTO a VALUES (1), (2), (3);")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "PRAGMA writable_schema=ON;"
            "UPDATE sqlite_master SET sql='CREATE INDEX c ON a (b) WHERE b > 1' WHERE name='c';"
        )
    assert "is damaged" in await found(tmp_path / "config.yaml", "sqlite:bot.db", thorough=True)


async def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    said = await found(tmp_path / "config.yaml", "sqlite:data/bot.db")
    folder = tmp_path / "data"
    assert said == f"{folder}/bot.db: there is no folder {folder} mkdir -p {folder}"


async def test_others_who_may_read_it_are_a_fault(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    fill(tmp_path / "bot.db")
    (tmp_path / "bot.db").chmod(0o640)
    assert await found(config, "sqlite:bot.db") == "ok"
    assert "chmod 600" in await found(config, "sqlite:bot.db", thorough=True)
    (tmp_path / "bot.db").chmod(0o600)
    assert await found(config, "sqlite:bot.db", thorough=True) == "ok"


async def test_a_relative_path_is_that_beside_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "50% of a # folder"
    folder.mkdir()
    config = folder / "config.yaml"
    config.write_text("database: sqlite:bot.db\n")
    assert Config.read(config).database == f"sqlite:{quote(str(folder))}/bot.db"
    config.write_text("database: sqlite:/srv/bot.db\n")
    assert Config.read(config).database == "sqlite:/srv/bot.db"
    # Where it was before, nobody begins with an empty one: that would say all again.
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    fill(elsewhere / "bot.db")
    assert f"but a {elsewhere}/bot.db" in await found(config, "sqlite:bot.db")
    fill(folder / "bot.db")
    assert await found(config, "sqlite:bot.db") == "ok"


def test_a_new_file_is_its_owner_s_alone_and_one_that_is_there_is_left(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    make_private(f"sqlite:{path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("x")
    make_private(f"sqlite:{path}")
    assert path.read_text() == "x"
    make_private("postgresql://127.0.0.1/x")


async def test_a_postgresql_database_of_a_newer_version(postgres: Postgres, tmp_path: Path) -> None:
    url = await postgres.create_database("newer")
    connection = await asyncpg.connect(url)
    await connection.execute(f"{NEWER} VALUES ('9999')")
    await connection.close()
    assert "newer fosdembot" in await found(tmp_path / "config.yaml", url)


async def test_run_ends_where_the_damage_shows_only_later(
    homeserver: Homeserver, person: MakePerson, new_folder: Path
) -> None:
    bot = await person("bot")
    write_config(new_folder / "config.yaml", homeserver, bot.account, {})
    fill(new_folder / "bot.db", f"{NEWER} VALUES ('0002');")
    outcome = await forks(new_folder, "run")
    assert outcome.code == 1
    assert "Not started: the database cannot be used (no such table: " in outcome.err
    assert "fosdembot doctor looks closer" in outcome.err


async def test_run_leaves_the_configuration_as_its_operator_wrote_it(
    homeserver: Homeserver, person: MakePerson, new_folder: Path
) -> None:
    bot = await person("bot")
    config = write_config(new_folder / "config.yaml", homeserver, bot.account, {})
    written = f"# Mine.\n{config.read_text()}".replace("plugin_config: {}", "plugin_config:  # all")
    config.write_text(written)
    async with Running(new_folder, "Startup completed", "run", "--config", str(config)):
        assert config.read_text() == written
    assert config.read_text() == written
    assert stat.S_IMODE((new_folder / "bot.db").stat().st_mode) == 0o600


async def test_an_account_that_is_logged_out_is_told_how_to_log_in(
    homeserver: Homeserver, person: MakePerson, new_folder: Path
) -> None:
    bot = await person("bot")
    config = write_config(new_folder / "config.yaml", homeserver, bot.account, {})
    config.write_text(config.read_text().replace(bot.account.access_token, "syt_of_last_year"))
    refusal = (await forks(new_folder, "run")).refusal
    assert refusal == f"{bot.user_id} is logged out; fosdembot init logs it in again"
