"""`fosdembot …` on the command line."""

from __future__ import annotations

from importlib import import_module

import click

from fosdembot import __version__

# Name → module and attribute. A command is imported only when it is used:
# reading a schedule should not wait for maubot.
_COMMANDS = {
    "demo": "fosdembot.cli.demo:demo",
    "doctor": "fosdembot.cli.doctor:doctor",
    "init": "fosdembot.cli.init:init",
    "preview": "fosdembot.cli.preview:preview",
    "rehearse": "fosdembot.cli.rehearse:rehearse",
    "rooms": "fosdembot.cli.rooms:rooms",
    "run": "fosdembot.cli.run:run",
    "schedule": "fosdembot.cli.schedule:schedule",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, attribute = _COMMANDS[cmd_name].split(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command


@click.command(cls=_Commands)
@click.version_option(__version__, message="fosdembot %(version)s")
def main() -> None:
    """Run the talk rooms of a conference on Matrix."""
