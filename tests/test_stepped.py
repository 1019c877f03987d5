"""A whole bot through three quarters of an hour of a conference, while no second passes.

Its database is real, and it is started as any other; only its clock is the test's, and the
homeserver is asked without a network.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from fosdembot.db.engine import Database
from fosdembot.db.tables import FailedEvent
from simulation.conference import START, Planned, write_schedule
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_requests import Fault
from simulation.running import BOT, CONTROL, ORGANISER, Running, running
from simulation.stepped_clock import SteppedClock, sqlite_at_once
from tests.running import database
from tests.stage import empty_database

__all__ = ["database", "empty_database"]

HALL = f"#hall:{SERVER}"
ANNEX = f"#annex:{SERVER}"
ADA, BOB, EVE = (f"@{name}:{SERVER}" for name in ("ada", "bob", "eve"))
LIMITED = (429, {"errcode": "M_LIMIT_EXCEEDED", "error": "Slowly", "retry_after_ms": 30_000})
BOARDS = ("10:01:00", "10:02:00", "10:03:00")
"""When the board is edited: at most every half minute, so that nothing else decides when."""
AWAY: tuple[int, dict[str, Any]] = (502, {})


@pytest.fixture(autouse=True)
def no_second_passes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing sleeps or is called later, but by the stepped clock."""
    give_way = asyncio.sleep

    async def sleep(delay: float, result: Any = None) -> Any:
        assert delay <= 0, f"somebody sleeps {delay} s"
        return await give_way(0, result)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    later: list[float] = []
    call_later = asyncio.BaseEventLoop.call_later

    def note(loop: Any, delay: float, *args: Any, **options: Any) -> Any:
        later.append(delay)
        return call_later(loop, delay, *args, **options)

    monkeypatch.setattr(asyncio.BaseEventLoop, "call_later", note)
    with sqlite_at_once():
        yield
    assert later == []


@asynccontextmanager
async def day(database: Database, folder: Path, minutes: float) -> AsyncIterator[Day]:
    """A bot that is started so many minutes after `START`."""
    clock = SteppedClock(START + timedelta(minutes=minutes))
    server = FakeHomeserver(clock)
    for alias in (CONTROL, HALL):
        server.create_room(alias, [BOT, ORGANISER, ADA, BOB, EVE])
    # The bot has to come in here.
    server.create_room(ANNEX, [ADA])
    schedule = folder / "schedule.xml"
    write_schedule(
        schedule,
        [
            Planned(1, "Tiny kernels", 60, 25, chat_room=HALL),
            Planned(2, "Big kernels", 90, 25, chat_room=HALL),
            Planned(3, "Odd kernels", 65, 25, "Annex", chat_room=ANNEX),
        ],
    )
    failing = server.fail(Fault("join", AWAY, times=2))
    source = {"source": str(schedule)}
    async with running(server, database, clock, schedule=source) as bot:
        yield Day(bot, clock, failing)


class Day:
    def __init__(self, bot: Running, clock: SteppedClock, joining: Fault) -> None:
        self.bot = bot
        self.clock = clock
        self.joining = joining
        self._heard: dict[str, int] = {}

    async def until(self, time: str) -> None:
        """Let it become so late, at the conference."""
        hours, minutes, seconds = map(int, f"{time}:00".split(":")[:3])
        moment = START.replace(hour=hours, minute=minutes, second=seconds)
        await self.clock.advance((moment - self.clock.now()).total_seconds())

    def heard(self, alias: str = HALL) -> list[str]:
        """What a room has heard since this was last asked: the time, and the first words."""
        events = self.bot.room(alias).by(BOT)
        new = events[self._heard.get(alias, 0) :]
        self._heard[alias] = len(events)
        return [f"{_time(event)} {event['content']['body'].splitlines()[0]:.32}" for event in new]


def _time(event: dict[str, Any]) -> str:
    seconds = event["origin_server_ts"] / 1000 - START.timestamp()
    return f"{START + timedelta(seconds=round(seconds)):%H:%M:%S}"


async def test_three_quarters_of_an_hour(database: Database, tmp_path: Path) -> None:
    tasks = asyncio.all_tasks()
    async with database.write() as session:
        session.add(_failed("$old", days=31))
        session.add(_failed("$new", days=29))
    async with day(database, tmp_path, minutes=50) as world:
        hall, server = world.bot.room(HALL), world.bot.server
        await world.until("09:50")
        assert server.requests["join"] == 1, "it failed, and waits"

        await world.until("09:50:59")
        assert world.heard(CONTROL) == ["09:50:00 Schedule read: Test Conf, 3 talk"]
        [*_, came] = [e for e in world.bot.room(ANNEX).events if e.get("state_key") == BOT]
        assert (server.requests["join"], world.joining.times) == (3, 0)
        assert "09:50:02" <= _time(came) <= "09:50:06", "after back-offs of about 1 and 2 s"
        assert await _failed_events(database) == {"$old", "$new"}

        await world.until("09:51:01")
        assert await _failed_events(database) == {"$new"}, "the old is forgotten in a minute"

        await world.until("10:01")
        assert world.heard() == [
            '09:50:00 Starting at 10:00: "Tiny kernels',
            "09:55:00 * Starting in 5 minutes, at 10:0",
            "09:59:00 * Starting in 1 minute, at 10:00",
            '10:00:00 Now, until 10:25: "Tiny kernels"',
        ]
        small = hall.say(ADA, "!ask How small is tiny?")
        await world.until("10:02")
        fast = hall.say(EVE, "!ask How fast is tiny?")
        hall.react(BOB, small, "👍")
        await world.until("10:03")
        hall.react(BOB, fast, "👍")
        hall.react(ADA, fast, "👍")
        await world.until("10:04")
        assert world.heard() == [f'{at} * Now, until 10:25: "Tiny kernel' for at in BOARDS]

        # The homeserver wants to be left alone for half a minute, just before it is time.
        await world.until("10:19:59")
        limit = server.fail(Fault("send", LIMITED))
        await world.until("10:20:10")
        sent = server.requests["send"]
        await world.until("10:20:29")
        assert (limit.times, server.requests["send"]) == (0, sent)
        await world.until("10:35")
        assert world.heard() == [
            "10:20:30 Q&A until 10:25. Next: 2 (2 vote",
            '10:30:00 Now, until 10:55: "Big kernels" ',
        ]
        assert world.heard(ANNEX) == [
            '09:55:00 Starting at 10:05: "Odd kernels"',
            "10:00:00 * Starting in 5 minutes, at 10:0",
            "10:04:00 * Starting in 1 minute, at 10:05",
            '10:05:00 Now, until 10:30: "Odd kernels" ',
            "10:25:00 Q&A until 10:30. No question is ",
        ]
        assert world.heard(CONTROL) == ['10:29:00 Not reached in "Tiny kernels": 2']
        assert world.clock.monotonic() == pytest.approx(45 * 60)
    assert asyncio.all_tasks() == tasks, "what is stopped has ended"


def _failed(event_id: str, days: int) -> FailedEvent:
    at = START - timedelta(days=days)
    return FailedEvent(event_id=event_id, room_id="!hall", at=at, error="a fault")


async def _failed_events(database: Database) -> set[str]:
    async with database.read() as session:
        return set(await session.scalars(select(FailedEvent.event_id)))
