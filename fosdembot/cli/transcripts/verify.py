"""`fosdembot transcript verify`: whether a folder of transcripts is whole."""

from __future__ import annotations

from pathlib import Path

import click

from fosdembot.cli.transcripts.common import folder_argument, opened, progress
from fosdembot.texts.words import count
from fosdembot.transcripts import verify as checking


@click.command()
@folder_argument
def verify(directory: Path) -> None:
    """Check the transcripts in DIR: models, sums, links, the index, and who can read what.

    Says what is wrong and what helps, a line each, and ends with 1 if anything is.
    """
    folder = opened(directory)
    names = folder.names()
    try:
        with progress(len(names), "checking") as passed:
            findings = checking.verify(folder, passed)
    except OSError as err:
        raise click.ClickException(
            f"{err.filename or folder.root} cannot be read: {err.strerror}; "
            "run this as the account that the bot runs as"
        ) from None
    for finding in findings:
        click.echo(finding)
    if findings:
        raise SystemExit(1)
    click.echo(f"{count(len(names), 'transcript')}, and all is well")
