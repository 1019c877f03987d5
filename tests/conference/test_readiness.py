"""Organisers hear in the control room why rooms would hear nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from fosdembot.db.tables import ToldTrouble
from fosdembot.steps import Steps
from simulation.conference import Planned
from simulation.stepped_clock import SteppedClock, sqlite_at_once
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
    assert said.endswith("is over: they will hear what is on.")


async def test_what_is_over_is_said_and_what_returns_is_told_again(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.open(CONTROL)
    for _ in range(2):
        await stage.publish(ROOMLESS)
        await stage.news()
        [said] = await look(stage)
        assert said.startswith("None of 1 talk has a room")
        await stage.restart()
        await stage.news()
        assert await look(stage) == []
        await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25)))
        await stage.news()
        [said] = await look(stage)
        assert (
            said == "What kept rooms from being told anything is over: they will hear what is on."
        )
        assert await look(stage) == []


async def test_names_that_are_found_again(make_stage: MakeStage) -> None:
    stage = await make_stage(notices={"tracks": {"Kernel": "full"}})
    await stage.open(CONTROL)
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25, track="Kernal")))
    await stage.news()
    [said] = await look(stage)
    assert said.startswith("Setting notices.tracks: ")
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25, track="Kernel")))
    await stage.news()
    assert await look(stage) == ["All names in my settings are in the schedule now."]


async def test_without_a_control_room_nothing_counts_as_told(make_stage: MakeStage) -> None:
    stage = await make_stage(control_room="")
    await stage.publish(ROOMLESS)
    await stage.bot.readiness.step()
    async with stage.database.read() as session:
        assert (await session.scalars(select(ToldTrouble))).all() == []


@pytest.fixture
def no_threads() -> Iterator[None]:
    with sqlite_at_once():
        yield


@pytest.mark.usefixtures("no_threads")
async def test_a_fault_does_not_end_it(
    make_stage: MakeStage, caplog: pytest.LogCaptureFixture
) -> None:
    stage = await make_stage()
    await stage.open(CONTROL)
    await stage.publish(ROOMLESS)
    await stage.news()
    await rename(stage, "told_troubles", "away")
    clock, readiness = SteppedClock(), stage.bot.readiness
    steps = Steps(clock, logging.getLogger("fosdembot.test"))
    steps.start()
    steps.add("readiness", readiness.step, readiness.wake)

    async def failed() -> bool:
        return "next try in" in caplog.text

    async def told() -> list[str]:
        return in_room(await stage.news(), CONTROL)

    await clock.until(failed, "a failure")
    await rename(stage, "away", "told_troubles")
    said = await clock.until(told, "another try")
    await steps.stop()
    assert said[0].startswith("None of 1 talk has a room")


async def rename(stage: Stage, table: str, to: str) -> None:
    async with stage.database.write() as session:
        await session.execute(text(f"ALTER TABLE {table} RENAME TO {to}"))


async def test_without_a_source(make_stage: MakeStage) -> None:
    stage = await make_stage(schedule={})
    await stage.open(CONTROL)
    [said] = await look(stage)
    assert "set schedule.source in my settings" in said


async def test_a_server_of_meetings_that_the_settings_do_not_name(make_stage: MakeStage) -> None:
    stage = await make_stage(jitsi={"table": {"Hall": "https://meet.example.org/secret-name"}})
    await stage.open(CONTROL)
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25)))
    await stage.news()
    [said] = await look(stage)
    assert said == (
        "Setting jitsi.servers: meet.example.org is not named there, so I stay away from the "
        "meetings of 1 talk."
    )
    assert await look(stage) == []
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25, place="Attic")))
    await stage.news()
    [said] = await look(stage)
    assert said.endswith("I may connect to all servers now at which talks have a meeting.")
