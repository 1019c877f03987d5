"""A start costs the homeserver the same, however large the conference is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from fosdembot.db.engine import Database, sqlite
from fosdembot.db.tables import RoomAddress
from simulation.conference import START, Planned, write_schedule
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.running import BOT, CONTROL, Running, clock_from, running
from simulation.stepped_clock import SteppedClock, sqlite_at_once
from simulation.waiting import wait_for
from tests.stage import empty_database

__all__ = ["empty_database"]


def _conference(server: FakeHomeserver, rooms: int, folder: Path) -> Path:
    """So many rooms, in which the bot is already, and a talk next day in each."""
    server.create_room(CONTROL, [BOT])
    talks = []
    for number in range(rooms):
        alias = f"#hall-{number}:{SERVER}"
        server.create_room(alias, [BOT])
        talks.append(Planned(number, f"Talk {number}", 24 * 60, 30, f"Hall {number}", alias))
    schedule = folder / "schedule.xml"
    write_schedule(schedule, talks)
    return schedule


async def _requests_of_a_start(
    server: FakeHomeserver, database: Database, schedule: Path, rooms: int
) -> Counter[str]:
    """The requests until every room is known and the schedule was told."""
    server.requests.clear()
    settings: dict[str, Any] = {"schedule": {"source": str(schedule)}}
    async with running(server, database, clock_from(START), **settings) as bot:
        await wait_for(lambda: _all_there(bot, rooms), what="all rooms")
        # Where the control room's address leads is asked at each start.
        await wait_for(lambda: _was_asked(server, "directory"), what="the control room's address")
        await bot.quiet()
        requests = Counter(server.requests)
    # How often news are asked for depends on how fast they come, and is no room's cost.
    del requests["sync"]
    return requests


async def _all_there(bot: Running, rooms: int) -> bool:
    found = select(func.count()).where(RoomAddress.room_id.is_not(None))
    async with bot.database.read() as session:
        return await session.scalar(found) == rooms + 1 and bot.bot.inbox.caught_up.is_set()


async def _was_asked(server: FakeHomeserver, what: str) -> bool:
    return server.requests[what] > 0


async def test_10_and_500_rooms_cost_the_same(tmp_path: Path, empty_database: Path) -> None:
    """On a new database, and again on one that knows them all."""
    costs = []
    for rooms in (10, 500):
        folder = tmp_path / str(rooms)
        folder.mkdir()
        database = sqlite(str(folder / "bot.db"))
        (folder / "bot.db").write_bytes(empty_database.read_bytes())
        with sqlite_at_once():
            server = FakeHomeserver(SteppedClock())
            schedule = _conference(server, rooms, folder)
            new = await _requests_of_a_start(server, database, schedule, rooms)
            known = await _requests_of_a_start(server, database, schedule, rooms)
        costs.append((new, known))
        await database.close()
    assert costs[0] == costs[1]
    assert max(cost.total() for cost in costs[0]) <= 5
