"""The bot as a whole, started and stopped, in rooms of a fake homeserver."""

from __future__ import annotations

import asyncio
import gc
from datetime import timedelta
from pathlib import Path

import pytest

from fosdembot.db.engine import Database
from simulation.conference import START, Planned, write_schedule
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_requests import Fault
from simulation.running import BOT, CONTROL, ORGANISER, clock_from, running
from tests.running import database, server
from tests.stage import empty_database

__all__ = ["database", "empty_database", "server"]

HALL = f"#hall:{SERVER}"
VISITOR = f"@visitor:{SERVER}"


@pytest.fixture
def schedule(tmp_path: Path) -> dict[str, str]:
    """The settings of a schedule with two talks, the first at minute 10."""
    path = tmp_path / "schedule.xml"
    write_schedule(
        path,
        [
            Planned(1, "Tiny kernels", 10, 25, chat_room=HALL),
            Planned(2, "Big kernels", 35, 25, chat_room=HALL),
        ],
    )
    return {"source": str(path)}


async def test_the_first_path(
    server: FakeHomeserver, database: Database, schedule: dict[str, str]
) -> None:
    """A schedule goes in; the room is told when it is time, and answers; nothing is said
    twice when the bot is started again."""
    for alias in (CONTROL, HALL):
        server.create_room(alias, [BOT, ORGANISER, VISITOR])
    clock = clock_from(START + timedelta(minutes=10) - timedelta(seconds=1))
    async with running(server, database, clock, schedule=schedule) as bot:
        await bot.heard(CONTROL, "Schedule read: Test Conf, 2 talks in 1 room.")
        await bot.heard(HALL, "Now, until 09:35", 1)
        bot.room(HALL).say(VISITOR, "!next")
        await bot.heard(HALL, "Big kernels")
        await bot.quiet()
        before = bot.said(HALL), bot.said(CONTROL)
    async with running(server, database, clock, schedule=schedule) as bot:
        bot.room(HALL).say(VISITOR, "!help")
        await bot.heard(HALL, "tells what is on in this room")
        await bot.quiet()
        assert (bot.said(HALL)[:-1], bot.said(CONTROL)) == before


async def test_what_is_wrong_with_the_settings_waits_for_the_control_room(
    server: FakeHomeserver, database: Database
) -> None:
    problems = ["notices.level: Input should be 'off'; the default is used", "x: no such setting"]
    clock = clock_from(START)
    async with running(server, database, clock, problems) as bot:
        room = server.create_room(CONTROL, [ORGANISER], public=False)
        room.set_membership(ORGANISER, BOT, "invite")
        said = await bot.heard(CONTROL, "Some settings")
        [told] = [body for body in said if body.startswith("Some settings")]
        assert told == "Some settings cannot be used:\n" + "\n".join(problems)
    async with running(server, database, clock_from(START + timedelta(hours=1)), problems) as bot:
        await bot.heard(CONTROL, "Some settings", 2)
    async with running(server, database, clock_from(START + timedelta(hours=2))) as bot:
        bot.room(CONTROL).say(ORGANISER, "!conf status")
        await bot.heard(CONTROL, "No schedule yet.")
        await bot.heard(CONTROL, "All settings can be used again.")
    async with running(server, database, clock_from(START + timedelta(hours=3))) as bot:
        bot.room(CONTROL).say(ORGANISER, "!conf status")
        await bot.heard(CONTROL, "No schedule yet.", 2)
        await bot.heard(CONTROL, "I know no schedule")
        assert len(bot.said(CONTROL)) == 6, "that is said once"


async def test_everything_waits_for_a_homeserver_that_is_away(
    server: FakeHomeserver, database: Database, schedule: dict[str, str]
) -> None:
    for alias in (CONTROL, HALL):
        server.create_room(alias, [BOT, ORGANISER])
    away = Fault("sync", answer=(502, {}), times=2)
    server.fail(away)
    server.fail(Fault("whoami", answer=(503, {})))
    clock = clock_from(START + timedelta(minutes=11))
    async with running(server, database, clock, schedule=schedule) as bot:
        await away.was_met()
        await bot.heard(HALL, "Now, until 09:35")
        await bot.heard(CONTROL, "Schedule read")


async def test_it_ends_when_it_is_stopped(
    server: FakeHomeserver, database: Database, schedule: dict[str, str]
) -> None:
    server.create_room(CONTROL, [BOT])
    before = asyncio.all_tasks()
    async with running(server, database, clock_from(START), schedule=schedule) as bot:
        await bot.heard(CONTROL, "Schedule read")
        assert len(asyncio.all_tasks()) > len(before)
    handlers = {task for task in asyncio.all_tasks() - before if "aiohttp" in repr(task)}
    assert asyncio.all_tasks() - handlers == before


async def test_an_organiser_s_day(
    server: FakeHomeserver, database: Database, schedule: dict[str, str]
) -> None:
    for alias in (CONTROL, HALL):
        server.create_room(alias, [BOT, ORGANISER])
    clock = clock_from(START + timedelta(minutes=9, seconds=58))
    async with running(server, database, clock, schedule=schedule) as bot:
        control = bot.room(CONTROL)
        await bot.heard(CONTROL, "Schedule read")
        for command, answer in {
            "!conf pause all Fire alarm: please go out.": "Paused: all.",
            "!conf status": "All 1 room joined.",
            "!announce all: Back at 10": "Sent to 1 room.",
            "!talk hall delay 20": "is 20 minutes late: 09:30 to 09:55.",
            "!conf resume": "Resumed: all.",
        }.items():
            control.say(ORGANISER, command)
            await bot.heard(CONTROL, answer)
        await bot.quiet()
        if any(body.startswith("Now") for body in bot.said(HALL)):
            # It was told before the pause: what is pinned is made true.
            await bot.heard(HALL, '* Starting at 09:30: "Tiny kernels"')
        said = [body for body in bot.said(HALL) if not body.startswith("* ")]
        assert [s for s in said if "Now" in s or "Starting" in s] in ([], said[:1])
        assert said[-3:-1] == ["Fire alarm: please go out.", "Back at 10"]
        assert "20 minutes late" in said[-1]


async def test_a_running_bot_sets_aside_what_lives_on(
    server: FakeHomeserver, database: Database, schedule: dict[str, str]
) -> None:
    """A full collection of garbage would hold the loop for a tenth of a second."""
    clock = clock_from(START)
    async with running(server, database, clock, schedule=schedule):
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0
