"""The limit of commands goes by arrival, whatever the sender's clock says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fosdembot.db.engine import Database
from fosdembot.db.tables import SyncPosition
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_rooms import FakeRoom
from simulation.running import BOT, CONTROL, running
from simulation.stepped_clock import SteppedClock
from simulation.waiting import wait_for
from tests.running import database, server
from tests.stage import empty_database

__all__ = ["database", "empty_database", "server"]

ADA, BOB = f"@ada:{SERVER}", f"@bob:{SERVER}"
MINUTE = 60_000
LIMIT = 5


def now_ms(server: FakeHomeserver) -> int:
    return int(server.clock.now().timestamp() * 1000)


def help_asked(room: FakeRoom, by: str, number: int, sent: int) -> None:
    content = {"msgtype": "m.text", "body": f"!help {number}"}
    room.add(by, "m.room.message", content, ts=sent)


async def told(room: FakeRoom) -> int:
    return len([event for event in room.by(BOT) if "a lot at once" not in event["content"]["body"]])


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"limits": {"commands_per_minute": LIMIT}}


@pytest.mark.parametrize("step", [MINUTE, -MINUTE, 0, 10**9])
async def test_dates_of_ones_own_make_no_difference(
    step: int, server: FakeHomeserver, database: Database, settings: dict[str, Any]
) -> None:
    server.create_room(CONTROL, members=[BOT])
    room = server.create_room(f"#talk:{SERVER}", members=[BOT, ADA, BOB])
    async with running(server, database, SteppedClock(), **settings) as bot:
        await bot.bot.inbox.caught_up.wait()
        help_asked(room, BOB, 0, now_ms(server))

        async def answered() -> bool:
            return await told(room) >= 1

        await wait_for(answered)
        first = now_ms(server) - 100 * MINUTE
        for number in range(4 * LIMIT):
            help_asked(room, ADA, number, first + number * step)
        help_asked(room, BOB, 1, now_ms(server))

        async def both() -> bool:
            return await told(room) >= 2 + LIMIT

        await wait_for(both)
        await bot.quiet()
        # Whoever is patient is answered; the limit is for each.
        assert await told(room) == 2 + LIMIT


async def test_what_came_while_it_was_away_is_judged_as_if_it_had_been_there(
    server: FakeHomeserver, database: Database, settings: dict[str, Any]
) -> None:
    server.create_room(CONTROL, members=[BOT])
    room = server.create_room(f"#talk:{SERVER}", members=[BOT, ADA, BOB])
    async with running(server, database, SteppedClock(), **settings) as bot:
        await bot.bot.inbox.caught_up.wait()
    # It was away for ten minutes.
    async with database.write() as session:
        position = await session.get_one(SyncPosition, BOT)
        position.at = server.clock.now() - timedelta(minutes=10)
    start = now_ms(server) - 9 * MINUTE
    for number in range(20):
        help_asked(room, ADA, number, start + number * 20_000)
    for number in range(60):
        # Dated into the days before, or into the days to come.
        help_asked(room, BOB, number, now_ms(server) + (number - 30) * 24 * 60 * MINUTE)
    async with running(server, database, SteppedClock(), **settings) as bot:
        await bot.bot.inbox.caught_up.wait()

        async def answered() -> bool:
            return await told(room) >= 20 + LIMIT

        await wait_for(answered)
        await bot.quiet()
        replies = [e["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] for e in room.by(BOT)]
        senders = [event["sender"] for event in room.events if event["event_id"] in replies]
        # Of Bob, those for which the minute before the absence and the last one have room.
        assert senders.count(ADA) == 20
        assert senders.count(BOB) <= 2 * LIMIT + 2
