"""`fosdembot transcript index`: the page that lists and searches all transcripts, made anew."""

from __future__ import annotations

from pathlib import Path

import click

from fosdembot.cli.transcripts.common import folder_argument, opened, progress, tell, writing
from fosdembot.texts.words import count
from fosdembot.transcripts import index as page


@click.command()
@folder_argument
def index(directory: Path) -> None:
    """Make DIR/public/index.html anew, with its search, from the transcripts in DIR.

    DIR is the folder of the setting `transcripts.folder`. The bot may run meanwhile.
    """
    folder = opened(directory)
    names = folder.names()
    with writing(), folder.locked(), progress(len(names), "reading") as passed:
        listed, problems = page.write(folder, passed)
    tell(problems)
    click.echo(f"{folder.public / 'index.html'}: {count(listed, 'talk')}")
