"""`fosdembot privacy …`: what is kept of a person.

Read from the bot's database and its transcripts: the bot may run or not, and nothing is changed.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import DBAPIError
from yarl import URL

from fosdembot.cli.checks.database import database_finding
from fosdembot.cli.config import Config, config_option
from fosdembot.cli.writing import written
from fosdembot.db.engine import Database, postgresql, sqlite
from fosdembot.db.personal import kept_of
from fosdembot.settings import Settings
from fosdembot.texts.render import clean
from fosdembot.transcripts import model_file
from fosdembot.transcripts.export import Kept, kept_in
from fosdembot.transcripts.folder import Folder
from fosdembot.transcripts.forgotten import BadList, Forgotten

_USER = re.compile(r"@[^:\s]{1,250}:[^\s:/]+(?::\d{1,5})?")


@click.group()
def privacy() -> None:
    """What is kept of a person."""


@privacy.command()
@click.argument("user")
@config_option
@click.option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to this file, which only you can read; else it is printed.",
)
def export(user: str, path: Path, to: Path | None) -> None:
    """Write everything that is kept of USER (@name:server) as one JSON document.

    From the database and from all transcripts, published or not. The ids of others are left out.
    """
    if len(user) > 255 or not _USER.fullmatch(user):
        shown = clean(user, 60)
        raise click.ClickException(f"{shown} is no Matrix id: type it in full, @name:server")
    config = Config.read(path)
    settings, _ = config.settings()
    kept = asyncio.run(_in_database(config, user))
    transcripts, problems = _in_transcripts(settings, user)
    found = {"person": user, "database": kept, "transcripts": transcripts}
    if to is None:
        # A terminal obeys some characters; JSON can do without.
        click.echo(json.dumps(found, indent=2))
    else:
        _write(to, found)
    for problem in problems:
        click.echo(f"left out: {problem}", err=True)
    if problems:
        raise SystemExit(1)


async def _in_database(config: Config, user: str) -> dict[str, Any]:
    database = await opened(config)
    try:
        async with database.read() as session:
            found = await kept_of(session, user)
    except DBAPIError:
        raise click.ClickException(
            "the database is of an older version, or empty: start the bot once"
        ) from None
    finally:
        await database.close()
    return {table: rows for table, rows in found.items() if rows}


async def opened(config: Config) -> Database:
    """The bot's database. Raises `click.ClickException`."""
    finding = await database_finding(config)
    if not finding.well:
        raise click.ClickException(". ".join((finding.text, *finding.todo)))
    url = URL(config.database)
    if not url.scheme.startswith("sqlite"):
        return postgresql(config.database)
    if not Path(url.path).exists():
        raise click.ClickException(f"there is no {url.path}: the bot has not run here")
    return sqlite(url.path)


def _in_transcripts(settings: Settings, user: str) -> tuple[dict[str, Kept], list[str]]:
    """By name what they have; and one line for each that cannot be read."""
    found: dict[str, Kept] = {}
    problems: list[str] = []
    if not settings.transcripts.folder.strip():
        return found, problems
    folder = Folder(Path(settings.transcripts.folder).expanduser())
    try:
        mark = Forgotten.read(folder).mark(user)
    except BadList as err:
        return found, [clean(str(err), 300)]
    for name in folder.names():
        model = folder.model(name)
        try:
            kept = kept_in(model_file.read(model), model_file.lines(model), user, mark)
        except model_file.BadModel as err:
            problems.append(clean(str(err), 300))
            continue
        if kept:
            found[name] = kept
    return found, problems


def _write(to: Path, found: dict[str, Any]) -> None:
    with written(to, private=True) as file:
        json.dump(found, file, indent=2, ensure_ascii=False)
        file.write("\n")
