"""`fosdembot transcript report`: how many took part, and what was answered."""

from __future__ import annotations

from pathlib import Path

import click

from fosdembot.cli.transcripts.common import folder_argument, opened, progress, tell, writing
from fosdembot.transcripts import report as pages


@click.command()
@folder_argument
@click.option(
    "--to",
    "target",
    metavar="OUT",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the report goes; not in what a web server serves.",
)
def report(directory: Path, target: Path) -> None:
    """Write tables and pages on all talks in DIR into OUT, also on those that are not published.

    index.html is for the organisers, NAME.html for the speakers of a talk, and talks.csv and
    tracks.csv are for spreadsheets.
    """
    folder = opened(directory)
    if target.resolve().is_relative_to(folder.public.resolve()):
        raise click.ClickException(
            f"{target} is what everybody may read: choose a folder outside {folder.public}"
        )
    names = folder.names()
    with writing(), progress(len(names), "reading") as passed:
        problems = pages.write(folder, target, passed)
    tell(problems)
    click.echo(target / "index.html")
