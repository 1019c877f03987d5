"""A bot that somebody removed from a meeting stays out, says so, and comes back when named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fosdembot.conference.check_in import SETTLES
from fosdembot.jitsi.meeting import Event, MeetingError, Trouble
from fosdembot.meeting_url import MeetingUrl
from simulation.waiting import wait_for
from tests.chat.floor import HOST, HOSTS, SETTINGS, host, join_hosts
from tests.jitsi.stand_in import StandIn, StandInConnection
from tests.stage import MakeStage, Stage, in_room

URL = "https://meet.example.org/hall"
HALL = MeetingUrl("meet.example.org", "hall")
JITSI: dict[str, Any] = {
    "servers": {"meet.example.org": {}},
    "table": {"Hall": URL},
}


class Removed(StandInConnection):
    """One that ends with the bot's removal."""

    async def next_event(self) -> Event:
        try:
            return await super().next_event()
        except MeetingError:
            raise MeetingError(Trouble.KICKED) from None


class Door:
    """The way into the only meeting."""

    def __init__(self) -> None:
        self.meeting = StandIn()

    async def __call__(
        self, meeting: MeetingUrl, name: str, waits: Callable[[], None]
    ) -> StandInConnection:
        assert meeting == HALL
        connection = Removed(self.meeting, frozenset())
        self.meeting.connections.append(connection)
        return connection

    @property
    def visits(self) -> int:
        return len(self.meeting.connections)


@pytest.fixture
async def stage(make_stage: MakeStage, opened: Path) -> Stage:
    """It is 10:05; the first talk of the room is on."""
    stage = await make_stage(opened, **SETTINGS, jitsi=JITSI)
    stage.clock.set(65)
    await stage.open(HOSTS)
    await join_hosts(stage, HOST)
    return stage


@pytest.mark.parametrize("body", [f"!jitsi kernel {URL}", f"kernel jitsi {URL}"])
async def test_it_stays_out_until_it_is_named_again(stage: Stage, body: str) -> None:
    attendance, meetings = stage.bot.attendance, stage.bot.meetings
    attendance.connect = door = Door()

    async def is_in() -> bool:
        return meetings.state(HALL).is_in

    async def is_out() -> bool:
        return meetings.state(HALL).trouble == "kicked"

    await attendance.step()
    await wait_for(is_in, every=0.01)
    door.meeting.end()
    await wait_for(is_out, every=0.01)
    for _ in range(3):
        await attendance.step()
    assert door.visits == 1
    stage.clock.forward(SETTLES.total_seconds() / 60)
    for _ in range(2):
        await stage.bot.check_in.step()
    [said] = in_room(await stage.news(), HOSTS)
    assert "somebody removed me, so I stay out" in said
    attendance.wake.was_set()  # Forgets it.

    await host(stage, body)
    assert attendance.wake.was_set()
    await attendance.step()
    await wait_for(is_in, every=0.01)
    assert door.visits == 2
    await attendance.close()
