"""The page of one talk's board: during the talk, forever after, and where it goes elsewhere."""

from __future__ import annotations

from datetime import timedelta

from fosdembot.web.streams import BEAT
from simulation.conference import Planned
from simulation.waiting import wait_for

from .known import logged_in
from .world import BOB, CLOUD, EVE, KERNEL, PROGRAMME, World, empty_database, world

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


async def test_a_vote_on_a_page_that_was_open_before_counts_for_what_it_shows(
    world: World,
) -> None:
    """Its question has another number by now, which in the room before is another question's."""
    bob = await logged_in(world.bot, world.database, BOB)
    form = {"text": "How big?", "talk": "talk-2"}
    assert (await world.post("/r/kernel/ask", form, headers=bob)).status == 200
    await world.ask("How tiny?")
    eve = await logged_in(world.bot, world.database, EVE)
    async with world.watch("/r/kernel/events?talk=talk-1") as stream:
        await stream.sees("How tiny?")
        moved = Planned(1, "Tiny kernels", 60, 25, chat_room=CLOUD, place="Attic")
        world.publish(moved, *PROGRAMME[1:])
        await stream.sees("Vote for question 1")
    form = {"question": "2", "page": "talk-1"}
    await world.post("/r/kernel/vote", form, headers=eve)
    assert await world.votes(1, KERNEL) == 0, "the vote is for another talk's question"
    assert await world.votes(1, CLOUD) == 1
