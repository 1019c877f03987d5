"""What the commands on transcripts share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from fosdembot.transcripts.folder import Folder

_MANY = 20
"""Files, from which on one wants to see how far it is."""


folder_argument = click.argument(
    "directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path)
)


def opened(path: Path) -> Folder:
    """The folder of transcripts at `path`. Raises `ClickException` if it is none."""
    folder = Folder(path)
    if not folder.models.is_dir():
        raise click.ClickException(
            f"{path} is no folder of transcripts: name the one of the setting transcripts.folder"
        )
    return folder


@contextmanager
def progress(length: int, label: str) -> Iterator[Callable[[str], None]]:
    """Call what it yields for each file that is done. It shows only on a terminal."""
    quiet = length < _MANY or not sys.stderr.isatty()
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=quiet) as bar:
        yield lambda name: bar.update(1)


@contextmanager
def writing() -> Iterator[None]:
    """What cannot be written ends the command with one line."""
    try:
        yield
    except OSError as err:
        where = err.filename or "the folder"
        raise click.ClickException(
            f"{where} cannot be written: {err.strerror}; let the account that runs this write there"
        ) from None


def tell(problems: list[str], what: str = "left out") -> None:
    for problem in problems:
        click.echo(f"{what}: {problem}", err=True)
