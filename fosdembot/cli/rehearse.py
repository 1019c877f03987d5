"""`fosdembot rehearse`: a morning of the real schedule, in a room of one's own."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import threading
from pathlib import Path
from urllib.parse import quote

import aiohttp
import click

from fosdembot.cli.asking import Questions, room_given
from fosdembot.cli.config import Config, config_option
from fosdembot.cli.entering import enter
from fosdembot.cli.homeserver import Login
from fosdembot.cli.log_config import LOGGING
from fosdembot.cli.ports import free_port
from fosdembot.cli.rehearsal import Part, choose
from fosdembot.cli.run import import_bot, standalone, taken_port
from fosdembot.cli.schedule import addresses, load
from fosdembot.conference.control_room import why_not_joined
from fosdembot.matrix.api import Api, HomeserverAway, MatrixError
from fosdembot.schedule.model import Schedule
from fosdembot.settings import Settings
from fosdembot.talks.room_address import address_of
from fosdembot.texts.render import clean
from fosdembot.texts.words import clock_time, count, day_name, duration

SECONDS_TO_JOIN = 60.0
SECONDS_BESIDES = 7.0
"""On the wall, to start the bot, and to send what is told last."""


@click.command()
@click.argument("room", required=False)
@config_option
@click.option("--from", "begin", help="10:00 (on the first day), 2026-01-31 or 2026-01-31T10:00.")
@click.option("--until", help="Likewise; without it, to the end of the day's last talk.")
@click.option(
    "--speed",
    type=click.FloatRange(0, 10_000, min_open=True),
    default=30,
    show_default=True,
    help="How many times as fast as the real time.",
)
@click.option("--of", help="The place or track; without it, the place with the most talks.")
@click.option(
    "--yes", is_flag=True, help="Ask nothing, also where ROOM is one of the conference's."
)
def rehearse(
    room: str | None,
    path: Path,
    begin: str | None,
    until: str | None,
    speed: float,
    of: str | None,
    yes: bool,
) -> None:
    """Play a day of the schedule in a room of your own.

    ROOM is '#alias:server' or '!id', in quotes: the shell takes # for a comment. It is the
    real bot with its real settings, but all talks of one place or track take place in
    ROOM, and it neither speaks nor listens in any other. What happens is forgotten at
    the end, which Ctrl-C brings about sooner. The bot may run meanwhile.
    """
    if not room:
        raise click.UsageError(
            "which room? In quotes, since the shell takes # for a comment: "
            "fosdembot rehearse '#your-room:example.org'"
        )
    room = room_given(room)
    config = Config.read(path)
    config.check()
    settings, _ = config.settings()
    if not settings.schedule.source:
        raise click.ClickException(f"{path} names no schedule; fosdembot init asks for one")
    programme = load(settings.schedule.source, settings.schedule)
    part = choose(programme, settings, of, begin, until)
    room_id, names = asyncio.run(_go_in(config, room))
    known = {*addresses(programme, settings), settings.control_room, settings.rooms.default}
    question = f"{room} is a room of the conference. Rehearse there, before all who are in it?"
    if known & names and not Questions(yes).confirm(question, default=False):
        raise click.Abort
    click.echo(_announcement(room, part, programme, speed))
    if taken_port(config) is not None:
        click.echo(f"The bot itself runs too: commands in {room} it answers as well, as of now.")
    _play(config, settings, part, room_id, speed)


async def _go_in(config: Config, room: str) -> tuple[str, set[str]]:
    """The id of the room, joined, and all that it is known by."""
    async with aiohttp.ClientSession() as http:
        api = Api(http, Login(config.base_url, config.token))
        try:
            entered = await enter(api, [room], SECONDS_TO_JOIN, lambda: None)
            if room in entered.problems:
                why = why_not_joined(entered.problems[room], config.user_id).plain
                raise click.ClickException(f"{room}: {why}")
            room_id = entered.rooms[room]
            if await api.find_state(room_id, "m.room.encryption") is not None:
                raise click.ClickException(f"{room} is encrypted, and the bot cannot read that")
            alias = await api.find_state(room_id, "m.room.canonical_alias") or {}
            path = f"v3/rooms/{quote(room_id, safe='')}/aliases"
            aliases = (await api.request("GET", path)).get("aliases", [])
        except (HomeserverAway, MatrixError) as err:
            raise click.ClickException(f"The homeserver: {clean(str(err), 200)}") from None
    return room_id, {room, room_id, *aliases, *alias.get("alt_aliases", []), alias.get("alias")}


def _announcement(room: str, part: Part, programme: Schedule, speed: float) -> str:
    zone = programme.tz
    start, end = (clock_time(moment, zone, part.start) for moment in (part.start, part.end))
    return (
        f"Rehearsing {clean(part.of, 60) or 'all'} ({count(len(part.talks), 'talk')}) in "
        f"{clean(room, 255)}: {day_name(part.start, zone)}, {start} to {end}, {speed:g} times as "
        f"fast. That takes {duration((part.end - part.start) / speed)}; Ctrl-C ends it."
    )


def _play(config: Config, settings: Settings, part: Part, room: str, speed: float) -> None:
    import_bot()
    with tempfile.TemporaryDirectory(prefix="fosdembot-rehearsal-") as folder:
        rehearsed = _config(config, Path(folder), settings, part, room)
        clock = {"start": part.start.isoformat(), "speed": speed}
        rehearsed.put("plugin_config.clock", clock)
        rehearsed.write()
        # They would overrule the file: the real database above all.
        for name in [name for name in os.environ if name.startswith("MAUBOT_")]:
            del os.environ[name]
        length = (part.end - part.start).total_seconds() / speed + SECONDS_BESIDES
        end = threading.Timer(length, os.kill, (os.getpid(), signal.SIGTERM))
        end.daemon = True
        end.start()
        try:
            standalone(rehearsed.path)
        finally:
            click.echo("The rehearsal is over.")


def _config(config: Config, folder: Path, settings: Settings, part: Part, room: str) -> Config:
    """The real configuration, with a database that is thrown away, and one room."""
    port = free_port()
    copy = config.copied_to(folder / "config.yaml")
    values = {
        "user.credentials.id": config.user_id,
        "user.credentials.homeserver": str(config.base_url),
        "user.credentials.access_token": config.token,
        "database": f"sqlite:{folder}/rehearsal.db",
        "server.hostname": "127.0.0.1",
        "server.port": port,
        "server.public_url": f"http://127.0.0.1:{port}",
        "plugin_config.rehearsal": {"room": room, "of": part.of},
        "plugin_config.control_room": "",
        "plugin_config.rooms.default": "",
        # Faster as well, which the server that publishes it has not deserved.
        "plugin_config.schedule.poll_minutes": 1440,
        "logging": {**LOGGING, "root": {**LOGGING["root"], "level": "WARNING"}},
    }
    for key, value in values.items():
        copy.put(key, value)
    rooms = {address_of(talk, settings) for talk in part.talks}
    for name in ("edits_by_room", "stream_delay_by_room"):
        by_room = getattr(settings.notices, name)
        special = [value for address, value in by_room.items() if address in rooms]
        if special:
            copy.put(f"plugin_config.notices.{name}", {**by_room, room: special[0]})
    return copy
