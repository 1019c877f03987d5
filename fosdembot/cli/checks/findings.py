"""What was looked at, and what needs help: lines for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import click

MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    text: str
    well: bool | None = True
    """None: good to know, nothing to do."""
    todo: Sequence[str] = ()
    """What to do, or which ones are meant; one line each."""


class Report:
    """Prints what is found, as it is found."""

    def __init__(self) -> None:
        self.well = True
        """Whether nothing needs help."""

    def add(self, finding: Finding) -> None:
        _show(finding)
        self.well = self.well and finding.well is not False


def _show(finding: Finding) -> None:
    mark = {True: "ok", False: "HELP", None: "-"}[finding.well]
    click.echo(f"  {mark:<4}  {finding.what:<13}  {finding.text}")
    for line in finding.todo[:MOST_LINES]:
        click.echo(f"{'':23}{line}")
    if len(finding.todo) > MOST_LINES:
        click.echo(f"{'':23}and {len(finding.todo) - MOST_LINES} more")
