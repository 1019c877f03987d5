"""`fosdembot …` on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

import click

from fosdembot import __version__

# Name → module and attribute. A command is imported only when it is used:
# reading a schedule should not wait for maubot.
_COMMANDS = {
    "demo": "fosdembot.cli.demo:demo",
    "doctor": "fosdembot.cli.doctor:doctor",
    "init": "fosdembot.cli.init:init",
    "links": "fosdembot.cli.links:links",
    "posters": "fosdembot.cli.posters:posters",
    "preview": "fosdembot.cli.preview:preview",
    "privacy": "fosdembot.cli.privacy:privacy",
    "rehearse": "fosdembot.cli.rehearse:rehearse",
    "rooms": "fosdembot.cli.rooms:rooms",
    "run": "fosdembot.cli.run:run",
    "schedule": "fosdembot.cli.schedule:schedule",
    "transcript": "fosdembot.cli.transcripts:transcript",
}
_MEANT = {"check": "fosdembot schedule check looks at a schedule, fosdembot doctor at the bot."}
"""What people type who look for another command."""


class Lazy(click.Group):
    """Commands by their name; each is imported only when it is used. `meant`: what is said of
    names that are not among them."""

    def __init__(
        self,
        *args: Any,
        places: Mapping[str, str],
        meant: Mapping[str, str] = MappingProxyType({}),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._places = places
        self._meant = meant

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._places:
            return None
        module, attribute = self._places[cmd_name].split(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as err:
            # click compares the name only with commands that are imported.
            said = " ".join(filter(None, [err.message, self._meant.get(err.command_name)]))
            raise click.NoSuchCommand(err.command_name, said, self._places, ctx) from None


@click.command(cls=Lazy, places=_COMMANDS, meant=_MEANT)
@click.version_option(__version__, message="fosdembot %(version)s")
def main() -> None:
    """Run the talk rooms of a conference on Matrix."""
