"""The page of one talk's board: during the talk, forever after, and where it goes elsewhere."""

from __future__ import annotations

from datetime import timedelta

from fosdembot.web.streams import BEAT
from simulation.conference import Planned
from simulation.waiting import wait_for

from .world import CLOUD, PROGRAMME, World, empty_database, world

__all__ = ["empty_database", "world"]


async def test_a_board_is_there_forever(world: World) -> None:
    await world.ask("How small?")
    world.stepped.ahead = timedelta(hours=1)
    text = (await world.get("/r/kernel")).text
    assert 'href="/r/kernel/t/talk-1"' in text
    assert "How small?" not in text
    world.stepped.ahead = timedelta(days=30)
    board = (await world.get("/r/kernel/t/talk-1")).text
    assert "How small?" in board
    assert "Over since" in board


async def test_a_board_in_another_room_is_found(world: World) -> None:
    answer = await world.get("/r/cloud/t/talk-1")
    assert (answer.status, answer.headers["Location"]) == (302, "/r/kernel/t/talk-1")
    embedded = await world.get("/r/cloud/t/talk-1?view=embed&order=fair")
    assert embedded.headers["Location"] == "/r/kernel/t/talk-1?view=embed&order=fair"


async def test_an_open_board_is_loaded_anew_where_its_talk_goes_to_another_room(
    world: World,
) -> None:
    """Its module does so where its stream is refused (`static/pages.js`)."""
    path = "/r/kernel/events?talk=talk-2"

    async def is_elsewhere() -> bool:
        return world.bot.programme.address_by_guid("talk-2") == CLOUD

    moved = Planned(2, "Big kernels", 85, 25, chat_room=CLOUD, place="Attic")
    async with world.watch(path) as stream:
        await stream.until(lambda it: it.events, "an event")
        world.publish(*(each for each in PROGRAMME if each.id != 2), moved)
        await wait_for(is_elsewhere, what="the schedule")
        await world.stepped.advance(BEAT)
        await stream.until(lambda it: it.is_over, "the end")
    for again in (path, "/r/kernel/mine?talk=talk-2"):
        answer = await world.get(again)
        assert answer.status == 403
        assert "in another room now" in answer.text
