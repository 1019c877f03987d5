"""`fosdembot run`: the bot in maubot's standalone mode, until it is stopped."""

from __future__ import annotations

import asyncio
import runpy
import sys
from pathlib import Path

import click

MANIFEST = Path(__file__).parents[2] / "plugin.yaml"
"""The manifest of this checkout; a wheel has none, nor the migrations beside it."""


@click.command()
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default="config.yaml",
    show_default=True,
    help="maubot's standalone configuration; example-standalone.yaml explains it.",
)
def run(config: Path) -> None:
    """Run the bot until Ctrl-C (or SIGTERM)."""
    if not MANIFEST.is_file():
        raise click.ClickException(
            f"{MANIFEST} is missing: install fosdembot from its repository, with make install"
        )
    standalone(MANIFEST, config)


def standalone(manifest: Path, config: Path) -> None:
    """Become `python -m maubot.standalone` with these files; ends by `SystemExit`."""
    # maubot asks for the current event loop while it is imported, which Python 3.14
    # answers only where one was set.
    asyncio.set_event_loop(asyncio.new_event_loop())
    sys.argv = ["maubot.standalone", "-m", str(manifest), "-c", str(config)]
    runpy.run_module("maubot.standalone", run_name="__main__", alter_sys=True)
