"""Where organisers hold the notices of a room, its pages say so, to all who look."""

from __future__ import annotations

import pytest

from fosdembot.texts import page_hall as hall_texts
from fosdembot.texts import pages as texts

from .known import key_of
from .world import CONTROL, ORGANISER, World, empty_database, world

__all__ = ["empty_database", "world"]


@pytest.mark.parametrize("page", ["room", "talk", "stage"])
async def test_an_open_page_says_so_until_it_is_over(world: World, page: str) -> None:
    path, words = "/r/kernel/events", texts.PAUSED
    who = {}
    if page == "stage":
        path, words = f"{path}?view=stage", hall_texts.PAUSED
    elif page == "talk":
        path, who = "/talk/events", {"key": await key_of(world.bot, world.database, "talk-1")}
    async with world.watch(path, **who) as stream:
        await stream.until(lambda it: it.events)
        assert words not in stream.shown
        world.say(ORGANISER, "!conf pause all", CONTROL)
        await stream.sees(words)
        if page == "stage":
            assert stream.events[-1].data["in"] is None, "a countdown to what may not happen"
        world.say(ORGANISER, "!conf resume all", CONTROL)
        await stream.until(lambda it: words not in it.shown)


async def test_another_room_goes_on(world: World) -> None:
    async with world.watch() as stream:
        await stream.until(lambda it: it.events)
        world.say(ORGANISER, "!conf pause #cloud:fake.test", CONTROL)
        async with world.watch("/r/cloud/events") as other:
            await other.sees(texts.PAUSED)
        await world.stepped.rest()
        assert texts.PAUSED not in stream.shown
