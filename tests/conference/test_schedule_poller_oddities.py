"""What is odd in the published schedule is told, once."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from simulation.conference import schedule_xml
from tests.stage import CONTROL, MakeStage, Stage

from .watching import PROGRAMME, TINY, look, reload, watched


@pytest.fixture
async def stage(make_stage: MakeStage) -> Stage:
    return await watched(make_stage)


def with_start(number: int, clock: str, xml: str) -> str:
    """The schedule, but one talk's start is another one, which its date is not."""
    talk = PROGRAMME[number - 1]
    head, tail = xml.split(f'<event guid="talk-{talk.id}"')
    tail = re.sub("<start>[^<]*", f"<start>{clock}", tail, count=1)
    return f'{head}<event guid="talk-{talk.id}"{tail}'


async def test_what_is_odd_is_told_with_the_schedule_and_once(stage: Stage) -> None:
    odd = with_start(3, "02:00", schedule_xml(PROGRAMME, "Europe/Brussels"))
    told = "\n".join(await look(stage, odd))
    assert "Warning: 9 of 10 entries" in told, "the offset is not the zone's"
    assert "Warning: 'Talk 3' (id 3): date" in told
    assert "the date was taken" in told
    assert await look(stage) == []
    await stage.restart()
    assert await look(stage) == []


async def test_a_new_oddity_is_told_without_the_old_ones(stage: Stage) -> None:
    one = with_start(3, "02:00", schedule_xml(PROGRAMME, "Europe/London"))
    [told] = await look(stage, one)
    assert told.startswith("Warning: 'Talk 3' (id 3): date Sat 31 Jan 10:50, start 02:00")
    [told] = await look(stage, with_start(5, "03:00", one))
    assert told.startswith("Warning: 'Talk 5' (id 5): date")
    assert "Talk 3" not in told
    assert await look(stage, schedule_xml(PROGRAMME, "Europe/London")) == [
        "Nothing in the schedule is odd any more."
    ]


async def test_that_there_is_one_more_of_the_same_is_not_told(stage: Stage) -> None:
    def overlapping(number: int) -> str:
        more = (replace(TINY, id=20 + n, at=60 + 5 * n) for n in range(number))
        return schedule_xml([*PROGRAMME, *more])

    assert "Warning: 3 talks begin" in (await look(stage, overlapping(2)))[0]
    [told] = await look(stage, overlapping(3))
    assert "Warning" not in told


async def test_many_oddities_are_counted(stage: Stage) -> None:
    bad = "".join(f'<event id="{n}"><title>Bad {n}</title></event>' for n in range(100, 140))
    xml = schedule_xml(PROGRAMME).replace('<room name="Hall">', f'<room name="Hall">{bad}')
    [told] = await look(stage, xml)
    assert told.count("Warning: left out 'Bad ") == 5
    assert told.endswith("\nAnd 35 more warnings: fosdembot schedule check lists them.")
    _, again = await reload(stage)
    assert again == f"The schedule has not changed.\n{told}"


async def test_the_first_schedule_may_be_odd(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.open(CONTROL)
    [told] = await look(stage, with_start(3, "02:00", schedule_xml(PROGRAMME, "Europe/London")))
    first, warning = told.split("\n")
    assert first == "Schedule read: Test Conf, 10 talks in 1 room."
    assert warning.startswith("Warning: 'Talk 3'")
