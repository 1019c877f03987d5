"""`fosdembot demo`: hands over to the simulation, which lies beside the package in a checkout."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

CHECKOUT = Path(__file__).parents[2]
"""Where the repository is, if this runs from it: a wheel, an image and a plugin archive have
only the bot."""


@click.command(
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
@click.pass_context
def demo(context: click.Context) -> Any:
    """Play a small conference: three hours, two rooms, eight talks, in three minutes."""
    if not (CHECKOUT / "simulation" / "demo").is_dir():
        raise click.ClickException(
            "the demo is not part of the installed bot; "
            "get the source of fosdembot, and type there: make demo"
        )
    # An installed command has only the bot on its path.
    sys.path.insert(0, str(CHECKOUT))
    from simulation.demo.command import command

    with command.make_context(context.info_name, context.args, context.parent) as play:
        return command.invoke(play)
