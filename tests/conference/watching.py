"""A bot that watches a published schedule of ten talks."""

from __future__ import annotations

from sqlalchemy import select

from fosdembot.db.tables import ScheduleCopy
from simulation.conference import Planned
from tests.stage import CLOUD, CONTROL, KERNEL, ORGANISER, MakeStage, Stage, in_room, talks

USABLE_AGAIN = "The published schedule can be used again."
FETCHED_AGAIN = "The schedule can be fetched again."
DAY = 24 * 60
TINY = Planned(1, "Tiny kernels", 60, 25)
PROGRAMME = talks(TINY, *(Planned(n, f"Talk {n}", 35 + 25 * n, 25) for n in range(2, 11)))
FEWER = PROGRAMME[:5]
"""Half of them: that looks like an accident."""


async def watched(make_stage: MakeStage) -> Stage:
    """A bot in its rooms, with the programme."""
    return await make_stage(prepared=programme_is_read)


async def programme_is_read(stage: Stage) -> None:
    for alias in (CONTROL, KERNEL, CLOUD):
        await stage.open(alias)
    await stage.publish(*PROGRAMME)


async def look(stage: Stage, text: str | None = None) -> list[str]:
    """What the control room hears when the bot looks, five minutes later, at the schedule,
    which reads `text` now."""
    stage.clock.forward(5)
    if text is not None:
        stage.schedule.write_text(text)
    await stage.bot.schedule_poller.step()
    return in_room(await stage.news(), CONTROL)


async def accept(stage: Stage) -> list[str]:
    said = await stage.say(CONTROL, ORGANISER, "!conf schedule accept")
    await stage.bot.schedule_poller.step()
    return in_room([*said, *await stage.news()], CONTROL)


async def reload(stage: Stage) -> list[str]:
    stage.clock.forward(5)
    said = await stage.say(CONTROL, ORGANISER, "!conf reload")
    await stage.bot.schedule_poller.step()
    return in_room([*said, *await stage.news()], CONTROL)


async def status(stage: Stage) -> str:
    [answer] = in_room(await stage.say(CONTROL, ORGANISER, "!conf status"), CONTROL)
    return answer


async def standings(stage: Stage) -> set[str]:
    async with stage.database.read() as session:
        return set(await session.scalars(select(ScheduleCopy.standing)))


def titles(stage: Stage) -> set[str]:
    return {talk.title for talk in stage.bot.programme.talks.values()}
