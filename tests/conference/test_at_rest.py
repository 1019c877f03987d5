"""What looks again and again, and wherever something may have changed, asks the database nothing
as long as nobody writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from fosdembot.bot import Bot
from fosdembot.changes import RoomsChanged
from fosdembot.db.engine import Database
from simulation.conference import Planned
from tests.stage import BOT, CLOUD, CONTROL, KERNEL, LISTED, MakeStage, talks

HOSTS = "#hosts:example.org"
PARTS = ("alarms", "widgets", "letters", "lagging")


@contextmanager
def asked(database: Database) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    for engine in database.engines:
        event.listen(engine, "before_cursor_execute", note)
    yield found
    for engine in database.engines:
        event.remove(engine, "before_cursor_execute", note)


def part(bot: Bot, name: str) -> Any:
    return bot.inbox.lagging if name == "lagging" else getattr(bot, name)


@pytest.mark.parametrize("name", PARTS)
async def test_who_looks_asks_only_where_somebody_has_written(
    make_stage: MakeStage, name: str
) -> None:
    stage = await make_stage(hosts={"*": HOSTS}, moderators=[LISTED])
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25)))
    for alias in (CONTROL, KERNEL, HOSTS):
        await stage.open(alias, {BOT: 50})
    looks = part(stage.bot, name)
    await looks.step()
    with asked(stage.database) as first:
        await looks.step()
    assert first == []
    await stage.open("#another:example.org")
    if name == "letters":
        await stage.say(KERNEL, LISTED, "!ask How small is tiny?", at=65)
    with asked(stage.database) as again:
        await looks.step()
    assert again


@pytest.mark.parametrize("name", ["alarms", "widgets"])
async def test_another_schedule_is_looked_at(make_stage: MakeStage, name: str) -> None:
    stage = await make_stage()
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25)))
    await stage.open(KERNEL, {BOT: 50})
    looks = part(stage.bot, name)
    await looks.step()
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25), Planned(2, "Big", 90, 25)))
    with asked(stage.database) as again:
        await looks.step()
    assert again


async def test_what_a_room_hears_is_planned_anew_where_an_address_leads_elsewhere(
    make_stage: MakeStage,
) -> None:
    stage = await make_stage()
    in_cloud = Planned(2, "Small clouds", 60, 25, place="Attic", chat_room=CLOUD)
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25)), in_cloud)
    for alias in (KERNEL, CLOUD):
        await stage.open(alias, {BOT: 50})
    await stage.tell(0)
    plans = stage.bot.notice_scheduler.plans
    before = dict(plans)
    stage.bot.changes.tell(RoomsChanged(frozenset({CONTROL})))
    with asked(stage.database) as found:
        await stage.bot.notice_scheduler.step()
    assert found == [], "no talk takes place there"
    stage.bot.changes.tell(RoomsChanged(frozenset({CLOUD})))
    await stage.bot.notice_scheduler.step()
    assert [address for address in plans if plans[address] is not before[address]] == [CLOUD]
    stage.bot.changes.tell(RoomsChanged())
    await stage.bot.notice_scheduler.step()
    assert [a for a in plans if plans[a] is before[a]] == []
