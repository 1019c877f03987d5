"""What replaced a message that is in its room is taken back before it is sent: the room hears the
truth all the same, and what was said counts as said."""

from __future__ import annotations

from sqlalchemy import select

from fosdembot.db.tables import Outgoing
from fosdembot.matrix.outbox import pinned as keys_pinned
from simulation.conference import Planned
from tests.stage import CONTROL, KERNEL, MODERATOR, ORGANISER, MakeStage, Stage, talks

from .hall import BIG, open_audience
from .test_board_truth import NO_EDITS, OLD, pinned


async def heard(stage: Stage) -> list[str]:
    said = await stage.outbox(KERNEL)
    return [s.body.split("\n")[0].replace(" with Ada L.", "") for s in said]


async def paused_and_resumed(stage: Stage, minute: float) -> None:
    await stage.say(CONTROL, ORGANISER, "!conf pause all")
    await stage.tell(minute)
    await stage.say(CONTROL, ORGANISER, "!conf resume all")
    await stage.tell(minute + 1)


async def test_a_new_end_that_waited_when_a_pause_began(make_stage: MakeStage) -> None:
    stage = (await open_audience(make_stage, **NO_EDITS)).stage
    await stage.open(CONTROL)
    await stage.deliver()
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 40), OLD))
    await stage.tell(62)
    assert await pinned(stage) == ['Now, until 10:40: "Tiny kernels"']
    await paused_and_resumed(stage, 63)
    assert await pinned(stage) == ['Now, until 10:40: "Tiny kernels"']
    assert (await heard(stage)).count('Now, until 10:40: "Tiny kernels"') == 1


async def test_another_talk_that_began_when_a_pause_did(make_stage: MakeStage) -> None:
    """The first was over, as it seemed."""
    stage = (await open_audience(make_stage, **NO_EDITS)).stage
    await stage.open(CONTROL)
    await stage.deliver()
    await stage.tell(85)
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 40), BIG, OLD))
    await stage.tell(86)
    await paused_and_resumed(stage, 87)
    assert 'Now, until 10:50: "Big kernels"' in " ".join(await heard(stage))


async def test_a_title_that_is_another_before_it_begins_again(make_stage: MakeStage) -> None:
    stage = (await open_audience(make_stage, **NO_EDITS)).stage
    await stage.deliver()
    await stage.publish(*talks(Planned(1, "Tiny kernels", 70, 25), BIG, OLD))
    await stage.tell(62)
    assert await pinned(stage) == ['Starting at 10:10: "Tiny kernels"']
    # In time after all, and called otherwise.
    await stage.publish(*talks(Planned(1, "Tinier kernels", 60, 25), BIG, OLD))
    await stage.tell(63)
    assert await pinned(stage) == ['Now, until 10:25: "Tinier kernels"']


async def test_by_a_clock_that_was_wrong(make_stage: MakeStage) -> None:
    stage = (await open_audience(make_stage, **NO_EDITS)).stage
    await stage.deliver()
    await stage.tell(59)
    await stage.publish(*talks(Planned(1, "Tinier kernels", 60, 25), BIG, OLD))
    await stage.tell(59)
    await stage.tell(60)
    assert await pinned(stage) == ['Now, until 10:25: "Tinier kernels"']


async def test_posted_anew_when_a_pause_began(make_stage: MakeStage) -> None:
    stage = (await open_audience(make_stage)).stage
    await stage.open(CONTROL)
    await stage.deliver()
    await stage.say(KERNEL, MODERATOR, "!board")
    await paused_and_resumed(stage, 63)
    assert await pinned(stage) == ['Now, until 10:25: "Tiny kernels"']
    async with stage.database.read() as session:
        rows = {row.key: row for row in await session.scalars(select(Outgoing))}
    keys = [key for row in rows.values() if row.kind == "state" for key in keys_pinned(row)]
    assert all(f"redact/{key}" not in rows for key in keys)
