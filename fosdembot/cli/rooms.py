"""`fosdembot rooms`: every room and every talk, with what the bot knows of it.

Read from the bot's database, so it costs the homeserver nothing, and the bot may run or not.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from yarl import URL

from fosdembot.changes import Changes
from fosdembot.chat.commands.conf_rooms import RoomList
from fosdembot.cli.checks.database import database_finding
from fosdembot.cli.config import Config, config_option
from fosdembot.cli.schedule import addresses, load
from fosdembot.clock import Clock, WallClock
from fosdembot.conference.alarms import RoomWords
from fosdembot.conference.control_room import ControlRoom
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.hosts_rooms import HostsRooms
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_health import RoomHealth
from fosdembot.db.engine import Database, postgresql, sqlite
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.room_addresses import role_room_of, room_of
from fosdembot.matrix.wake import Wake
from fosdembot.settings import Settings
from fosdembot.talks.phases import phase
from fosdembot.talks.room_address import address_of
from fosdembot.talks.slots import StageSlot, build_slots, is_talk
from fosdembot.texts.render import clean
from fosdembot.texts.words import clock_time, count, day_name

_NOT_RUN = "not joined yet: the bot has not run here"


@dataclass(frozen=True, slots=True)
class RoomState:
    address: str
    joined: bool
    problems: Sequence[str]
    slots: Sequence[StageSlot]


@dataclass(frozen=True, slots=True)
class Overview:
    rooms: Sequence[RoomState]
    roomless: Sequence[StageSlot]
    """Talks for which no room is known."""
    zone: tzinfo


@click.command()
@config_option
@click.option("--missing", is_flag=True, help="Only the rooms that the bot is not in.")
@click.option("--no-room", is_flag=True, help="Only the talks for which no room is known.")
def rooms(path: Path, missing: bool, no_room: bool) -> None:
    """Print every room and talk with its state, as the bot knows it.

    The bot may run meanwhile; nothing is changed.
    """
    config = Config.read(path)
    settings, _ = config.settings()
    clock = WallClock()
    overview = asyncio.run(_overview(config, settings, clock))
    for line in _lines(overview, clock.now(), missing, no_room):
        click.echo(line)


async def _overview(config: Config, settings: Settings, clock: Clock) -> Overview:
    """As the bot knows it; before its first run, as the schedule has it."""
    finding = await database_finding(config)
    if not finding.well:
        raise click.ClickException(". ".join((finding.text, *finding.todo)))
    url = URL(config.database)
    if url.scheme.startswith("sqlite"):
        if not Path(url.path).exists():
            return await asyncio.to_thread(_published, settings)
        database = sqlite(url.path)
    else:
        database = postgresql(config.database)
    try:
        known = await _known(database, settings, clock, config.user_id)
    except DBAPIError:
        raise click.ClickException(
            "the database is of an older version, or empty: start the bot once"
        ) from None
    finally:
        await database.close()
    if known is None:
        return await asyncio.to_thread(_published, settings)
    return known


async def _known(
    database: Database, settings: Settings, clock: Clock, user_id: str
) -> Overview | None:
    """None where the bot has read no schedule yet."""
    changes = Changes(logging.getLogger(__name__))
    hosts_rooms = HostsRooms(database, settings, changes)
    programme = Programme(database, settings, clock, changes, hosts_rooms)
    hosts = Hosts(hosts_rooms, programme, settings)
    await programme.load()
    await hosts_rooms.load()
    if not programme.talks:
        return None
    control = ControlRoom(Outbox(clock, "", Wake()), hosts, settings, user_id)
    words = RoomWords(programme, settings, clock, user_id)
    health = RoomHealth(programme, hosts, settings, user_id)
    listed = RoomList(health, words, hosts, control, settings.command_prefix)
    async with database.read() as session:
        problems = await listed.problems(session)
        found = [
            RoomState(
                address,
                await _is_in(session, hosts, address),
                [text.plain.removeprefix(f"{address}: ") for text in texts],
                (await programme.room(session, address)).slots,
            )
            for address, texts in problems.items()
        ]
    known = programme.talks.values()
    roomless = [talk for talk in known if programme.address_for(talk) is None]
    return Overview(found, build_slots(roomless, {}, settings), programme.zone)


async def _is_in(session: AsyncSession, hosts: Hosts, address: str) -> bool:
    find = role_room_of if address in hosts.roles else room_of
    return await find(session, address) is not None


def _published(settings: Settings) -> Overview:
    if not settings.schedule.source:
        raise click.ClickException("no schedule is named; fosdembot init asks for one")
    programme = load(settings.schedule.source, settings.schedule)
    talks = [talk for talk in programme.entries if is_talk(talk, settings)]
    named = {settings.control_room, *settings.hosts.values()}
    roles = set() if settings.rehearsal.room else named
    by_address = {
        address: [talk for talk in talks if address_of(talk, settings) == address]
        for address in addresses(programme, settings)
        if address not in roles
    }
    found = [
        RoomState(address, False, [_NOT_RUN], build_slots(here, {}, settings))
        for address, here in by_address.items()
    ]
    roomless = [talk for talk in talks if address_of(talk, settings) in {None, *roles}]
    return Overview(found, build_slots(roomless, {}, settings), programme.tz)


def _lines(overview: Overview, now: datetime, missing: bool, no_room: bool) -> Iterator[str]:
    listed = [room for room in overview.rooms if not (missing and room.joined)]
    if not no_room:
        for room in listed:
            yield f"{clean(room.address, 255)}  {'; '.join(room.problems) or 'joined'}"
            yield from (f"    {_talk(slot, now, overview.zone)}" for slot in room.slots)
    if not missing:
        if overview.roomless and not no_room:
            yield "without a room (rooms.default in the settings gives one to talks that name none)"
        indent = "" if no_room else "    "
        yield from (f"{indent}{_talk(slot, now, overview.zone)}" for slot in overview.roomless)
    yield _total(overview)


def _talk(slot: StageSlot, now: datetime, zone: tzinfo) -> str:
    start, end = clock_time(slot.start, zone, slot.start), clock_time(slot.end, zone, slot.start)
    name = clean(slot.talk.title, 100)
    identity = clean(slot.talk.id or slot.talk.guid, 60)
    return f"{day_name(slot.start, zone)} {start}-{end}  {name}  [{identity}] {phase(slot, now)}"


def _total(overview: Overview) -> str:
    joined = sum(room.joined for room in overview.rooms)
    rooms = count(len(overview.rooms), "room")
    talks = sum(len(room.slots) for room in overview.rooms) + len(overview.roomless)
    return (
        f"{joined:,} of {rooms} joined; {count(talks, 'talk')}, "
        f"{len(overview.roomless):,} without a room."
    )
