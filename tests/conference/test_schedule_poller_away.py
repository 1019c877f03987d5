"""The published schedule cannot be fetched: told when it lasts, and when it is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulation.conference import schedule_xml
from tests.stage import CONTROL, KERNEL, MakeStage, Stage

from .watching import FETCHED_AGAIN, FEWER, PROGRAMME, accept, look, status, watched


@pytest.fixture
async def stage(make_stage: MakeStage) -> Stage:
    return await watched(make_stage)


async def test_a_source_that_is_away_is_told_at_the_third_time(stage: Stage) -> None:
    stage.schedule.unlink()
    assert [await look(stage) for _ in range(2)] == [[], []]
    assert " ".join(await look(stage)) == (
        "The schedule cannot be fetched: the file cannot be opened: No such file or directory. "
        "The last good one stays; I keep trying."
    )
    assert [await look(stage) for _ in range(5)] == [[]] * 5
    assert "the file cannot be opened" in await status(stage)
    assert await look(stage, schedule_xml(PROGRAMME)) == [FETCHED_AGAIN]
    assert await look(stage) == []
    assert "cannot be opened" not in await status(stage)
    stage.schedule.unlink()
    assert [len(await look(stage)) for _ in range(4)] == [0, 0, 1, 0]


async def test_it_is_told_also_where_the_database_was_away_at_the_third_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> object:
        raise OSError("away")

    stage.schedule.unlink()
    assert [await look(stage) for _ in range(2)] == [[], []]
    with monkeypatch.context() as away:
        away.setattr(stage.database, "write", fails)
        with pytest.raises(OSError, match="away"):
            await stage.bot.schedule_poller.step()
    assert [len(await look(stage)) for _ in range(3)] == [1, 0, 0]


async def test_that_it_can_be_fetched_again_is_told_after_a_restart_too(stage: Stage) -> None:
    stage.schedule.unlink()
    assert [len(await look(stage)) for _ in range(3)] == [0, 0, 1]
    await stage.restart()
    assert await look(stage, schedule_xml(PROGRAMME)) == [FETCHED_AGAIN]
    await stage.restart()
    assert await look(stage) == []


async def test_what_came_of_fetching_it_again_is_told_with_it(stage: Stage) -> None:
    stage.schedule.unlink()
    for _ in range(3):
        await look(stage)
    [told] = await look(stage, schedule_xml([replace(PROGRAMME[0], title="Small"), *PROGRAMME[1:]]))
    assert told.startswith(f"{FETCHED_AGAIN}\nThe schedule has changed: 1 renamed.")
    stage.schedule.unlink()
    for _ in range(3):
        await look(stage)
    [told] = await look(stage, "<html>")
    assert told.startswith(f"{FETCHED_AGAIN}\nThe published schedule cannot be used")


async def test_what_is_accepted_meanwhile_does_not_mean_that_it_can_be_fetched(
    stage: Stage,
) -> None:
    await look(stage, schedule_xml(FEWER))
    stage.schedule.unlink()
    for _ in range(3):
        await look(stage)
    await stage.restart()
    _, digest = await accept(stage)
    assert digest.startswith("The schedule has changed: 5 gone.")
    assert await look(stage, schedule_xml(FEWER)) == [FETCHED_AGAIN]


async def test_who_was_not_told_that_it_is_away_is_not_told_that_it_is_back(stage: Stage) -> None:
    stage.schedule.unlink()
    assert [await look(stage) for _ in range(2)] == [[], []]
    assert await look(stage, schedule_xml(PROGRAMME)) == []


async def test_at_the_first_start_it_is_told_at_once(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.open(CONTROL)
    [told] = await look(stage)
    assert told == (
        "The schedule cannot be fetched: the file cannot be opened: No such file or directory. "
        "I keep trying. Is schedule.source right in my settings?"
    )
    assert [await look(stage) for _ in range(4)] == [[]] * 4, "and only once"


async def test_a_start_needs_no_source(stage: Stage) -> None:
    stage.schedule.unlink()
    await stage.restart()
    assert "10:00 now 1 10:25 10:20" in await stage.hear(KERNEL, until=60)
