"""`fosdembot posters`: a page to print for each room, with the way to its questions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
from markupsafe import Markup

from fosdembot.cli.config import NO_PAGES, missing
from fosdembot.cli.preview import CONFIG, config_and_schedule, settings_with
from fosdembot.cli.schedule import load
from fosdembot.cli.writing import written
from fosdembot.conference.addresses import short_name
from fosdembot.conference.published import index
from fosdembot.page_templates import environment
from fosdembot.schedule.model import Schedule
from fosdembot.settings import Settings
from fosdembot.talks.naming import place_named
from fosdembot.texts import page_hall as texts
from fosdembot.texts.render import clean, say
from fosdembot.web.qr import qr_code
from fosdembot.web.rendering import as_html

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Poster:
    """Of a talk room."""

    word: str
    """Stands for it in addresses."""
    name: str
    room: str
    """Its short name in chat."""
    address: str
    """To type: without the scheme."""
    code: Markup
    alt: str


@click.command()
@config_and_schedule
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    default=Path("posters.html"),
    show_default=True,
    help="The file; or a folder that is there, which gets a file for each room.",
)
def posters(config: Path | None, source: str | None, zone: str | None, to: Path) -> None:
    """Write a page to print for each room: its name, a QR code, the short address.

    From the schedule and the settings alone; nothing in the file is loaded from elsewhere. The code
    leads to the room's page, and lets nobody in as a guest: that one is on the stage's page.
    """
    if config is None and not CONFIG.is_file():
        raise missing(CONFIG)
    settings = settings_with(config, source, zone)
    if not settings.pages.public_url:
        raise click.ClickException(NO_PAGES)
    if not settings.schedule.source:
        raise click.ClickException("which schedule? Name it with --schedule PATH_OR_ADDRESS")
    programme = load(settings.schedule.source, settings.schedule)
    made = of_rooms(programme, settings)
    if not made:
        raise click.ClickException("no talk of the schedule has a room")
    files = {to / f"{each.word.lstrip('~')}.html": [each] for each in made}
    for path, listed in files.items() if to.is_dir() else [(to, made)]:
        _write(path, listed, programme)
    click.echo(f"{to}: {len(made)} rooms")


def of_rooms(programme: Schedule, settings: Settings) -> list[Poster]:
    """By name."""
    published = index(programme, (), settings)
    found = []
    for address, talks in published.by_address.items():
        word = published.words.of(address)
        url = f"{settings.pages.public_url}/r/{word}"
        name = next(filter(None, map(place_named, talks)), "") or short_name(address)
        found.append(
            Poster(
                word=word,
                name=clean(name, LONGEST_NAME),
                room=short_name(address),
                address=url.partition("://")[2],
                code=qr_code(url),
                alt=say(texts.CODE, address=url).plain,
            )
        )
    return sorted(found, key=lambda poster: (poster.name.casefold(), poster.word))


def _write(path: Path, listed: list[Poster], programme: Schedule) -> None:
    template = environment("fosdembot.web", sentence=as_html).get_template("posters.html")
    title = clean(programme.title, LONGEST_NAME)
    page = template.render(posters=listed, title=title, words=texts)
    with written(path) as file:
        file.write(page)
