"""Organisers hear in the control room why rooms would hear nothing."""

from __future__ import annotations

import logging

import pytest

from tests.e2e.conference import Planned
from tests.stage import CONTROL, MakeStage, Stage, in_room, talks

ROOMLESS = Planned(1, "Tiny kernels", 60, 25, chat_room="")


async def look(stage: Stage) -> list[str]:
    await stage.bot.readiness.step()
    return in_room(await stage.news(), CONTROL)


async def test_it_is_told_once_and_again_when_it_is_something_else(
    make_stage: MakeStage, caplog: pytest.LogCaptureFixture
) -> None:
    stage = await make_stage(notices={"tracks": {"No such": "full"}})
    await stage.open(CONTROL)
    assert await look(stage) == []
    await stage.publish(ROOMLESS)
    await stage.news()
    with caplog.at_level(logging.WARNING):
        [said] = await look(stage)
    first, second = said.splitlines()
    assert first.startswith("None of 1 talk has a room, so nothing is told")
    assert second.startswith("Setting notices.tracks: ")
    assert [first, second] == [record.getMessage() for record in caplog.records]
    assert await look(stage) == []
    await stage.restart()
    await stage.news()
    assert await look(stage) == []
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25)))
    await stage.news()
    [said] = await look(stage)
    assert said.startswith("Setting notices.tracks: ")


async def test_without_a_source(make_stage: MakeStage) -> None:
    stage = await make_stage(schedule={})
    await stage.open(CONTROL)
    [said] = await look(stage)
    assert "set schedule.source in my settings" in said
