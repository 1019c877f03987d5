"""The command of `fosdembot demo`: a small conference on a real homeserver, started for it."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import signal
import sys
from importlib.util import find_spec
from pathlib import Path

import click
from aiohttp import ClientError

from simulation.client import RequestError
from simulation.server import ServerError

from .archive import CannotWrite
from .narrator import Narrator
from .play import play
from .verdict import LATE_AFTER

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command("demo")
@click.option("--once", is_flag=True, help="End with the conference; 1 if anything went wrong.")
@click.option(
    "--speed",
    type=click.FloatRange(1, 300),
    default=60,
    show_default=True,
    help="So many times as fast as real.",
)
@click.option(
    "--late-after",
    type=click.FloatRange(0.5, 60),
    default=LATE_AFTER,
    show_default=True,
    help="Real seconds after which a message is late; more for a machine that is busy.",
)
@click.option(
    "--summary",
    type=click.Path(dir_okay=False, path_type=Path),
    default="demo-summary.json",
    show_default=True,
    help="Where to write, as JSON, what was told and how late; transcripts go beside it.",
)
def command(once: bool, speed: float, late_after: float, summary: Path) -> None:
    """Play a small conference: three hours, two rooms, eight talks, in three minutes.

    Starts a homeserver and the bot on this machine, and tells what happens in the
    rooms. Ctrl-C ends everything.
    """
    if find_spec("synapse") is None:
        raise click.ClickException("the homeserver is not installed; run: make demo")
    if not summary.absolute().parent.is_dir():
        raise click.ClickException(f"there is no folder {summary.parent}")
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show "…" must not end the play.
        sys.stdout.reconfigure(errors="replace")
    sys.exit(asyncio.run(_play(once, speed, late_after, summary)))


async def _play(once: bool, speed: float, late_after: float, summary: Path) -> int:
    """The exit code; in the end all is stopped, whatever happened."""
    received: list[signal.Signals] = []
    task = asyncio.create_task(play(speed, late_after, once, summary, _tell, _narrator()))

    def stop(number: signal.Signals) -> None:
        received.append(number)
        task.cancel()

    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop, number)
    try:
        return 0 if await task else 1
    except (ClientError, RequestError, ServerError) as err:
        raise click.ClickException(str(err)) from None
    except CannotWrite as err:
        raise click.ClickException(f"{err}; name another folder with --summary") from None
    except asyncio.CancelledError:
        _tell("\nStopped. Nothing is left running.")
        return 0 if received == [signal.SIGINT] and not once else 128 + received[0]


def _narrator() -> Narrator:
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    return Narrator(_tell, width)


def _tell(line: str) -> None:
    click.echo(line, color=False if os.environ.get("NO_COLOR") else None)
