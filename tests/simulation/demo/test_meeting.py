"""The meeting of the demo, seen through the eyes of its speaker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import click
import pytest

from fosdembot.clock import ScaledClock
from simulation.demo import sample
from simulation.demo.acts import Decide, Leave
from simulation.demo.eyes import Eyes
from simulation.demo.meeting import Meeting, meeting
from simulation.demo.narrator import Narrator
from simulation.demo.players import Players
from simulation.demo.sample import HOSTS, LOFT, SERVER_NAME, moment
from simulation.demo.sample_meeting import MEETING
from simulation.meetings import MeetingPerson
from simulation.prosody import is_installed

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not is_installed(), reason="needs prosody"),
]

BOT = f"@{sample.BOT}:{SERVER_NAME}"
NEXT = Decide("10:21", "mira", LOFT, 2, "answering", "!next", by=MEETING, sees=": 2 (")


class Stage:
    def __init__(self, there: Meeting, bot: MeetingPerson) -> None:
        self.there, self.bot = there, bot
        self._told: list[str] = []
        clock = ScaledClock(moment("10:20"), 1, datetime.now(UTC))
        self.eyes = Eyes({}, clock, Narrator(self._told.append, None), 20)
        there.look_on(self.eyes)
        self.players = Players({}, self.eyes, BOT, HOSTS, there)

    @property
    def told(self) -> list[str]:
        return [click.unstyle(line)[7:] for line in self._told]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with meeting(print) as there:
        assert there is not None
        async with MeetingPerson(there.prosody, sample.BOT) as bot:
            stage = Stage(there, bot)
            bot.enter(there.room)
            await bot.is_in()
            yield stage


async def test_the_speaker_acts_on_what_they_see(stage: Stage) -> None:
    deciding = asyncio.create_task(stage.players.perform(NEXT))
    stage.bot.say("First: 12 (2 votes): Why?")
    stage.bot.say("Next: 2 (2 votes): How?")
    await deciding
    await stage.bot.sees(lambda line: line.text == "!next")
    await stage.players.perform(Leave("10:28", "mira", MEETING))
    assert stage.told == [
        "Meeting    fosdembot  comes in",
        "Meeting    fosdembot  First: 12 (2 votes): Why?",
        "Meeting    fosdembot  Next: 2 (2 votes): How?",
        "Meeting    mira       !next",
        "Meeting    mira       leaves",
    ]
    [deed] = stage.players.deeds
    events = {event["event_id"]: event for event in stage.there.events}
    assert (deed.act, deed.room, events[deed.event_id]["content"]) == (
        NEXT,
        MEETING,
        {"body": "!next"},
    )
    assert (stage.players.faults, stage.there.is_owner) == ([], True)


async def test_what_the_speaker_does_not_see_is_a_fault(stage: Stage) -> None:
    stage.eyes.patience = 0.1
    await stage.players.perform(NEXT)
    assert stage.players.faults == [f"mira does not see 2: {NEXT}"]
    assert stage.players.deeds == []


async def test_without_a_meeting_nothing_can_be_done_there() -> None:
    clock = ScaledClock(moment("10:20"), 1, datetime.now(UTC))
    players = Players({}, Eyes({}, clock, Narrator(print, None), 0.1), BOT, HOSTS)
    await players.perform(Leave("10:28", "mira", MEETING))
    assert players.faults == [f"there is no meeting: {Leave('10:28', 'mira', MEETING)}"]
