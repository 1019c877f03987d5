"""`fosdembot doctor`: whether all that the bot needs is there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import click

from fosdembot.cli.checks.account import account_finding
from fosdembot.cli.checks.database import database_finding
from fosdembot.cli.checks.findings import Finding, Report
from fosdembot.cli.checks.homeserver import homeserver_finding
from fosdembot.cli.checks.hosts import hosts_finding
from fosdembot.cli.checks.meetings import meetings_findings
from fosdembot.cli.checks.other_bots import other_bots_finding
from fosdembot.cli.checks.pages import pages_finding
from fosdembot.cli.checks.rooms import (
    control_room_finding,
    role_rooms_findings,
    rooms_findings,
)
from fosdembot.cli.checks.schedule import names_finding, schedule_finding
from fosdembot.cli.checks.settings import config_finding
from fosdembot.cli.checks.speed import measure, speed_finding
from fosdembot.cli.checks.transcripts import transcripts_finding
from fosdembot.cli.config import Config, config_option
from fosdembot.cli.entering import JOINING_SECONDS, enter, look_round
from fosdembot.cli.homeserver import Login, find_homeserver
from fosdembot.cli.own_rooms import absent
from fosdembot.cli.schedule import load, soonest_first
from fosdembot.clock import WallClock
from fosdembot.matrix.api import Api, HomeserverAway, MatrixError
from fosdembot.settings import Settings
from fosdembot.texts.render import clean


@click.command()
@config_option
@click.option(
    "--speed",
    is_flag=True,
    help="Also try how fast the homeserver lets the bot speak: on one message in the control room.",
)
def doctor(path: Path, speed: bool) -> None:
    """Look at all that the bot needs, and say what needs help.

    The bot may run meanwhile. Rooms that it is not in yet are joined, where they let
    it in. Ends with 1 where something needs help.
    """
    config = Config.read(path)
    config.check()
    settings, problems = config.settings()
    report = Report()
    report.add(config_finding(config, problems))
    if (transcripts := transcripts_finding(settings)) is not None:
        report.add(transcripts)
    wanted = _schedule(settings, report)
    asyncio.run(_look(config, settings, wanted, speed, report))
    if not report.well:
        raise SystemExit(1)


def _schedule(settings: Settings, report: Report) -> list[str]:
    """Returns the addresses of the talk rooms."""
    if not settings.schedule.source:
        todo = ("No room is told anything. In the file it is plugin_config, schedule, source.",)
        report.add(Finding("schedule", "none; fosdembot init asks for it", False, todo))
        return []
    try:
        programme = load(settings.schedule.source, settings.schedule)
    except click.ClickException as err:
        report.add(Finding("schedule", err.message, False))
        return []
    report.add(schedule_finding(programme, settings, datetime.now(UTC)))
    if (names := names_finding(programme, settings)) is not None:
        report.add(names)
    return soonest_first(programme, settings, WallClock().now())


async def _look(
    config: Config,
    settings: Settings,
    wanted: list[str],
    speed: bool,
    report: Report,
) -> None:
    report.add(await database_finding(config, thorough=True))
    for finding in await meetings_findings(settings.jitsi):
        report.add(finding)
    async with aiohttp.ClientSession() as http:
        report.add(await pages_finding(settings, http))
        try:
            server = await find_homeserver(http, str(config.base_url))
            report.add(homeserver_finding(server.base_url, server.ahead))
        except click.ClickException as err:
            report.add(Finding("homeserver", err.message, False))
            return
        api = Api(http, Login(config.base_url, config.token))
        try:
            account = await account_finding(api, config.user_id)
            report.add(account)
            if account.well:
                if (other := await other_bots_finding(api, config)) is not None:
                    report.add(other)
                await _rooms(api, config, settings, wanted, speed, report)
        except (HomeserverAway, MatrixError) as err:
            report.add(Finding("homeserver", clean(str(err), 200), False))


async def _rooms(
    api: Api,
    config: Config,
    settings: Settings,
    wanted: list[str],
    speed: bool,
    report: Report,
) -> None:
    control = settings.control_room
    own = await enter(api, [control] if control else [], JOINING_SECONDS, lambda: None)
    hosts = await enter(api, sorted(set(settings.hosts.values())), JOINING_SECONDS, lambda: None)
    talks = await enter(api, wanted, JOINING_SECONDS, lambda: None)
    around = await look_round(api)
    room = own.rooms.get(control)
    if control:
        missing = await absent(api, room, settings.organisers) if room else []
        lines = [f"{person} is not there: fosdembot init invites again" for person in missing]
        report.add(control_room_finding(control, own, around, lines, config.user_id))
    else:
        report.add(Finding("control room", "none; fosdembot init makes one", False))
    if (hosting := hosts_finding(hosts, config.user_id)) is not None:
        report.add(hosting)
    for finding in role_rooms_findings(own, hosts, talks, around, config.user_id):
        report.add(finding)
    for finding in rooms_findings(talks, around, settings, config.user_id):
        report.add(finding)
    if speed and room:
        limit = await measure(api, room)
        report.add(speed_finding(limit, talks.limited, config.base_url, config.user_id))
    else:
        report.add(
            Finding("speed", "not tried; --speed does, on one message in the control room", None)
        )
