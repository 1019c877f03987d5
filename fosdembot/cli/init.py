"""`fosdembot init`: from an account and a schedule to a bot that can be started."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import click

from fosdembot.cli.asking import Questions
from fosdembot.cli.checks.database import database_finding
from fosdembot.cli.checks.findings import Report
from fosdembot.cli.checks.other_bots import other_bots_finding
from fosdembot.cli.checks.schedule import schedule_finding
from fosdembot.cli.config import Config, config_option
from fosdembot.cli.ports import first_free_port
from fosdembot.cli.setup.network import Network
from fosdembot.cli.setup.rooms import RoomSetup
from fosdembot.cli.setup.steps import Answers, Setup
from fosdembot.matrix.api import HomeserverAway, MatrixError
from fosdembot.texts.render import clean


@click.command()
@config_option
@click.option("--yes", is_flag=True, help="Ask nothing: the options and the file say it all.")
@click.option("--user", help="The bot's account, like @bot:example.org.")
@click.option("--homeserver", help="Its name (example.org) or address; else the account's.")
@click.option(
    "--password",
    envvar="FOSDEMBOT_PASSWORD",
    show_envvar=True,
    help="Others on this machine can see it in the list of processes; rather use the "
    "environment variable or a file.",
)
@click.option(
    "--password-file", type=click.File(), help="Its first line is the password; - is stdin."
)
@click.option("--organiser", "organisers", multiple=True, help="Your Matrix ID; may be repeated.")
@click.option("--schedule", "source", help="Path or http(s) address of the published schedule.")
@click.option("--zone", help="Time zone of the conference, where the schedule names none.")
@click.option("--room", help="#alias:server or !id: for all talks that have no chat room.")
@click.option("--control-room", help="#alias:server or !id, if you have made one already.")
def init(
    path: Path,
    yes: bool,
    user: str | None,
    homeserver: str | None,
    password: str | None,
    password_file: IO[str] | None,
    organisers: tuple[str, ...],
    source: str | None,
    zone: str | None,
    room: str | None,
    control_room: str | None,
) -> None:
    """Set the bot up, asking what it needs to know.

    The bot's account must exist. Logs in, makes a control room and invites the
    organisers, joins the talk rooms, tries how fast the homeserver lets it speak, and
    writes the configuration. Called again, it keeps what is there.
    """
    questions = Questions(silent=yes)
    if path.exists():
        config = Config.read(path)
        config.settings()
        click.echo(f"{path} is there: what it says is kept, except for what you answer now.")
        if not questions.confirm("Go on?"):
            raise click.Abort
    else:
        config = Config.new(path)
    if password_file is not None:
        password = password_file.readline().rstrip("\r\n")
    answers = Answers(user, homeserver, password, organisers, source, zone, room, control_room)
    with Network() as network:
        try:
            well = _set_up(config, questions, answers, network)
        except (HomeserverAway, MatrixError) as err:
            # The text is of the homeserver, or of the network.
            raise click.ClickException(f"The homeserver: {clean(str(err), 300)}") from None
    _say_goodbye(path, well)


def _set_up(config: Config, questions: Questions, answers: Answers, network: Network) -> bool:
    """Whether nothing needs help."""
    report = Report()
    setup = Setup(config, questions, answers, network, report)
    setup.account()
    setup.schedule()
    setup.organisers()
    setup.rooms()
    _settle_down(config)
    if (other := network.run(other_bots_finding(setup.api, config))) is not None:
        report.add(other)
        if not questions.confirm("Go on all the same?"):
            raise click.Abort
    config.write()
    report.add(schedule_finding(setup.programme, setup.settings, datetime.now(UTC)))
    report.add(network.run(database_finding(config)))
    RoomSetup(config, questions, network, setup.api, setup.programme, report).run()
    return report.well


def _settle_down(config: Config) -> None:
    """Where the database is, and the pages, unless that is decided."""
    if not config.get("database"):
        # From the folder of the configuration: both can be moved together.
        config.put("database", "sqlite:bot.db")
    if config.get("server.port") is None:
        config.put("server.hostname", "127.0.0.1")
        config.put("server.port", first_free_port(8080))
    if not config.get("server.public_url"):
        config.put("server.public_url", f"http://127.0.0.1:{config.get('server.port')}")


def _say_goodbye(path: Path, well: bool) -> None:
    if not well:
        click.echo(
            f"\nWhere it says HELP, there is something to do. It can be done later:\n"
            f"  {_command('doctor', path)}\nlooks again."
        )
    rehearse = f"{_command('rehearse', path)} '#your-room:example.org'"
    click.echo(f"\nAll is in {path}. To watch it first in a room of your own:\n\n  {rehearse}\n")
    click.echo(
        "In your client, accept the invitation to the control room: commands like !conf status "
        "go there, and I say there what needs help."
    )
    click.echo(f"\nStart the bot with:\n\n  {_command('run', path)}")


def _command(name: str, path: Path) -> str:
    """How to call another command, as this one was called."""
    script = sys.argv[0]
    called = script if Path(script).name == "fosdembot" else f"{sys.executable} -m fosdembot.cli"
    config = "" if str(path) == "config.yaml" else f" --config {path}"
    return f"{called} {name}{config}"
