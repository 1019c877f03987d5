"""What is in trouble is told in plain words, with since when and what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from fosdembot.clock import ScaledClock
from fosdembot.matrix.server_time import ServerTime
from simulation.conference import START
from simulation.parts import SetClock
from tests.stage import CONTROL, ORGANISER, MakeStage, Stage, in_room


@pytest.fixture
async def stage(make_stage: MakeStage) -> Stage:
    stage = await make_stage()
    await stage.open(CONTROL)
    await stage.news()
    return stage


async def troubles(stage: Stage) -> list[str]:
    await stage.bot._troubles.step()
    await stage.news()
    [status] = in_room(await stage.say(CONTROL, ORGANISER, "!conf status"), CONTROL)
    return [line for line in status.split("\n") if line.startswith("Trouble")]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("HomeserverAway: TimeoutError: ", "the homeserver does not answer, so nothing comes in."),
        ("HomeserverAway: HTTP 502", "the homeserver does not answer, so nothing comes in."),
        ("MatrixError: M_UNKNOWN_TOKEN (401): x", "call fosdembot init"),
        ("MatrixError: M_USER_LOCKED (403): x", "ask its administrator"),
        ("OperationalError: (sqlite3.OperationalError) disk I/O error", "is the disk full?"),
        ("KeyError: 'x'", "nothing comes in (KeyError: 'x'). I keep trying"),
    ],
)
async def test_in_plain_words(stage: Stage, raw: str, words: str) -> None:
    stage.bot.inbox.trouble = raw
    await stage.bot._troubles.step()
    stage.clock.forward(20)
    [said] = await troubles(stage)
    assert said.startswith("Trouble since 09:00: ")
    assert words in said
    stage.bot.inbox.trouble = None
    assert await troubles(stage) == [], "it is over"
    stage.bot.inbox.trouble = raw
    assert (await troubles(stage))[0].startswith("Trouble since 09:20: ")


async def test_transcripts_that_cannot_be_made(stage: Stage) -> None:
    stage.bot.transcripts.unmade = {"a": "HTTP 504", "b": "KeyError: 'x'"}
    assert (await troubles(stage))[0].endswith(
        "2 transcripts lack something, or are older than they should be (HTTP 504). I keep trying; "
        "the log has more."
    )


def answers(time: ServerTime, at: datetime, times: int) -> None:
    for _ in range(times):
        time.note(format_datetime(at, usegmt=True))


@pytest.mark.parametrize("seconds", [-900, -11, 12, 3600])
async def test_a_wrong_clock_is_told_by_many_answers(stage: Stage, seconds: int) -> None:
    time = stage.bot._troubles._server_time
    server = stage.clock.now() + timedelta(seconds=seconds)
    answers(time, server, 4)
    assert await troubles(stage) == []
    answers(time, server, 5)
    [said] = await troubles(stage)
    words = "behind the homeserver's" if seconds > 0 else "ahead of the homeserver's"
    assert words in said
    assert "Set the clock (NTP)." in said
    told = [s.body for s in await stage.outbox(CONTROL) if s.body.startswith("This machine")]
    assert len(told) == 1
    answers(time, stage.clock.now(), 9)
    assert await troubles(stage) == []
    told = [s.body for s in await stage.outbox(CONTROL) if s.body.startswith("This machine")]
    assert told[1:] == ["This machine's clock is right again."]


def test_one_answer_that_lies_is_nothing() -> None:
    time = ServerTime(SetClock())
    answers(time, START, 4)
    answers(time, START + timedelta(days=400), 4)
    answers(time, START, 1)
    assert time.ahead is None
    for odd in ("", "yesterday", "Thu, 99 Nov 2026 19:55:00 GMT"):
        time.note(odd)
    assert time.ahead is None


def test_a_clock_that_runs_faster_is_right() -> None:
    time = ServerTime(ScaledClock(START, 600, datetime.now(UTC) - timedelta(hours=1)))
    answers(time, datetime.now(UTC), 9)
    assert time.ahead is None


async def test_conf_help_says_what_each_word_does(stage: Stage) -> None:
    [said] = in_room(await stage.say(CONTROL, ORGANISER, "!conf help"), CONTROL)
    for word in (
        "status",
        "rooms",
        "talk",
        "reload",
        "schedule accept",
        "pause",
        "resume",
        "hosts",
    ):
        assert f"!conf {word}" in said
    assert "!announce" in said
