"""`fosdembot links`: the speakers' secret links, for a mail merge.

Written into the bot's database: the bot may run or not. Only hashes are kept there, so each run
makes new links; those that were made before stay valid until they are revoked.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO

import click
from sqlalchemy.exc import DBAPIError

from fosdembot.changes import Changes
from fosdembot.cli.config import NO_PAGES, Config, config_option
from fosdembot.cli.privacy import opened
from fosdembot.cli.writing import written
from fosdembot.clock import WallClock
from fosdembot.conference.hosts_rooms import HostsRooms
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.page_links import PageLinks
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database
from fosdembot.plugin import make_clock
from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.slots import is_talk, place_of
from fosdembot.texts import notices as texts
from fosdembot.transcripts import csv_cells

COLUMNS = ("talk", "title", "speaker", "link", "room", "start")
Rows = Sequence[tuple[str, ...]]


@click.command()
@config_option
@click.option("--csv", "wants_csv", is_flag=True, help="Make links, as a table: one row a speaker.")
@click.option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to this file, which only you can read; else it is printed.",
)
@click.option("--revoke", is_flag=True, help="Revoke all links of all talks and rooms first.")
def links(path: Path, wants_csv: bool, to: Path | None, revoke: bool) -> None:
    """Make a secret link for each speaker of each talk that is not over.

    Whoever has a link can take questions of that talk and answer them. Each run makes new ones;
    those made before stay valid. `--revoke` makes all invalid that there are, those that
    moderators passed on as well; `!talk page revoke` does so for one talk.
    """
    if not (wants_csv or revoke):
        raise click.UsageError("say what to do: --csv, --revoke, or both")
    config = Config.read(path)
    settings, _ = config.settings()
    if not settings.pages.public_url:
        raise click.ClickException(NO_PAGES)
    revoked, rows, full = asyncio.run(_make(config, settings, revoke=revoke, make=wants_csv))
    if revoke:
        click.echo(f"revoked: {revoked} links", err=True)
    if not wants_csv:
        return
    _write(to, rows)
    click.echo(
        f"{len(rows)} new links, valid until {settings.pages.link_days} days after each talk. "
        "Those made before stay valid: to make them invalid, run this again with --revoke",
        err=True,
    )
    for talk in full:
        click.echo(f"left out: talk {talk} has too many links: !talk page revoke {talk}", err=True)
    if full:
        raise SystemExit(1)


async def _make(
    config: Config, settings: Settings, *, revoke: bool, make: bool
) -> tuple[int, Rows, list[str]]:
    """How many were revoked; the rows; the talks that have too many links."""
    database = await opened(config)
    try:
        programme = await _programme(database, settings)
        if make and not programme.talks:
            raise click.ClickException("the bot has read no schedule yet: start it once")
        now = make_clock(settings.clock).now()
        made = PageLinks(programme, settings)
        async with database.write() as session:
            revoked = await made.revoke(session, now) if revoke else 0
            rows, full = [], []
            published = (await programme.schedule(session)).entries
            for talk in _left(programme, published, settings, now) if make else ():
                title, place = _whole(talk.title) or texts.UNTITLED, _whole(place_of(talk))
                start = talk.start.astimezone(programme.zone).isoformat(timespec="minutes")
                for name in dict.fromkeys(talk.persons) or ("",):
                    secret = await made.for_speaker(session, talk, now, name)
                    if secret is None:
                        full.append(talk.id)
                        break
                    url = PageAddresses(programme, settings).link(secret)
                    rows.append((talk.id, title, name, url, place, start))
            return revoked, rows, full
    except DBAPIError:
        raise click.ClickException(
            "the database is of an older version, or empty: start the bot once"
        ) from None
    finally:
        await database.close()


async def _programme(database: Database, settings: Settings) -> Programme:
    changes = Changes(logging.getLogger(__name__))
    named = HostsRooms(database, settings, changes)
    programme = Programme(database, settings, WallClock(), changes, named)
    await programme.load()
    await named.load()
    return programme


def _left(
    programme: Programme, talks: Iterable[Talk], settings: Settings, now: datetime
) -> list[Talk]:
    """Those that are not over, and have a talk room."""
    return [
        talk
        for talk in talks
        if talk.end > now and is_talk(talk, settings) and programme.address_for(talk) is not None
    ]


def _whole(text: str) -> str:
    """On one line, but not cut: it goes into a letter, not into a chat."""
    return " ".join(text.split())


def _write(to: Path | None, rows: Rows) -> None:
    if to is None:
        _table(sys.stdout, rows)
        return
    with written(to, private=True) as file:
        _table(file, rows)


def _table(file: TextIO, rows: Rows) -> None:
    csv_cells.write(file, COLUMNS, rows)
