"""The file that a command writes for who called it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from fosdembot.transcripts.writing import replacing


@contextmanager
def written(to: Path, *, private: bool = False) -> Iterator[TextIO]:
    """The file that `--to` names, to write to; `private`: only its owner can read it, from its
    first byte on. Raises `click.ClickException` where it cannot be written."""
    try:
        with replacing(to, private=private) as file:
            yield file
    except OSError as err:
        raise click.ClickException(
            f"{to} cannot be written: {err.strerror}; name another file by --to"
        ) from None
