"""Pages of talks whose guids are not fit for addresses as they are: calendars give any."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from fosdembot.talks.page_words import talk_word
from simulation.conference import Planned, write_schedule
from simulation.waiting import wait_for

from .talk_desk import by_cookie
from .world import KERNEL, MODERATOR, PROGRAMME, World, empty_database, world

__all__ = ["empty_database", "world"]

ODD = ("a+b@example.org", "a&view=x", "100%25", "a b", "a#b", "ü/2;3=4")


@pytest.mark.parametrize("guid", ODD)
async def test_all_that_such_a_page_loads_is_there(world: World, guid: str) -> None:
    await _publish(world, guid)
    page = (await world.get(f"/r/kernel/t/{talk_word(guid)}")).text
    assert "Odd kernels" in page
    await _loads(world, page)


@pytest.mark.parametrize("guid", ODD)
async def test_so_is_what_moderators_open(world: World, guid: str) -> None:
    await _publish(world, guid)
    who = await by_cookie(world, MODERATOR)
    page = (await world.get(f"/r/kernel/t/{talk_word(guid)}", **who)).text
    path = re.search(r'href="([^"]*/moderate[^"]*)"', page)
    assert path is not None
    page = (await world.get(unescape(path[1]), **who)).text
    assert "<h1" in page
    assert "Odd kernels" in page
    await _loads(world, page, **who)
    day = re.search(r'<a href="([^"]*)" aria-current', page)
    assert day is not None
    again = (await world.get("/r/kernel/moderate" + unescape(day[1]), **who)).text
    assert "Odd kernels" in again


async def _publish(world: World, guid: str) -> None:
    """One more talk, which has this guid."""
    odd = Planned(33, "Odd kernels", 145, 25, chat_room=KERNEL)
    write_schedule(world.schedule, [*PROGRAMME, odd])
    text = world.schedule.read_text()
    world.schedule.write_text(text.replace("talk-33", guid.replace("&", "&amp;")))
    world.bot.schedule_poller.wake.set()

    async def is_known() -> bool:
        return guid in world.bot.programme.talks

    await wait_for(is_known, what="the talk")


async def _loads(world: World, page: str, **who: Any) -> None:
    """As its scripts do."""
    found = re.findall(r'data-(?:events|mine)="([^"]+)"', page)
    assert found
    for path in map(unescape, found):
        if "events" not in path:
            assert (await world.get(path, **who)).status == 200, path
        else:
            async with world.stream(path, **who) as stream:
                await stream.until(lambda it: it.events)
