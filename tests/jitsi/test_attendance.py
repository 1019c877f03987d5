"""In which meetings the bot is, and when: from some minutes before a talk until it is over and
nobody is left; never first, never last, never twice."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from fosdembot.jitsi import attendance
from simulation.conference import Planned
from tests.stage import CLOUD, KERNEL, talks

from .attending import Attending, apart_of, attending, bot, file, inside
from .hall import PROGRAMME
from .settings import HOST, jitsi

__all__ = ["bot", "file", "inside"]

OVER = 110
"""Minutes after 9:00 at which the second talk ends; the third begins at 140."""


# --- coming and leaving ---------------------------------------------------------------


async def test_it_comes_before_the_talk_and_not_earlier(bot: Attending) -> None:
    bot.server.begin("hall")
    assert await bot.at(44.9) == []
    assert await bot.at(45) == ["hall"]
    assert bot.server.names == {"bot"}
    assert bot.state().is_in


async def test_how_long_before_is_a_setting(file: Path) -> None:
    async with attending(file, jitsi=jitsi(before_minutes=30, name="Questions")) as bot:
        bot.server.begin("hall")
        assert await bot.at(30) == ["hall"]
        assert bot.server.names == {"Questions"}


async def test_it_is_never_the_first(bot: Attending) -> None:
    await bot.at(55)
    assert bot.state().trouble == "not started"
    tries = bot.server.tried("hall")
    apart = apart_of(tries)
    assert all(15 <= each <= 30.01 for each in apart)
    assert len(set(apart)) > 10, "sixty meetings do not try together"
    bot.server.begin("hall")
    assert await bot.after(30) == ["hall"]


async def test_it_is_never_the_last(inside: Attending) -> None:
    inside.server.leaves("hall")
    assert await inside.now() == []
    assert await inside.after(60) == []
    inside.server.begin("hall")
    assert await inside.after(30) == ["hall"]


async def test_it_leaves_when_the_talks_are_over_and_nobody_is_left(inside: Attending) -> None:
    assert await inside.skip_to(OVER + 5) == ["hall"]
    inside.server.leaves("hall")
    assert await inside.now() == []
    assert inside.tasks == []
    assert inside.known == []
    before = len(inside.server.tries)
    inside.server.begin("hall")
    assert await inside.at(124) == []
    assert len(inside.server.tries) == before
    assert await inside.at(126) == ["hall"], "it is back for the talk after the gap"


async def test_an_hour_after_the_last_talk_it_leaves_people_alone(inside: Attending) -> None:
    assert await inside.skip_to(165 + 59) == ["hall"]
    assert await inside.at(165 + 60) == []
    assert inside.tasks == []


async def test_talks_one_after_another_are_one_connection(inside: Attending) -> None:
    await inside.at(164)
    assert inside.server.tried("hall") == [45 * 60]


async def test_after_the_talk_a_lost_connection_is_made_again(inside: Attending) -> None:
    await inside.skip_to(OVER + 5)
    inside.server.lose("hall")
    assert await inside.after(2) == ["hall"]


# --- what happens to talks ------------------------------------------------------------


async def test_a_cancelled_talk_needs_nobody(bot: Attending) -> None:
    await bot.stage.publish(*PROGRAMME[:1])
    bot.server.begin("hall")
    assert await bot.at(50) == ["hall"]
    await bot.command("!talk cancel 1")
    assert bot.server.inside == []
    assert bot.tasks == []


async def test_for_a_late_talk_it_stays(bot: Attending) -> None:
    await bot.stage.publish(*PROGRAMME[:1])
    bot.server.begin("hall")
    await bot.at(61)
    await bot.command("!talk delay 100")
    assert await bot.at(62) == []
    assert await bot.at(144.9) == []
    assert await bot.at(145) == ["hall"]
    assert await bot.skip_to(184) == ["hall"]


async def test_a_talk_that_begins_earlier_is_found(bot: Attending) -> None:
    bot.server.begin("hall")
    await bot.at(20)
    await bot.command("!talk now 1")
    assert bot.server.inside == ["hall"]


async def test_another_meeting_is_named_while_it_is_in_one(inside: Attending) -> None:
    inside.server.begin("other")
    await inside.name("other")
    assert inside.server.inside == ["other"]
    assert inside.known == ["other"]


async def test_a_talk_that_moves_takes_the_bot_along(inside: Attending) -> None:
    inside.server.begin("attic")
    moved = Planned(1, "Tiny kernels", 60, 25, place="Attic")
    await inside.stage.publish(*talks(moved, *PROGRAMME[1:], room=KERNEL))
    assert await inside.now() == ["attic"]


async def test_a_meeting_of_several_rooms_is_one_connection(bot: Attending) -> None:
    bot.server.begin("hall")
    both = Planned(9, "Elsewhere", 62, 25)
    await bot.stage.publish(*PROGRAMME, *talks(both, room=CLOUD))
    await bot.name("hall", CLOUD)
    assert await bot.at(64) == ["hall"]


# --- many, slow, and the end -------------------------------------------------------------


def _many(number: int) -> list[Planned]:
    """As many talks at once, each with a room and a meeting of its own."""
    return [
        Planned(n, f"Talk {n}", 60, 25, place=f"R{n:03}", chat_room=f"#r{n}:example.org")
        for n in range(number)
    ]


def _rooms(number: int) -> list[str]:
    return [f"r{n:03}" for n in range(number)]


async def test_sixty_at_once(bot: Attending) -> None:
    await bot.stage.publish(*_many(60))
    bot.server.begin(*_rooms(60))
    assert await bot.at(45 + 5 / 60) == _rooms(60)
    times = [at for at, _ in bot.server.tries]
    assert max(times.count(at) for at in times) <= 2, "not all in one moment"
    bot.server.lose("r003")
    assert await bot.after(2) == _rooms(60)
    assert len(bot.server.tries) == 61


async def test_no_more_than_a_process_can_hold(
    bot: Attending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attendance, "MOST_AT_ONCE", 3)
    await bot.stage.publish(*_many(5))
    bot.server.begin(*_rooms(5))
    first = await bot.at(46)
    assert len(first) == 3
    left = next(room for room in _rooms(5) if room not in first)
    assert bot.state(left).trouble == "refused"
    bot.server.leaves(first[0])
    assert await bot.at(50) == first[1:]


async def test_a_slow_meeting_holds_up_no_other(bot: Attending) -> None:
    await bot.stage.publish(*_many(2))
    bot.server.begin(*_rooms(2))
    bot.server.answers.clear()
    await bot.at(46)
    assert bot.server.trying == 2
    bot.server.closes.clear()
    bot.server.answers.set()
    assert await bot.now() == _rooms(2)
    # Leaving takes its time, and the other is named anew meanwhile.
    await bot.name("other", "#r0:example.org")
    bot.server.begin("other")
    assert await bot.after(30) == ["other", "r000", "r001"]
    bot.server.closes.set()
    assert await bot.now() == ["other", "r001"]


async def test_a_meeting_that_is_being_left_is_not_entered_a_second_time(
    inside: Attending,
) -> None:
    inside.server.begin("other")
    inside.server.closes.clear()
    await inside.name("other")
    await inside.name("hall")
    assert await inside.after(30) == ["hall", "other"]
    assert len(inside.server.tried("hall")) == 1
    inside.server.closes.set()
    assert await inside.after(30) == ["hall"]
    assert len(inside.server.tried("hall")) == 2


@pytest.mark.parametrize("when", ["in it", "connecting", "waiting", "leaving"])
async def test_a_stop_leaves_all_meetings(bot: Attending, when: str) -> None:
    """That nothing is left is seen by `attending`."""
    if when != "waiting":
        bot.server.begin("hall")
    if when == "connecting":
        bot.server.answers.clear()
    await bot.at(50)
    if when == "leaving":
        bot.server.closes.clear()
        bot.server.leaves("hall")
        await bot.name("other")
        bot.server.closes.set()
    assert bot.tasks
    await bot.stop()
    assert bot.tasks == []
    assert bot.server.inside == []
    await bot.after(600)
    assert bot.server.trying == 0


async def test_leave_taking_is_not_cut_off(inside: Attending) -> None:
    """Neither where the meeting is not wanted any more meanwhile, nor by a stop."""
    await inside.skip_to(OVER + 5)
    inside.server.closes.clear()
    inside.server.leaves("hall")
    assert await inside.now() == ["hall"]
    stop = asyncio.create_task(inside.stop())
    assert await inside.now() == ["hall"]
    assert not stop.done()
    inside.server.closes.set()
    await stop
    assert inside.server.inside == []


async def test_a_clock_that_is_set_back(inside: Attending) -> None:
    """It is looked at once a minute, whatever the clock says."""
    inside.set_back(hours=1)
    assert await inside.after(60) == []
    inside.set_back(hours=-1)
    assert await inside.after(60) == ["hall"]


async def test_without_meetings_nothing_runs(file: Path) -> None:
    async with attending(file, jitsi={}) as bot:
        assert await bot.stage.bot.attendance.step() is None
        await bot.at(70)
        assert bot.server.tries == []
        assert bot.known == []


def test_what_is_slow_to_import_is_not_before_it_is_needed() -> None:
    program = "import sys, fosdembot.plugin; sys.exit('jwt' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


async def test_logs_hold_no_secrets(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = {"app_id": "app", "app_secret": "s3cr3t" * 6}
    async with attending(file, jitsi=jitsi(servers={HOST: server})) as bot:
        bot.server.begin("hall")
        await bot.at(46)
        bot.server.lose("hall")
        await bot.after(10)
    assert "In the meeting hall" in caplog.text
    assert "s3cr3t" not in caplog.text
