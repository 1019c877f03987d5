"""Hosts are told in time where nobody is in the meeting of a talk that is about to begin, once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from fosdembot.conference.check_in import SETTLES
from fosdembot.db.meeting_tables import HushedTalk
from fosdembot.meeting_url import MeetingUrl
from simulation.conference import Planned
from tests.chat.floor import HOST, HOSTS, answer, join_hosts, redact, tap
from tests.committed import Said
from tests.stage import (
    CONTROL,
    KERNEL,
    MODERATOR,
    ORGANISER,
    STRANGER,
    MakeStage,
    Stage,
    in_room,
    talks,
)

HALL = MeetingUrl("meet.example.org", "hall")
JITSI: dict[str, Any] = {
    "servers": {"meet.example.org": {}},
    "template": "https://meet.example.org/{room}",
}
MISSING = (
    '"Tiny kernels" starts at {}, and nobody is in its meeting yet. If the speaker does not come: '
    "!talk kernel noshow 1. To hear no more of this talk: tap 🔕"
)
_DIES_AT_THE_BUTTON = """
CREATE TRIGGER dies BEFORE INSERT ON outbox WHEN NEW.event_type = 'm.reaction'
BEGIN SELECT RAISE(ABORT, 'dies'); END
"""
AT_TEN = MISSING.format("10:00")


@pytest.fixture
async def stage(make_stage: MakeStage) -> Stage:
    """It is 9:00; at 10:00 the talk begins."""
    return await opened(make_stage)


async def opened(make_stage: MakeStage, **sections: Any) -> Stage:
    usual = {"jitsi": JITSI, "hosts": {"*": HOSTS}}
    return await make_stage(prepared=rooms_open, **{**usual, **sections})


async def rooms_open(stage: Stage) -> None:
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25), Planned(2, "Big", 200, 25)))
    for alias in (KERNEL, CONTROL, HOSTS):
        await stage.open(alias)
    await join_hosts(stage, HOST)


def note(stage: Stage, **fields: Any) -> None:
    """So the meeting is, for long enough."""
    stage.bot.meetings.note(HALL, stage.clock.now() - 2 * SETTLES, **fields)


async def look(stage: Stage, minutes: float) -> list[Said]:
    """What is told then."""
    stage.clock.set(minutes)
    await stage.bot.check_in.step()
    return await stage.news()


async def told(stage: Stage, minutes: float, alias: str = HOSTS) -> list[str]:
    said = await look(stage, minutes)
    assert {each.room for each in said} <= {alias}
    return in_room(said, alias)


@pytest.mark.parametrize("how", [{"trouble": "not started"}, {"is_in": True}])
async def test_nobody_is_there(stage: Stage, how: dict[str, Any]) -> None:
    note(stage, **how)
    assert await told(stage, 49) == []
    assert await told(stage, 50) == [AT_TEN]
    assert await told(stage, 51) == []
    await stage.restart()
    note(stage, **how)
    assert await told(stage, 54) == [], "it was told, whoever told it"
    assert await told(stage, 55) == [AT_TEN]
    assert await told(stage, 59) == []
    assert await told(stage, 61) == [], "it is on: everybody sees that"


async def test_who_starts_late_is_told_once(stage: Stage) -> None:
    note(stage, is_in=True)
    assert await told(stage, 57) == [AT_TEN]
    assert await told(stage, 58) == []


async def test_somebody_is_there(stage: Stage) -> None:
    note(stage, is_in=True, people=("Ada",))
    assert await told(stage, 50) == []
    note(stage, people=())
    assert await told(stage, 52) == [], "whoever reloads a page is not missing"
    assert await told(stage, 55) == [AT_TEN]


async def test_a_meeting_is_given_a_moment(stage: Stage) -> None:
    """Who is there comes a moment after the bot does."""
    assert await told(stage, 50) == [], "nothing is known yet"
    stage.bot.meetings.note(HALL, stage.clock.now(), is_in=True)
    assert await told(stage, 50.1) == []
    stage.bot.meetings.note(HALL, stage.clock.now(), people=("Ada",))
    assert await told(stage, 51) == []


async def test_a_clock_that_is_set_back_keeps_it_from_nobody(stage: Stage) -> None:
    stage.clock.set(55)
    note(stage, is_in=True)
    assert await told(stage, 50) == [AT_TEN]


async def test_the_next_look_is_when_something_is_due(stage: Stage) -> None:
    stage.clock.set(49.5)
    assert await stage.bot.check_in.step() == 30
    stage.clock.set(50)
    assert await stage.bot.check_in.step() == SETTLES.total_seconds(), "nothing is known yet"
    note(stage, is_in=True)
    assert await stage.bot.check_in.step() == 60


async def test_a_talk_that_is_late_is_looked_at_again(stage: Stage) -> None:
    note(stage, is_in=True)
    assert await told(stage, 50) == [AT_TEN]
    await answer(stage, HOSTS, HOST, "!talk kernel delay 20 1")
    await stage.news()
    assert await told(stage, 56) == []
    assert await told(stage, 70) == [MISSING.format("10:20")]


@pytest.mark.parametrize(
    "command", ["!talk kernel cancel 1", "!talk kernel noshow 1", "!jitsi kernel off"]
)
async def test_not_of_a_talk_that_is_not_waited_for(stage: Stage, command: str) -> None:
    note(stage, is_in=True)
    await answer(stage, HOSTS, HOST, command)
    await stage.news()
    assert await told(stage, 50) == []


async def test_not_where_all_is_paused_and_then_if_it_is_still_true(stage: Stage) -> None:
    note(stage, is_in=True)
    await answer(stage, CONTROL, ORGANISER, "!conf pause kernel")
    await stage.news()
    assert await told(stage, 50) == []
    await answer(stage, CONTROL, ORGANISER, "!conf resume kernel")
    await stage.news()
    assert await told(stage, 52) == [AT_TEN]


async def test_minutes_are_a_setting(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, jitsi=JITSI | {"check_in_minutes": []})
    note(stage, is_in=True)
    assert await told(stage, 55) == []
    stage = await opened(make_stage, jitsi=JITSI | {"check_in_minutes": [3]})
    note(stage, is_in=True)
    assert await told(stage, 55) == []
    assert await told(stage, 57) == [AT_TEN]


# Trouble.


async def test_a_trouble_is_named_once_instead(stage: Stage) -> None:
    note(stage, trouble="away")
    [said] = await told(stage, 50)
    assert said == (
        '"Tiny kernels" starts at 10:00, and I cannot see who is in its meeting: its server does '
        "not answer. I keep trying."
    )
    assert await told(stage, 55) == []
    note(stage, trouble="", is_in=True)
    assert await told(stage, 56) == [AT_TEN]


async def test_of_a_server_that_is_not_configured_organisers_heard_long_ago(stage: Stage) -> None:
    note(stage, trouble="not configured")
    assert await told(stage, 50) == []


async def test_that_the_bot_was_removed_is_told_once_and_how_it_comes_back(stage: Stage) -> None:
    stage.clock.set(49)
    note(stage, is_in=True)
    note(stage, is_in=False, trouble="kicked")
    [said] = await told(stage, 49)
    assert said == (
        "kernel: I am not in the speaker's meeting any more: somebody removed me, so I stay out. "
        "To let me back: !jitsi kernel https://…"
    )
    assert await told(stage, 50) == []
    assert await told(stage, 55) == []
    note(stage, is_in=True, trouble="")
    note(stage, is_in=False, trouble="kicked")
    assert await told(stage, 56) == [said], "that is news"


@pytest.mark.parametrize("how", ["🔕", "over"])
async def test_that_it_was_removed_is_not_told_again_where_another_talk_comes_first(
    stage: Stage, how: str
) -> None:
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25), Planned(2, "Big", 85, 25)))
    await stage.news()
    event = await hushed(stage)
    stage.clock.set(58)
    note(stage, is_in=False, trouble="kicked")
    assert len(await told(stage, 58)) == 1
    if how == "over":
        # A moment before the bot is back for the next one.
        assert await told(stage, 85) == []
    else:
        await tap(stage, HOST, event, how, alias=HOSTS)
        assert await told(stage, 59) == []
    note(stage, is_in=True, trouble="")
    note(stage, is_in=False, trouble="kicked")
    assert len(await told(stage, 86)) == 1, "that is news"


# Who is told.


async def test_organisers_where_there_is_no_hosts_room(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, hosts={})
    note(stage, is_in=True)
    assert await told(stage, 50, CONTROL) == [AT_TEN]


async def hushed(stage: Stage) -> str:
    """Told, and the event of that."""
    note(stage, is_in=True)
    [said] = await look(stage, 50)
    await stage.deliver()
    return f"$sent{said.key}"


@pytest.mark.parametrize("key", ["🔕", "🔇"])
async def test_a_tap_of_a_host_and_nothing_more_is_said_of_this_talk(
    stage: Stage, key: str
) -> None:
    event = await hushed(stage)
    async with stage.database.read() as session:
        buttons = await stage.bot._outbox.find(session, event.removeprefix("$sent") + "/tap")
    assert buttons is not None
    assert buttons.content["m.relates_to"]["key"] == "🔕", "it is there to be tapped"
    await tap(stage, HOST, event, key, alias=HOSTS)
    assert await told(stage, 55) == []
    note(stage, is_in=False, trouble="away")
    assert await told(stage, 58) == []
    stage.clock.set(199)
    note(stage, trouble="", is_in=True)
    assert len(await told(stage, 199)) == 1, "another talk"


async def test_taking_the_tap_back_undoes_it(stage: Stage) -> None:
    event = await hushed(stage)
    reaction = await tap(stage, HOST, event, "🔕", alias=HOSTS)
    await redact(stage, STRANGER, reaction, alias=HOSTS)
    assert await told(stage, 54) == []
    async with stage.database.read() as session:
        assert await session.get(HushedTalk, reaction) is not None
    await redact(stage, HOST, reaction, alias=HOSTS)
    assert await told(stage, 55) == [AT_TEN]


@pytest.mark.parametrize(
    ("person", "alias", "key"),
    [(HOST, HOSTS, "👍"), (STRANGER, HOSTS, "🔕"), (MODERATOR, KERNEL, "🔕")],
)
async def test_other_taps_hush_nothing(stage: Stage, person: str, alias: str, key: str) -> None:
    event = await hushed(stage)
    await tap(stage, person, event, key, alias=alias)
    assert await told(stage, 55) == [AT_TEN]


async def test_a_crash_before_the_commit_neither_loses_nor_doubles_it(stage: Stage) -> None:
    note(stage, is_in=True)
    stage.clock.set(50)
    async with stage.database.write() as session:
        await session.execute(text(_DIES_AT_THE_BUTTON))
    with pytest.raises(IntegrityError):
        await stage.bot.check_in.step()
    assert await stage.news() == []
    async with stage.database.write() as session:
        await session.execute(text("DROP TRIGGER dies"))
    assert await told(stage, 50) == [AT_TEN]
    assert await told(stage, 50) == []
