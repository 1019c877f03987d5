"""Many talks begin at one moment, on a real Synapse."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import aiohttp
from sqlalchemy import func, select
from yarl import URL

from bench.meter import idle, measured
from bench.world import Clock, begin, one_talk_each, running
from fosdembot.bot import Bot
from fosdembot.db.engine import Database
from fosdembot.db.tables import Outgoing
from fosdembot.matrix.sender import AT_ONCE
from simulation.conference import START, write_schedule
from simulation.homeserver import Account, Homeserver
from simulation.waiting import wait_for

_MESSAGE = {
    "msgtype": "m.notice",
    "body": "Now, until 10:50: a talk, with somebody " * 4,
    "format": "org.matrix.custom.html",
    "formatted_body": "<strong>Now, until 10:50:</strong> a talk, with somebody " * 4,
    "m.mentions": {},
}
"""Like a notice: to check what is mentioned takes Synapse a fifth of its time for a message."""


@dataclass(frozen=True)
class Told:
    rooms: int
    cpu: float
    """CPU seconds of the bot, from the moment on until all is sent, boards and pins too."""
    written: float
    """Seconds after which all stood in the outbox."""
    last: float
    """Seconds after which the last room had heard of its talk."""
    alone: float
    """Seconds that Synapse takes for as many messages of somebody who does nothing else."""


@dataclass
class _LogIn:
    base_url: URL
    token: str


async def told_on_synapse(database: Database, folder: Path, rooms: int) -> Told:
    where = folder / "synapse"
    where.mkdir()
    clock, schedule = Clock(START), folder / "synapse.xml"
    async with Homeserver(where) as server, aiohttp.ClientSession() as http:
        organiser, account = await server.register("organiser"), await server.register("bot")
        addresses = [f"#hall-{n}:{server.server_name}" for n in range(rooms)]
        ids = await _make_rooms(server, organiser, account.user_id, addresses)
        write_schedule(schedule, one_talk_each(addresses))
        login = _LogIn(URL(server.url), account.access_token)
        async with running(http, login, account.user_id, database, clock, schedule) as bot:
            await _until_in_all(bot, rooms)
            alone = await _send_alone(http, server, organiser, ids)
            await idle()
            with measured(database, closely=False) as meter:
                moment = await begin(bot, clock)
                await _until_sent(database, rooms)
                await idle()
        written = max(meter.outbox_written) - moment
        return Told(rooms, meter.cpu, written, await _last(database, clock), alone)


async def _make_rooms(
    server: Homeserver, organiser: Account, bot: str, addresses: Sequence[str]
) -> list[str]:
    places = asyncio.Semaphore(AT_ONCE)

    async def make(address: str) -> str:
        body = {
            "preset": "public_chat",
            "room_alias_name": address[1:].partition(":")[0],
            "power_level_content_override": {"users": {bot: 50}},
        }
        async with places:
            path = "/_matrix/client/v3/createRoom"
            made = await server.request("POST", path, body, organiser.access_token)
        return str(made["room_id"])

    return await asyncio.gather(*map(make, addresses))


async def _until_in_all(bot: Bot, rooms: int) -> None:
    async def are_planned() -> bool:
        return not bot.rooms.has_untried() and len(bot.notice_scheduler.plans) == rooms

    await wait_for(are_planned, 600, "the plans of all rooms")
    await idle()


async def _send_alone(
    http: aiohttp.ClientSession, server: Homeserver, organiser: Account, rooms: Sequence[str]
) -> float:
    """A message to each room as fast as they are taken, as many at a time as the bot sends;
    returns the seconds."""
    places = asyncio.Semaphore(AT_ONCE)
    headers = {"Authorization": f"Bearer {organiser.access_token}"}

    async def send(number: int, room: str) -> None:
        path = f"/_matrix/client/v3/rooms/{quote(room, safe='')}/send/m.room.message/{number}"
        url = URL(server.url + path, encoded=True)
        async with places, http.put(url, json=_MESSAGE, headers=headers) as response:
            response.raise_for_status()
            await response.read()

    began = time.monotonic()
    await asyncio.gather(*(send(number, room) for number, room in enumerate(rooms)))
    return time.monotonic() - began


async def _until_sent(database: Database, rooms: int) -> None:
    sent = select(func.count()).where(Outgoing.state == "sent")
    while True:
        async with database.read() as session:
            # A notice and a pin in each.
            if await session.scalar(sent) == 2 * rooms:
                return
        # Not more often: this counts as the bot's.
        await asyncio.sleep(2)


async def _last(database: Database, clock: Clock) -> float:
    """Seconds from the beginning of the talks to the last notice."""
    notices = Outgoing.kind == "message", Outgoing.event_type == "m.room.message"
    query = select(func.min(Outgoing.due), func.max(Outgoing.sent_at)).where(*notices)
    async with database.read() as session:
        first, last = (await session.execute(query)).one()
    if last is None:
        raise RuntimeError("no notice was sent")
    return float((last - first).total_seconds())
