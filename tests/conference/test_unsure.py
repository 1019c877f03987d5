"""The connection to the database is lost in a commit that took place: nobody here knows of it, and
what is kept in memory is read again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from fosdembot.changes import Change
from fosdembot.db.engine import Database
from simulation.conference import Planned
from tests.stage import CONTROL, KERNEL, ORGANISER, MakeStage, Stage, talks

HOSTS = "#hosts:example.org"


@contextmanager
def losing_the_connection(database: Database) -> Iterator[None]:
    """In the next commit."""
    to_lose = [True]

    def lose(connection: Any) -> None:
        if to_lose:
            to_lose.clear()
            connection.connection.driver_connection._conn.commit()
            raise OperationalError("COMMIT", {}, OSError("connection lost"))

    event.listen(database.engine.sync_engine, "commit", lose)
    with pytest.raises(OperationalError):
        yield
    event.remove(database.engine.sync_engine, "commit", lose)


@pytest.fixture
async def stage(make_stage: MakeStage) -> Stage:
    stage = await make_stage()
    for alias in (CONTROL, KERNEL):
        await stage.open(alias)
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25)))
    await stage.news()
    return stage


async def test_the_schedule_that_is_in_force_is_the_one_that_was_committed(stage: Stage) -> None:
    heard: list[Change] = []
    with losing_the_connection(stage.database):
        await stage.publish(*talks(Planned(1, "Tinier kernels", 60, 25)))
    stage.bot.changes.subscribe(heard.append)
    await stage.bot.recall()
    await stage.bot.schedule_poller.step()
    assert [talk.title for talk in stage.bot.programme.talks.values()] == ["Tinier kernels"]
    assert heard
    heard.clear()
    await stage.bot.recall()
    assert heard == [], "once"


async def test_so_is_where_hosts_meet(stage: Stage) -> None:
    with losing_the_connection(stage.database):
        await stage.say(CONTROL, ORGANISER, f"!conf hosts all {HOSTS}")
    await stage.bot.recall()
    assert stage.bot.hosts_rooms.addresses == [HOSTS]
    assert HOSTS in stage.bot.rooms.wanted
