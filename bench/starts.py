"""What it costs to start, to tell many rooms of one moment, and to take another schedule.

`python -m bench.starts` prints the table; `make bench` does so after that of votes.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from bench.canned import BOT, Canned
from bench.meter import Meter, idle, measured
from bench.synapse import Told, told_on_synapse
from bench.votes import MakeDatabase, databases, machine
from bench.whole import votes_on_synapse
from bench.world import Clock, ask, begin, one_talk_each, running
from fosdembot.bot import Bot
from fosdembot.db.engine import Database
from fosdembot.db.tables import TalkRow
from simulation.conference import START, Planned, write_schedule
from simulation.waiting import wait_for

TALKS_IN_A_ROOM = 15

Line = tuple[str, Meter, str]
"""What was measured, what that cost, and what else is to be said."""


@dataclass(frozen=True)
class World:
    """Rooms of a homeserver that answers from memory, with a talk in each."""

    database: Database
    clock: Clock
    homeserver: Canned
    schedule: Path

    def bot(self) -> AbstractAsyncContextManager[Bot]:
        server = self.homeserver
        return running(server, server, BOT, self.database, self.clock, self.schedule)


async def world(make: MakeDatabase, folder: Path, rooms: int) -> World:
    addresses = [f"#room{n}:example.org" for n in range(rooms)]
    homeserver = Canned({address: "!" + address[1:] for address in addresses})
    schedule = folder / f"schedule-{rooms}.xml"
    write_schedule(schedule, one_talk_each(addresses))
    return World(await make(), Clock(START), homeserver, schedule)


async def starts(make: MakeDatabase, folder: Path, rooms: int) -> AsyncIterator[Line]:
    """A first start, and a later one."""
    found = await world(make, folder, rooms)
    for name in ("first", "later"):
        with measured(found.database) as meter:
            async with found.bot() as bot:
                if len(bot.notice_scheduler.plans) != rooms:
                    raise RuntimeError(
                        f"{len(bot.notice_scheduler.plans)} of {rooms} rooms are planned"
                    )
        yield f"{name} start, {rooms} rooms", meter, ""


async def at_once(
    make: MakeDatabase, folder: Path, rooms: int, questions: int
) -> AsyncIterator[Line]:
    """All talks begin at one moment, and some questions are asked to each."""
    found = await world(make, folder, rooms)
    homeserver = found.homeserver
    async with found.bot() as bot:
        await ask(found.database, list(homeserver.rooms.values()), questions)
        with measured(found.database) as meter:
            moment = await begin(bot, found.clock)
            await wait_for(lambda: _are_told(homeserver, rooms), 300, "the notices")
            await idle()
    notices = _notices(homeserver)
    if len(notices) != rooms:
        raise RuntimeError(f"{len(notices)} notices in {rooms} rooms")
    last = max(sent.at for sent in homeserver.sent) - moment
    written = max(meter.outbox_written) - moment
    note = (
        f"in the outbox after {written:.1f} s, told after {max(notices) - moment:.1f} s, "
        f"{len(homeserver.sent)} requests after {last:.1f} s"
    )
    yield f"{rooms} talks begin, {questions} questions each", meter, note


def _notices(homeserver: Canned) -> list[float]:
    """When each was sent (`time.monotonic()`)."""
    told = [sent for sent in homeserver.sent if "m.new_content" not in sent.content]
    return [sent.at for sent in told if sent.type == "m.room.message"]


async def _are_told(homeserver: Canned, rooms: int) -> bool:
    return len(_notices(homeserver)) >= rooms


def conference(talks: int, revision: int) -> list[Planned]:
    """Talks one after another in as many rooms as it takes; each revision retimes some, and
    has others in place of a few."""
    planned = []
    for number in range(talks):
        room, place = divmod(number, TALKS_IN_A_ROOM)
        minutes = 20 if revision and number % 70 == 3 else 25
        new = talks * revision if number % 100 == 7 else 0
        planned.append(
            Planned(
                number + new,
                f"About {number + new} things, and how they go together",
                30 * place,
                minutes,
                f"Hall {room}",
                f"#hall{room}:example.org",
            )
        )
    return planned


async def reload(make: MakeDatabase, folder: Path, talks: int) -> AsyncIterator[Line]:
    """Another revision of a schedule."""
    database, clock = await make(), Clock(START + timedelta(minutes=125))
    schedule, planned = folder / "revisions.xml", conference(talks, 0)
    homeserver = Canned({talk.chat_room: "!" + talk.chat_room[1:] for talk in planned})
    write_schedule(schedule, planned)
    async with running(homeserver, homeserver, BOT, database, clock, schedule) as bot:
        write_schedule(schedule, conference(talks, 1))
        with measured(database) as meter:
            bot.schedule_poller.reload()
            await idle()
        changed = await _gone(database)
    yield f"another schedule of {talks:,} talks", meter, f"{changed} gone"


async def _gone(database: Database) -> int:
    async with database.read() as session:
        gone = select(func.count()).where(TalkRow.vanished_at.is_not(None))
        return await session.scalar(gone) or 0


def line(name: str, meter: Meter, note: str) -> str:
    return (
        f"| {name} | {meter.cpu:.2f} s | {meter.held * 1000:.0f} ms | {meter.statements:,} "
        f"| {meter.transactions:,} | {note} |"
    )


async def run(
    on_postgresql: bool,
    rooms: int = 600,
    begun: int = 300,
    questions: int = 3,
    talks: int = 1079,
    on_synapse: int = 300,
    voters: int = 20,
) -> AsyncIterator[str]:
    """The lines to print, as they are measured; `on_synapse` rooms, and as many `voters`."""
    async with databases(on_postgresql) as (make, database, folder):
        yield f"Starts and notices. {machine(database)}."
        yield ""
        yield "| what | CPU | loop held at most | statements | transactions | |"
        yield "|---|--:|--:|--:|--:|---|"
        for scenario in (
            starts(make, folder, rooms),
            at_once(make, folder, begun, questions),
            reload(make, folder, talks),
        ):
            async for name, meter, note in scenario:
                yield line(name, meter, note)
        if on_synapse:
            yield ""
            for text in described(await told_on_synapse(await make(), folder, on_synapse)):
                yield text
            yield ""
            yield str(await votes_on_synapse(folder, voters))


def described(told: Told) -> list[str]:
    ratio = told.last / told.alone
    return [
        f"On a real Synapse without limits, {told.rooms} talks begin at one moment:",
        f"- {told.cpu:.1f} s CPU of the bot, all in the outbox after {told.written:.1f} s",
        f"- the last notice was told after {told.last:.1f} s",
        f"- Synapse alone takes {told.alone:.1f} s for as many messages: {ratio:.2f} ×",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.starts", description=__doc__)
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    parser.add_argument("--on-synapse", type=int, default=300, help="rooms; 0: not at all")
    chosen, _ = parser.parse_known_args()

    async def show() -> None:
        async for text in run(chosen.postgresql, on_synapse=chosen.on_synapse):
            print(text, flush=True)

    asyncio.run(show())


if __name__ == "__main__":
    main()
