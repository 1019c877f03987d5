"""`fosdembot transcript render`: the pages of talks, from their stored models."""

from __future__ import annotations

from pathlib import Path

import click

from fosdembot.transcripts import rendering
from fosdembot.transcripts.model_file import BadModel

from .common import progress, tell


@click.command()
@click.argument(
    "models", metavar="MODEL.json…", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--to",
    "target",
    metavar="DIR",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the folders of the talks go.",
)
def render(models: tuple[Path, ...], target: Path) -> None:
    """Make the pages, the text and the table of talks from their stored models.

    Each talk gets a folder in DIR. What cannot be read is named, and the rest goes on.
    """
    problems: list[str] = []
    with progress(len(models), "Rendering") as passed:
        for model in models:
            problem = _rendered(model, target)
            if problem is not None:
                problems.append(problem)
            passed(model.name)
    tell(problems)
    if problems:
        raise SystemExit(1)


def _rendered(model: Path, target: Path) -> str | None:
    """What is wrong, if something is."""
    try:
        rendering.render_file(model, target)
    except BadModel as err:
        return str(err)
    except rendering.NoContact:
        return f"{model.name} says not whom to write to: set privacy.contact, and make it anew"
    except OSError as err:
        where = err.filename or target
        return f"{model.name}: {where} cannot be written: {err.strerror}; choose another folder"
    return None
