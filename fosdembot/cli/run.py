"""`fosdembot run`: the bot in maubot's standalone mode, until it is stopped.

What would end in a trace, or in waiting for ever, is refused first, in one line: systemd
and people can do something about that.
"""

from __future__ import annotations

import asyncio
import os
import runpy
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import aiohttp
import click

from fosdembot.cli.checks.account import LOGGED_OUT
from fosdembot.cli.checks.database import database_finding, make_private
from fosdembot.cli.checks.other_bots import other_bots_finding
from fosdembot.cli.config import Config, config_option, variable
from fosdembot.cli.homeserver import Login
from fosdembot.cli.ports import is_taken
from fosdembot.matrix.api import Api, HomeserverAway, MatrixError

SECONDS_FOR_ACCOUNT = 10.0
"""For the homeserver to say whether the account is logged in."""
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
    asyncio.run(_check_outside(config))
    os.environ[variable("database")] = config.database
    make_private(config.database)
    import_bot()
    standalone(path)


async def _check_outside(config: Config) -> None:
    """Refuse a database that cannot be used, and an account that is logged out."""
    database = await database_finding(config)
    if not database.well:
        raise click.ClickException(". ".join((database.text, *database.todo)))
    async with aiohttp.ClientSession() as http:
        # One that is away, maubot waits for.
        with suppress(HomeserverAway, TimeoutError):
            await _check_account(Api(http, Login(config.base_url, config.token)), config)


async def _check_account(api: Api, config: Config) -> None:
    try:
        async with asyncio.timeout(SECONDS_FOR_ACCOUNT):
            await api.whoami()
            other = await other_bots_finding(api, config)
    except MatrixError as err:
        if err.status == 401:
            raise click.ClickException(f"{config.user_id} is {LOGGED_OUT}") from None
        return
    if other is not None:
        # Not refused: the other may have died a minute ago, and this one take its place.
        click.echo("\n  ".join((f"Warning: {other.text}:", *other.todo)), err=True)


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
    # maubot writes the file anew, with its own comments in place of the operator's.
    import_module("maubot.standalone.config").Config.save = lambda _: None


def standalone(config: Path) -> None:
    """Become `python -m maubot.standalone` with this file; ends by `SystemExit`."""
    sys.argv = ["maubot.standalone", "-m", str(MANIFEST), "-c", str(config)]
    runpy.run_module("maubot.standalone", run_name="__main__", alter_sys=True)


def taken_port(config: Config) -> int | None:
    """The bot's port, if somebody listens there: mostly the bot itself."""
    host, port = str(config.get("server.hostname")), str(config.get("server.port"))
    return int(port) if port.isdecimal() and is_taken(host, int(port)) else None
