"""What is pinned is true within seconds, whatever was decided, published or wrong.

It begins at 9:00; "Tiny kernels" is on from 10:00 to 10:25, then come "Big kernels" (see
`hall.py`).
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from fosdembot.db.tables import Outgoing
from fosdembot.matrix.outbox import pinned as keys_pinned
from simulation.conference import Planned
from tests.stage import BOT, CONTROL, KERNEL, MODERATOR, ORGANISER, MakeStage, Stage, talks

from .hall import BIG, TINY, listening, look, open_audience, open_hall

OLD = Planned(3, "Old kernels", 300, 25)
NOW_TINY = 'Now, until 10:25: "Tiny kernels"'
NOW_BIG = 'Now, until 10:27: "Big kernels"'
STARTING_BIG = 'Starting at 10:25: "Big kernels"'
NO_EDITS: dict[str, Any] = {"notices": {"edits": "off"}}


async def pinned(stage: Stage) -> list[str]:
    """What the pinned messages say, as they were edited last; their first lines."""
    async with stage.database.read() as session:
        rows = {row.key: row for row in await session.scalars(select(Outgoing))}
    keys = [key for row in rows.values() if row.kind == "state" for key in keys_pinned(row)]
    says = [rows[f"edit:{key}"] if f"edit:{key}" in rows else rows[key] for key in keys]
    return [row.content["body"].split("\n")[0].replace(" with Ada L.", "") for row in says]


async def decide(stage: Stage, *commands: str, at: float = 62) -> None:
    """A moderator types each a minute after the other; everything is sent at once."""
    for minute, command in enumerate(commands):
        stage.clock.set(at + minute)
        await stage.say(KERNEL, MODERATOR, command)
        await stage.tell()
        await stage.deliver()


@pytest.fixture(params=["edits", "no edits"])
async def on(request: pytest.FixtureRequest, make_stage: MakeStage) -> Stage:
    """A room in which "Tiny kernels" is on for a minute."""
    settings = NO_EDITS if request.param == "no edits" else {}
    stage = (await open_audience(make_stage, **settings)).stage
    assert await pinned(stage) == [NOW_TINY]
    return stage


@pytest.mark.parametrize(
    "story",
    [
        [("!talk delay 30", 'Starting at 10:30: "Tiny kernels"')],
        [
            ("!talk delay 10", 'Starting at 10:10: "Tiny kernels"'),
            ("!talk delay 20", 'Starting at 10:20: "Tiny kernels"'),
        ],
        [("!talk delay 10", 'Starting at 10:10: "Tiny kernels"'), ("!undo", NOW_TINY)],
        [
            ("!talk noshow", '"Tiny kernels" does not take place: the speaker is not here'),
            ("!talk start 1", NOW_TINY),
        ],
        [("!talk cancel", '"Tiny kernels" is cancelled'), ("!undo", NOW_TINY)],
        [("!talk end", '"Tiny kernels" is over'), ("!undo", NOW_TINY)],
        [("!talk now 2", NOW_BIG), ("!undo", NOW_TINY)],
        [("!talk start 2", NOW_BIG), ("!undo", NOW_TINY)],
        [
            ("!talk end", '"Tiny kernels" is over'),
            ("!talk start 2", 'Now, until 10:28: "Big kernels"'),
            ("!undo", STARTING_BIG),
        ],
        [
            ("!talk now 3", 'Now, until 10:27: "Old kernels"'),
            ("!talk now 2", 'Now, until 10:28: "Big kernels"'),
        ],
    ],
    ids=lambda story: ", ".join(command for command, _ in story),
)
async def test_after_each_decision(on: Stage, story: list[tuple[str, str]]) -> None:
    for minute, (command, says) in enumerate(story, 62):
        await decide(on, command, at=minute)
        assert await pinned(on) == [says], command


async def test_what_comes_next_is_said_too(on: Stage) -> None:
    await decide(on, "!talk noshow")
    [said] = [s for s in await on.outbox(KERNEL) if STARTING_BIG in s.body]
    assert said.body.split("\n")[1:] == [f"{STARTING_BIG} with Ada L."]
    await decide(on, "!talk cancel 2", at=64)
    [*_, last] = [s.body for s in await on.outbox(KERNEL) if "the speaker is not here" in s.body]
    assert "Big" not in last
    assert 'Starting at 14:00: "Old kernels"' in last


async def test_at_the_last_talk_that_nothing_comes(on: Stage) -> None:
    await on.publish(*talks(TINY))
    await decide(on, "!talk end")
    assert [s for s in await on.outbox(KERNEL) if "No more talks are planned here" in s.body]


@pytest.mark.parametrize(
    ("published", "says"),
    [
        ([Planned(1, "Tiny kernels", 70, 15), BIG], 'Starting at 10:10: "Tiny kernels"'),
        ([Planned(1, "Tiny kernels", 60, 20), BIG], 'Now, until 10:20: "Tiny kernels"'),
        ([Planned(1, "Tiny kernels", 55, 20), BIG], 'Now, until 10:15: "Tiny kernels"'),
        ([Planned(1, "Tiny kernels", 30, 25), BIG], '"Tiny kernels" is over'),
        ([Planned(1, "Tinier kernels", 60, 25), BIG], 'Now, until 10:25: "Tinier kernels"'),
        ([BIG, OLD], '"Tiny kernels" is cancelled'),
    ],
    ids=["later", "shorter", "earlier", "over", "renamed", "gone"],
)
async def test_after_a_new_schedule(on: Stage, published: list[Planned], says: str) -> None:
    on.clock.set(62)
    await on.publish(*talks(*published, OLD) if OLD not in published else talks(*published))
    await on.tell()
    await on.deliver()
    assert await pinned(on) == [says]


async def test_when_a_clock_is_set_right(on: Stage) -> None:
    on.clock.set(47)
    await on.tell()
    await on.deliver()
    assert await pinned(on) == ['Starting at 10:00: "Tiny kernels"']
    said = await on.hear(KERNEL, until=61)
    assert await pinned(on) == ['Now, until 10:25: "Tiny kernels"']
    assert not [line for line in said if " now " in line], "it was told already"


async def test_its_time_comes_again_and_it_is_announced(on: Stage) -> None:
    await decide(on, "!talk delay 10")
    assert "10:10 now 1 10:35 10:30" in await on.hear(KERNEL, until=70)
    assert await pinned(on) == ['Now, until 10:35: "Tiny kernels"']


async def test_where_a_talk_ends_as_it_was_said_nothing_is_touched(make_stage: MakeStage) -> None:
    stage = await open_hall(make_stage)
    await stage.publish(*talks(TINY, OLD))
    await listening(stage)
    await stage.hear(KERNEL, until=100)
    stage.bot.notice_scheduler.changed(None)
    assert [s for s in await stage.tell(101) if "now/" in s.key] == []
    assert await pinned(stage) == ['Now, until 10:25: "Tiny kernels"']


@pytest.mark.parametrize("left", [[], [Planned(1, "Tiny kernels", 60, 1)]], ids=["gone", "short"])
@pytest.mark.parametrize("settings", [{}, NO_EDITS], ids=["edits", "no edits"])
async def test_what_is_over_and_is_planned_no_more_stands_and_the_next_is_told(
    make_stage: MakeStage, left: list[Planned], settings: dict[str, Any]
) -> None:
    stage = await open_hall(make_stage, **settings)
    await stage.publish(*talks(TINY, OLD))
    await listening(stage)
    await stage.hear(KERNEL, until=100)
    await stage.publish(*talks(*left, Planned(3, "Old kernels", 240, 25)))
    await stage.tell(101)
    assert await pinned(stage) == ['Now, until 10:25: "Tiny kernels"']
    assert "13:00 now 3 13:25 13:20" in await stage.hear(KERNEL, until=241)
    assert await pinned(stage) == ['Now, until 13:25: "Old kernels"']


# Not announced twice.


async def announced(stage: Stage) -> int:
    return len([s for s in await stage.outbox(KERNEL) if s.body.startswith("Now, until")])


async def test_a_start_that_moves_within_the_past_is_no_news(on: Stage) -> None:
    await decide(on, "!talk start", "!undo", "!talk start")
    assert await announced(on) == 1
    for start in (58, 61, 55):
        on.clock.forward(1)
        await on.publish(*talks(Planned(1, "Tiny kernels", start, 85 - start), BIG, OLD))
        await on.tell()
        await on.deliver()
    assert await announced(on) == 1


async def test_nor_is_its_qa_told_again(on: Stage) -> None:
    await on.hear(KERNEL, until=81)
    await decide(on, "!talk start", at=82)
    assert not [s for s in await on.outbox(KERNEL) if s.key.startswith("qa/")][1:]


# Rooms without edits: a new line, once.


async def test_a_line_is_said_once_and_pinned_again_where_it_is_true_again(
    make_stage: MakeStage,
) -> None:
    stage = (await open_audience(make_stage, **NO_EDITS)).stage
    for minute in (62, 64, 66):
        await decide(stage, "!talk delay 30", "!undo", at=minute)
    lines = [s.body for s in await stage.outbox(KERNEL) if "Starting at 10:30" in s.body]
    assert len(lines) == 1
    assert await announced(stage) == 1
    assert await pinned(stage) == ['Now, until 10:25: "Tiny kernels"']


async def test_no_line_where_nothing_is_pinned(make_stage: MakeStage) -> None:
    stage = (await open_audience(make_stage, notices={"edits": "off", "pin": False})).stage
    await decide(stage, "!talk delay 30")
    assert not [s for s in await stage.outbox(KERNEL) if s.body.startswith("Starting at 10:30")]


async def test_nor_while_notices_are_paused(make_stage: MakeStage) -> None:
    stage = (await open_audience(make_stage, **NO_EDITS)).stage
    await stage.open(CONTROL)
    await stage.say(CONTROL, ORGANISER, "!conf pause all")
    await decide(stage, "!talk delay 30")
    assert await pinned(stage) == []
    assert not [s for s in await stage.outbox(KERNEL) if s.body.startswith("Starting")]
    await stage.say(CONTROL, ORGANISER, "!conf resume all")
    await stage.tell(64)
    assert await pinned(stage) == ['Starting at 10:30: "Tiny kernels"']


async def test_a_title_that_is_another_during_a_pause_is_not_pinned(make_stage: MakeStage) -> None:
    stage = (await open_audience(make_stage, **NO_EDITS)).stage
    await stage.open(CONTROL)
    await stage.say(CONTROL, ORGANISER, "!conf pause all")
    await stage.publish(*talks(Planned(1, "Tinier kernels", 60, 25), BIG, OLD))
    await stage.tell(63)
    assert await pinned(stage) == []
    await stage.say(CONTROL, ORGANISER, "!conf resume all")
    await stage.tell(64)
    assert await pinned(stage) == ['Now, until 10:25: "Tinier kernels"']


async def test_a_line_that_waits_is_not_followed_by_another(make_stage: MakeStage) -> None:
    stage = (await open_audience(make_stage, **NO_EDITS)).stage
    for late in (10, 20, 30):
        await stage.say(KERNEL, MODERATOR, f"!talk delay {late}")
        await stage.tell()
    said = [s.body for s in await stage.outbox(KERNEL) if s.key.startswith("board/")]
    assert said == ['Starting at 10:30: "Tiny kernels" with Ada L.']


async def test_a_line_that_waits_is_not_taken_back_for_an_announcement(
    make_stage: MakeStage,
) -> None:
    """The talk began earlier, as it turned out, and is on: what was said of its former start is
    not wrong because of that."""
    stage = (await open_audience(make_stage, **NO_EDITS)).stage
    await stage.publish(*talks(Planned(1, "Tiny kernels", 45, 25), BIG, OLD))
    await stage.tell()
    stage.bot.notice_scheduler.changed(None)
    await stage.tell()
    keys = [s.key.partition("/")[0] for s in await stage.outbox(KERNEL) if s.key[:3] != "pin"]
    assert await pinned(stage) == ['Now, until 10:10: "Tiny kernels"']
    assert (keys.count("now"), keys.count("board")) == (1, 1)


# Whatever the limits are.


async def test_no_limit_of_edits_keeps_it_false(make_stage: MakeStage) -> None:
    limits = {"board_edits": 0, "board_seconds": 600}
    stage = (await open_audience(make_stage, questions=limits)).stage
    await decide(stage, "!talk delay 10")
    assert await pinned(stage) == ['Starting at 10:10: "Tiny kernels"']


async def test_questions_are_back_with_the_talk(make_stage: MakeStage) -> None:
    audience = await open_audience(make_stage)
    stage = audience.stage
    await audience.ask("How small?")
    await look(stage)
    await decide(stage, "!talk delay 10")
    assert "How small?" not in (await stage.outbox(KERNEL))[-1].body
    await decide(stage, "!undo", at=64)
    [edit] = [s for s in await stage.outbox(KERNEL) if s.kind == "edit" and "now/" in s.key]
    assert "How small?" in edit.body


# Several places.


async def test_what_is_on_in_several_places_is_all_pinned(make_stage: MakeStage) -> None:
    stage = await make_stage()
    attic = Planned(11, "Small clouds", 70, 50, place="Attic")
    await stage.publish(*talks(TINY, attic, BIG))
    await stage.open(KERNEL, {BOT: 50, MODERATOR: 50})
    await stage.hear(KERNEL, until=71)
    places = [line.split(":")[0] for line in await pinned(stage)]
    assert len(places) == 2
    await stage.hear(KERNEL, until=86)
    says = await pinned(stage)
    assert ["Small clouds" in says[0], "Big kernels" in says[1]] == [True, True]
    await decide(stage, "!talk cancel 11", at=87)
    assert [line for line in await pinned(stage) if "Small" in line] == []
