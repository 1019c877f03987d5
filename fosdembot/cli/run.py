"""`fosdembot run`: the bot in maubot's standalone mode, until it is stopped."""

from __future__ import annotations

import asyncio
import errno
import runpy
import socket
import sys
from importlib import import_module
from pathlib import Path

import click

from fosdembot.cli.config import Config, config_option

MANIFEST = Path(__file__).parents[2] / "plugin.yaml"
"""The manifest of this checkout; a wheel has none, nor the migrations beside it."""


@click.command()
@config_option
def run(path: Path) -> None:
    """Run the bot until Ctrl-C (or SIGTERM)."""
    config = Config.read(path)
    config.check()
    # Here, since maubot would show where in its code it noticed.
    config.settings()
    if (port := taken_port(config)) is not None:
        raise click.ClickException(
            f"port {port} is taken: does the bot run already? Else change server.port in {path}"
        )
    import_bot()
    standalone(path)


def import_bot() -> None:
    """What takes longest of a start, and must come before `standalone`."""
    if not MANIFEST.is_file():
        raise click.ClickException(
            f"{MANIFEST} is missing: install fosdembot from its repository, with make install"
        )
    # maubot asks for the current event loop while it is imported, which Python 3.14
    # answers only where one was set.
    asyncio.set_event_loop(asyncio.new_event_loop())
    import_module("fosdembot.plugin")


def standalone(config: Path) -> None:
    """Become `python -m maubot.standalone` with this file; ends by `SystemExit`."""
    sys.argv = ["maubot.standalone", "-m", str(MANIFEST), "-c", str(config)]
    runpy.run_module("maubot.standalone", run_name="__main__", alter_sys=True)


def taken_port(config: Config) -> int | None:
    """The bot's port, if somebody listens there: mostly the bot itself."""
    host, port = str(config.get("server.hostname")), str(config.get("server.port"))
    return int(port) if port.isdecimal() and is_taken(host, int(port)) else None


def is_taken(host: str, port: int) -> bool:
    """Whether somebody listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as err:
            return isinstance(err, OSError) and err.errno == errno.EADDRINUSE
    return False
