"""Open pages stay true, and cost one drawing for each change, however many there are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.web.live import (
    GLANCE,
    KEPT,
    MOST_KEPT,
    PAUSE_PER_LOOKER,
    PAUSE_PER_SECOND,
    SHORTEST_PAUSE,
    Live,
)
from fosdembot.web.screens import Screen, Topic
from fosdembot.web.watched import Looker
from simulation.conference import START

from .world import KERNEL, World, empty_database, world

__all__ = ["empty_database", "world"]

ROOM = Topic("drawn", KERNEL)
OTHER = Topic("other", KERNEL)


class Drawings:
    """Draws a number, and counts."""

    def __init__(self, world: World) -> None:
        self.number = 0
        self.drawn = 0
        self.held: asyncio.Event | None = None
        self.error: Exception | None = None
        self.screen = Screen()
        draws = {"drawn": self.draw, "other": self.draw_other}
        log = logging.getLogger("fosdembot.test")
        self.live = Live(world.database, world.bot.programme, draws, world.clock, log)
        world.bot._steps.add("drawings", self.live.step, self.live.wake, close=self.live.close)
        self.world = world

    async def draw(self, session: AsyncSession, topic: Topic, now: datetime) -> Screen:
        self.drawn += 1
        screen = replace(self.screen, parts={"number": str(self.number)})
        if self.held is not None:
            await self.held.wait()
        if self.error is not None:
            raise self.error
        return screen

    async def redraw(self, session: AsyncSession, now: datetime) -> Screen:
        if self.error is not None:
            raise self.error
        return replace(self.screen, parts={"number": f"again {self.number}"})

    async def draw_other(self, session: AsyncSession, topic: Topic, now: datetime) -> Screen:
        return Screen(parts={"number": f"other {self.number}"})

    def change(self) -> None:
        self.number += 1
        self.live.questions_changed({"talk-1"})

    async def later(self, seconds: float = 0) -> None:
        await self.world.stepped.advance(seconds)


def told(looker: Looker) -> str:
    """What it has not been told."""
    return looker.take(0.0, lambda _: b"null").decode()


def news(looker: Looker) -> str:
    """And whether it was woken for that."""
    assert looker.news.is_set()
    return told(looker)


@pytest.fixture
async def drawings(world: World) -> Drawings:
    return Drawings(world)


async def test_a_hundred_pages_cost_one_drawing_and_one_encoding(drawings: Drawings) -> None:
    lookers = await asyncio.gather(*[drawings.live.look(ROOM) for _ in range(100)])
    assert drawings.drawn == 1, "also where they all come at once"
    assert all('"number":"0"' in told(looker) for looker in lookers)
    await drawings.later(1)
    drawings.change()
    await drawings.later()
    assert drawings.drawn == 2
    said = [looker.take(0.0, lambda _: b"null") for looker in lookers]
    assert len({id(each) for each in said}) == 1, "it is the very same"
    assert b'"number":"1"' in said[0]


async def test_what_changes_while_it_is_drawn_for_the_first_time_is_seen(
    drawings: Drawings,
) -> None:
    drawings.held = asyncio.Event()
    looking = asyncio.create_task(drawings.live.look(ROOM))
    await drawings.later()
    drawings.change()
    drawings.held.set()
    looker = await looking
    await drawings.later(1)
    assert '"number":"1"' in news(looker)
    assert drawings.drawn == 2


async def test_who_comes_while_it_is_drawn_waits_for_what_is_newer(drawings: Drawings) -> None:
    looker = await drawings.live.look(ROOM)
    await drawings.later(1)
    drawings.held = asyncio.Event()
    drawings.change()
    await drawings.later()
    asking = asyncio.create_task(drawings.live.draw(ROOM))
    await drawings.later()
    drawings.number = 7
    drawings.live.questions_changed({"talk-1"})
    drawings.held.set()
    assert (await asking).parts == {"number": "7"}
    assert '"number":"7"' in news(looker)


async def test_many_votes_are_drawn_together_and_the_first_at_once(drawings: Drawings) -> None:
    looker = await drawings.live.look(ROOM)
    told(looker)
    await drawings.later(1)
    drawings.change()
    await drawings.later()
    assert '"number":"1"' in news(looker)
    before = drawings.drawn
    for _ in range(50):
        drawings.change()
        await drawings.later(SHORTEST_PAUSE / 4)
    assert drawings.drawn - before <= 50 / 4 + 1
    await drawings.later(SHORTEST_PAUSE * 2)
    assert '"number":"51"' in news(looker).splitlines()[-2]


async def test_what_takes_long_to_draw_is_drawn_a_third_of_the_time(drawings: Drawings) -> None:
    looker = await drawings.live.look(ROOM)
    told(looker)
    await drawings.later(1)
    drawings.held = asyncio.Event()
    drawings.change()
    await drawings.later(0.1)
    drawings.held.set()
    await drawings.later()
    before = drawings.drawn
    drawings.change()
    await drawings.later(PAUSE_PER_SECOND * 0.1 - 0.01)
    assert drawings.drawn == before
    await drawings.later(0.02)
    assert '"number":"2"' in news(looker)


async def test_the_pause_grows_with_the_pages(drawings: Drawings) -> None:
    lookers = [await drawings.live.look(ROOM) for _ in range(1000)]
    await drawings.later(1)
    before = drawings.drawn
    for _ in range(50):
        drawings.change()
        await drawings.later(0.02)
    assert drawings.drawn - before <= 50 * 0.02 / (1000 * PAUSE_PER_LOOKER)
    await drawings.later(1)
    assert all('"number":"50"' in news(looker) for looker in lookers)


async def test_what_cannot_be_drawn_stops_no_other_page(
    drawings: Drawings, caplog: pytest.LogCaptureFixture
) -> None:
    looker, other = [await drawings.live.look(topic) for topic in (ROOM, OTHER)]
    told(looker)
    told(other)
    drawings.error = ValueError("what somebody wrote")
    for seconds in (1, 1, 1, 60):
        await drawings.later(seconds)
        drawings.change()
        await drawings.later()
        assert f"other {drawings.number}" in news(other)
    assert not looker.news.is_set()
    drawings.error = None
    await drawings.later(60)
    assert f'"number":"{drawings.number}"' in news(looker)
    said = [record.getMessage() for record in caplog.records]
    assert said[0].startswith("A page (drawn) cannot be drawn: ValueError at test_live.py:")
    assert len(said) <= 2, "not each time"
    assert "wrote" not in str(said)


async def test_it_is_drawn_when_it_is_due(drawings: Drawings) -> None:
    drawings.screen = Screen(redraw_at=drawings.world.clock.now() + timedelta(minutes=5))
    looker = await drawings.live.look(ROOM)
    told(looker)
    drawings.number = 1
    await drawings.later(299)
    drawings.number = 2
    await drawings.later(1)
    assert '"number":"2"' in news(looker)


Tell = Callable[[Live], None]


def questions(live: Live) -> None:
    live.questions_changed({"talk-1"})


def talks(live: Live) -> None:
    live.talks_changed({KERNEL})


@pytest.mark.parametrize(
    ("tells", "is_enough"),
    [
        ([questions], True),
        ([questions, questions], True),
        ([talks], False),
        ([questions, talks], False),
        ([talks, questions], False),
    ],
)
async def test_where_only_questions_changed_no_more_is_read(
    drawings: Drawings, tells: list[Tell], is_enough: bool
) -> None:
    drawings.screen = Screen(redraw=drawings.redraw)
    looker = await drawings.live.look(ROOM)
    for _ in range(2):
        told(looker)
        await drawings.later(1)
        drawings.number += 1
        for tell in tells:
            tell(drawings.live)
        await drawings.later()
        assert ('"number":"again' in news(looker)) is is_enough
    assert drawings.drawn == (1 if is_enough else 3)


async def test_a_moment_that_has_come_is_drawn_whole(drawings: Drawings) -> None:
    at = drawings.world.clock.now() + timedelta(minutes=1)
    drawings.screen = Screen(redraw=drawings.redraw, redraw_at=at)
    await drawings.live.look(ROOM)
    for _ in range(29):
        await drawings.later(2)
        drawings.change()
        await drawings.later()
    assert drawings.drawn == 1
    await drawings.later(2)
    assert drawings.drawn == 2


async def test_after_a_failure_all_is_read(drawings: Drawings) -> None:
    drawings.screen = Screen(redraw=drawings.redraw)
    looker = await drawings.live.look(ROOM)
    told(looker)
    await drawings.later(1)
    drawings.error = ValueError("no")
    drawings.change()
    await drawings.later()
    drawings.error = None
    await drawings.later(1)
    assert drawings.drawn == 2
    assert '"number":"1"' in news(looker)


async def test_a_moment_that_lies_behind_is_not_drawn_without_end(drawings: Drawings) -> None:
    drawings.screen = Screen(redraw_at=START)
    await drawings.live.look(ROOM)
    await drawings.later(10)
    assert drawings.drawn <= 11


async def test_a_change_that_nobody_told_of_is_seen_a_minute_later(drawings: Drawings) -> None:
    looker = await drawings.live.look(ROOM)
    told(looker)
    drawings.number = 1
    await drawings.later(GLANCE)
    assert '"number":"1"' in news(looker)


async def test_nothing_is_drawn_for_nobody(drawings: Drawings) -> None:
    drawings.live.leave(await drawings.live.look(ROOM))
    before = drawings.drawn
    for _ in range(100):
        drawings.change()
        await drawings.later(1)
    assert drawings.drawn == before
    assert (await drawings.live.draw(ROOM)).parts == {"number": "100"}


async def test_pages_that_are_loaded_again_and_again_are_drawn_once(drawings: Drawings) -> None:
    for _ in range(100):
        await drawings.live.draw(ROOM)
    assert drawings.drawn == 1
    await drawings.later(KEPT + 1)
    await drawings.live.draw(ROOM)
    assert drawings.drawn == 2


async def test_it_remembers_a_bounded_number_of_pages(drawings: Drawings) -> None:
    looker = await drawings.live.look(ROOM)
    for number in range(2 * MOST_KEPT):
        await drawings.live.draw(replace(OTHER, talk=f"talk-{number}"))
    assert len(drawings.live._watched) <= MOST_KEPT + 1
    drawings.change()
    await drawings.later(1)
    assert '"number":"1"' in news(looker), "those that are open stay"


@pytest.mark.parametrize(
    ("change", "is_seen"),
    [
        (lambda live: live.questions_changed({"talk-2"}), True),
        (lambda live: live.questions_changed({"talk-11"}), False),
        (lambda live: live.questions_changed({"no such talk"}), False),
        (lambda live: live.talks_changed({KERNEL}), True),
        (lambda live: live.talks_changed({"#cloud:fake.test"}), False),
        (lambda live: live.talks_changed(), True),
    ],
)
async def test_only_pages_of_that_room_are_drawn(
    drawings: Drawings, change: Callable[[Live], None], is_seen: bool
) -> None:
    await drawings.live.look(ROOM)
    await drawings.later(1)
    before = drawings.drawn
    change(drawings.live)
    await drawings.later(1)
    assert (drawings.drawn > before) is is_seen


async def test_who_looks_while_it_closes_is_closed(drawings: Drawings) -> None:
    drawings.held = asyncio.Event()
    looking = asyncio.create_task(drawings.live.look(ROOM))
    await drawings.later()
    await drawings.live.close()
    drawings.held.set()
    assert (await looking).is_closed
    assert (await drawings.live.look(ROOM)).is_closed
