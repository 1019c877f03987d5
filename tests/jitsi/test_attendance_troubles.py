"""Why the bot is not in a meeting, and when it tries again."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from fosdembot.jitsi.meeting import MeetingError, Trouble
from simulation.conference import Planned
from tests.stage import CLOUD, talks

from .attending import Attending, apart_of, bot, file, inside, url
from .settings import HOST

__all__ = ["bot", "file", "inside"]

OVER = 110
"""Minutes after 9:00 at which the second talk ends; the third begins at 140."""


# --- removed --------------------------------------------------------------------------


async def test_removed_it_stays_out_until_the_next_talk_is_on(inside: Attending) -> None:
    await inside.at(80)
    tries = len(inside.server.tries)
    inside.server.lose("hall", Trouble.KICKED)
    assert await inside.at(84.9) == []
    assert len(inside.server.tries) == tries
    assert inside.state().trouble == "kicked"
    assert inside.tasks == []
    assert await inside.at(85) == ["hall"]
    assert inside.state().trouble == ""


async def test_a_restart_does_not_bring_it_back(
    inside: Attending, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Time passes between any two looks at the clock.
    now, looks = inside.clock.now, itertools.count()
    monkeypatch.setattr(inside.clock, "now", lambda: now() + timedelta(microseconds=next(looks)))
    inside.server.lose("hall", Trouble.KICKED)
    await inside.now()
    since = inside.state().since
    await inside.restart()
    assert await inside.at(84) == []
    assert inside.state().trouble == "kicked"
    assert inside.state().since == since
    monkeypatch.undo()
    # A moment later than the talk ends, as time went on.
    assert await inside.at(85.1) == ["hall"]


async def test_whoever_names_the_meeting_again_has_it_back(inside: Attending) -> None:
    inside.server.lose("hall", Trouble.KICKED)
    assert await inside.now() == []
    await inside.name("hall")
    assert inside.server.inside == ["hall"]
    await inside.restart()
    assert inside.server.inside == ["hall"]


async def test_a_removal_is_forgotten_once_the_talks_are_over(inside: Attending) -> None:
    await inside.at(OVER - 1)
    inside.server.lose("hall", Trouble.KICKED)
    await inside.now()
    assert inside.known == ["hall"]
    await inside.at(OVER)
    assert inside.known == []
    assert await inside.at(126) == ["hall"]


async def test_turned_away_in_the_lobby_it_stays_out(bot: Attending) -> None:
    bot.server.troubles[""] = MeetingError(Trouble.KICKED, "turned away in the lobby")
    await bot.at(60)
    assert bot.server.tried("hall") == [45 * 60]


# --- troubles ---------------------------------------------------------------------------


async def test_a_server_that_is_away_for_ten_minutes(inside: Attending) -> None:
    """It is tried at least every ten seconds, so the bot is back soon after it."""
    inside.server.troubles[""] = MeetingError(Trouble.AWAY)
    inside.server.lose("hall")
    await inside.after(600)
    tries = inside.server.tried("hall")[1:]
    apart = apart_of(tries)
    assert max(apart) <= 9.61
    assert len(tries) < 110
    assert inside.state().trouble == "away"
    inside.server.troubles.clear()
    assert await inside.after(10) == ["hall"]


async def test_after_a_database_that_was_away_for_ten_minutes_it_comes_soon(
    bot: Attending, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot.server.begin("hall")
    await bot.at(38)

    def fails() -> object:
        raise OSError("away")

    with monkeypatch.context() as away:
        away.setattr(bot.stage.database, "read", fails)
        assert await bot.at(48) == []
    assert await bot.after(20) == ["hall"]


async def test_after_a_loss_people_come_back_as_well(inside: Attending) -> None:
    people = dict(inside.server.meetings["hall"].people)
    inside.server.meetings["hall"].people.clear()
    inside.server.lose("hall")
    await inside.after(60)
    assert len(inside.server.tried("hall")) > 8
    inside.server.meetings["hall"].people.update(people)
    assert await inside.after(10) == ["hall"]


async def test_whoever_ends_its_connection_each_time_tires_it(inside: Attending) -> None:
    """Else it would come and go each second, before everybody's eyes."""
    for _ in range(1000):
        inside.server.lose("hall", Trouble.UNREADABLE)
        await inside.after(1)
    assert len(inside.server.tried("hall")) < 30
    assert await inside.after(75) == ["hall"]
    await inside.after(40)
    inside.server.lose("hall", Trouble.UNREADABLE)
    assert await inside.after(1.3) == ["hall"], "this is a new trouble"


@pytest.mark.parametrize("trouble", [Trouble.TOKEN_REFUSED, Trouble.UNTRUSTED, Trouble.REFUSED])
async def test_a_refusal_is_tried_again_later_and_later(bot: Attending, trouble: Trouble) -> None:
    bot.server.troubles["hall"] = MeetingError(trouble, "why\nnot")
    await bot.at(65)
    tries = bot.server.tried("hall")
    apart = apart_of(tries)
    assert apart[0] < 1.3
    assert 40 < apart[-1] <= 72
    assert (bot.state().trouble, bot.state().detail) == (trouble.value, "why not")


async def test_naming_the_meeting_again_tries_it_at_once(bot: Attending) -> None:
    bot.server.troubles["hall"] = MeetingError(Trouble.PASSWORD_NEEDED)
    bot.server.begin("hall")
    await bot.at(65)
    bot.server.troubles.clear()
    await bot.name("hall")
    assert bot.server.inside == ["hall"]


async def test_it_says_that_it_waits_in_the_lobby(bot: Attending) -> None:
    bot.server.lobby = True
    bot.server.answers.clear()
    bot.server.begin("hall")
    await bot.at(60)
    assert bot.state().trouble == "waits in the lobby"
    assert len(bot.server.tries) == 1
    bot.server.answers.set()
    assert await bot.now() == ["hall"]


async def test_a_fault_of_its_own_ends_nothing_for_good(
    inside: Attending, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object, connection: object) -> None:
        raise RuntimeError("broken")

    bridge = inside.stage.bot.attendance.bridge_of(url("hall"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(bridge), "_note_people", broken)
        inside.server.lose("hall")
        assert await inside.after(30) == []
    assert "something is wrong here" in caplog.text
    assert await inside.after(75) == ["hall"]


async def test_to_other_hosts_it_never_connects(bot: Attending) -> None:
    elsewhere = Planned(7, "Elsewhere", 60, 25, chat_room=CLOUD)
    await bot.stage.publish(*talks(elsewhere))
    server = bot.stage.bot.attendance._settings.jitsi.servers.pop(HOST)
    bot.server.begin("hall")
    assert await bot.at(60) == []
    assert bot.server.tries == []
    assert bot.state().trouble == "not configured"
    bot.stage.bot.attendance._settings.jitsi.servers[HOST] = server
