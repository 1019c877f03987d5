"""Streams of open pages: kept open, bounded, and closed when they must be."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.texts.render import say
from fosdembot.web.refusals import Declined
from fosdembot.web.routing import Asked, Route
from fosdembot.web.screens import Screen, Topic
from fosdembot.web.stream_places import StreamPlaces
from fosdembot.web.streams import BEAT, Streams

from .world import BOB, KERNEL, World, empty_database, world

__all__ = ["empty_database", "world"]


async def test_something_is_sent_now_and_then(world: World) -> None:
    async with world.watch() as stream:
        await world.stepped.advance(10 * BEAT)
        await stream.until(lambda it: it.beats >= 9, "beats")
        assert len(stream.events) <= 2


async def test_who_comes_back_is_told_what_was_missed(world: World) -> None:
    _, event = await world.ask("How small?")
    async with world.watch() as stream:
        await stream.sees("How small?")
        await world.stepped.advance(1)
        last = stream.events[-1]
    world.react(BOB, event)
    await world.stepped.advance(1)
    for who in ({"headers": {"Last-Event-ID": last.id}}, {}):
        path = "/r/kernel/events" + ("" if who else f"?since={last.id}")
        async with world.watch(path, **who) as stream:
            await stream.until(lambda it: it.events, "an event")
            assert 'data-votes="1"' in "".join(stream.events[0].data["items"].values())
            assert "order" not in stream.events[0].data
    async with world.watch(headers={"Last-Event-ID": "0a1b2c3d.7"}) as stream:
        await stream.sees("How small?")
        assert "order" in stream.events[0].data


async def test_the_bot_closes_them_when_it_stops(world: World) -> None:
    async with world.watch() as stream:
        await stream.until(lambda it: it.events)
        await world.bot.stop()
        await stream.until(lambda it: it.is_over, "the end")
    answer = await world.get("/r/kernel")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
    assert "is starting" in answer.text
    assert answer.headers["Refresh"] == "2"
    # By coming again a browser would leave out what was sent.
    sent = await world.post("/talk/do", {"do": "answer 1", "text": "4 kB"}, as_json=False)
    assert sent.status == 503
    assert "Refresh" not in sent.headers
    assert "what you wrote is sent again" in sent.text
    # What a script sent is not in the browser's history: reloading the page would lose it.
    by_script = await world.post("/talk/do", {"do": "answer 1", "text": "4 kB"})
    assert by_script.json == {"error": "The bot is starting. Try once more in a moment."}


async def test_a_stream_has_no_body_for_who_asks_for_its_head(world: World) -> None:
    answer = await asyncio.wait_for(world.request("HEAD", "/r/kernel/events"), 5)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["X-Accel-Buffering"] == "no"


class Large:
    """A stream of its own, of a page as large as one likes."""

    def __init__(self, world: World, **places: Any) -> None:
        self.world = world
        self.text = "0"
        self.may = True
        self.asked = 0
        self.answers = asyncio.Event()
        """Whether what was asked is answered at once."""
        self.answers.set()
        self.live = world.bot.pages.live
        draws: Any = self.live._draws
        draws["large"] = self.draw
        self.streams = Streams(self.live, world.clock, StreamPlaces(0, **places))
        world.bot.pages.app.add([Route("GET", "/large", self.events)])

    async def draw(self, session: AsyncSession, topic: Topic, now: datetime) -> Screen:
        return Screen(parts={"text": self.text})

    async def events(self, asked: Asked) -> web.StreamResponse:
        return await self.streams.serve(asked.request, Topic("large", KERNEL), self.allowed)

    async def allowed(self) -> None:
        self.asked += 1
        may = self.may
        await self.answers.wait()
        if not may:
            raise Declined(say("not any more"))

    @asynccontextmanager
    async def while_asked(self) -> AsyncIterator[None]:
        """Whether somebody may still look is being asked of the database during the block."""
        before = self.asked
        self.answers.clear()
        self.live.rights_changed()
        await _until(lambda: self.asked > before)
        yield
        self.answers.set()

    async def show(self, text: str) -> None:
        self.text = text
        self.live.talks_changed()
        await self.world.stepped.advance(0.1)

    @asynccontextmanager
    async def deaf(self) -> AsyncIterator[socket.socket]:
        """A browser that asks for the stream, and does not read it."""
        host = self.world.origin.rpartition("/")[2]
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, ("127.0.0.1", int(host.rpartition(":")[2])))
        await loop.sock_sendall(connection, f"GET /large HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        with connection:
            yield connection


async def _until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def test_who_does_not_read_holds_up_nobody_and_is_cut_off(world: World) -> None:
    large = Large(world)
    [topic] = [Topic("large", KERNEL)]
    async with large.deaf(), world.stream("/large") as stream:
        await _until(lambda: len(large.live._watched[topic].lookers) == 2)
        lookers = large.live._watched[topic].lookers
        for number in range(60):
            await large.show(f"{number} " + "x" * 20_000)
            await stream.sees(f"{number} x")
        assert len(lookers) == 2
        # One message at most waits for them, whatever happened meanwhile.
        waiting = [t.get_write_buffer_size() for t in _transports()]
        assert 0 < max(waiting) < 30_000
        await world.stepped.advance(2 * BEAT)
        await _until(lambda: len(lookers) == 1)
        await large.show("after all")
        await stream.sees("after all")


def _transports() -> list[Any]:
    import gc

    return [
        each
        for each in gc.get_objects()
        if type(each).__name__ == "_SelectorSocketTransport" and not each.is_closing()
    ]


async def test_who_does_not_read_does_not_keep_the_bot_from_stopping(world: World) -> None:
    large = Large(world)
    async with large.deaf():
        await _until(lambda: Topic("large", KERNEL) in large.live._watched)
        await large.show("x" * 3_000_000)
        await world.bot.stop()
        await _until(lambda: not large.streams.places.open)


async def test_so_many_are_open_at_once_and_others_are_told_so(world: World) -> None:
    large = Large(world, most=2)
    async with world.stream("/large"), world.stream("/large") as stream:
        await stream.until(lambda it: it.events)
        refused = await world.get("/large", headers={"Accept": "application/json"})
        assert (refused.status, refused.headers["Retry-After"]) == (503, "30")
        assert refused.json["error"].startswith("Too many pages are open.")
    await world.stepped.advance(BEAT)
    await _until(lambda: not large.streams.places.open)
    async with world.stream("/large") as stream:
        await stream.until(lambda it: it.events)


async def test_so_many_from_one_address(world: World) -> None:
    Large(world, most_from_one_address=1)
    async with world.stream("/large"):
        refused = await world.get("/large")
        assert refused.status == 429
        assert "where you are" in refused.text


@pytest.mark.parametrize("is_told", [True, False])
async def test_whose_right_ends_is_told_nothing_more(world: World, is_told: bool) -> None:
    large = Large(world)
    async with world.stream("/large") as stream:
        await stream.until(lambda it: it.events)
        large.may = False
        if is_told:
            large.live.rights_changed()
            await world.stepped.rest()
        else:
            await world.stepped.advance(BEAT)
        await stream.until(lambda it: it.is_over, "the end")


async def test_a_right_that_ends_while_it_is_asked_for_is_asked_for_again(world: World) -> None:
    large = Large(world)
    async with world.stream("/large") as stream:
        await stream.until(lambda it: it.events)
        async with large.while_asked():
            large.may = False
            large.live.rights_changed()
        await stream.until(lambda it: it.is_over, "the end")


async def test_a_right_that_ends_while_the_page_is_opened_is_noticed(world: World) -> None:
    """Nobody is told of it yet who does not look yet."""
    large = Large(world)
    large.may = False
    async with world.stream("/large") as stream:
        await stream.until(lambda it: it.is_over, "the end")
        assert not stream.events


async def test_who_is_just_being_looked_at_does_not_keep_the_bot_from_stopping(
    world: World,
) -> None:
    large = Large(world)
    async with world.stream("/large") as stream:
        await stream.until(lambda it: it.events)
        async with large.while_asked():
            await world.bot.pages.close()
        await stream.until(lambda it: it.is_over, "the end")


async def test_streams_that_fail_to_begin_leave_no_place_taken(world: World) -> None:
    large = Large(world, most=1)
    large.live._draws.pop("large")  # type: ignore[attr-defined]
    for _ in range(3):
        assert (await world.get("/large")).status == 500
    assert not large.streams.places.open
