"""The room page in the frame of a Matrix client, by the client's own library. That its homeserver
confirms who looks is played here; the whole way is `tests/e2e/test_widget.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Frame, Locator, Route, expect

from fosdembot.texts import widget as texts
from simulation.npm_scripts import WIDGET_API
from simulation.widget_host import WidgetHost, widget_host
from tests.conftest import needs_browser

from .known import logged_in
from .world import BOB, BOT, EVE, World, empty_database, real_world

__all__ = ["empty_database"]
pytestmark = pytest.mark.asyncio(loop_scope="session")
TOKEN = {"access_token": "secret", "matrix_server_name": "fake.test"}


@pytest_asyncio.fixture(loop_scope="session")
async def host() -> AsyncIterator[WidgetHost]:
    needs_browser(WIDGET_API)
    async with widget_host() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def world(host: WidgetHost, tmp_path: Path, empty_database: Path) -> AsyncIterator[World]:
    pages = {"framed_by": [host.origin]}
    async with real_world(tmp_path, empty_database, pages=pages) as made:
        yield made


async def end_session(world: World) -> None:
    async with world.database.write() as session:
        await world.bot.page_sessions.end_all(session, BOB)


@dataclass
class Client:
    """It shows the widget to Bob."""

    frame: Frame
    traded: int = 0
    """How many tokens were traded for sessions."""
    fails: Callable[[Route], Awaitable[None]] | None = None
    """What comes of it instead."""

    async def joins(self) -> None:
        await self.frame.locator("[data-join]").click()
        await expect(self.frame.get_by_text("You take part as Bob.")).to_be_visible()


@asynccontextmanager
async def client(world: World, host: WidgetHost, chromium: Browser) -> AsyncIterator[Client]:
    widget = {"id": "w", "creatorUserId": BOT, "type": "m.custom"}
    widget["url"] = f"{world.url}/r/kernel?view=widget"
    context = await chromium.new_context()
    try:
        _, frame = await host.show(context, widget, TOKEN)
        made = Client(frame)

        async def trades(route: Route) -> None:
            if made.fails is not None:
                await made.fails(route)
                return
            made.traded += 1
            header = await logged_in(world.bot, world.database, BOB)
            token = header["Authorization"].removeprefix("Bearer ")
            await route.fulfill(json={"token": token, "person": BOB, "name": "Bob"})

        await context.route("**/widget?room=*", trades)
        yield made
    finally:
        await context.close()


async def test_who_has_it_open_for_days_goes_on_by_a_new_session(
    world: World, host: WidgetHost, chromium: Browser
) -> None:
    number, _ = await world.ask("Who still knows me?", EVE)
    async with client(world, host, chromium) as it:
        await it.joins()
        await it.frame.get_by_text("Ask a question").click()
        await it.frame.get_by_label("Your question").fill("What was I about to ask?")
        await end_session(world)
        await vote_for(it.frame, number).click()
        votes = it.frame.locator("#list > li", has_text="Who still knows me?").locator(".votes")
        await expect(votes).to_have_text("1 vote", timeout=10_000)
        draft = it.frame.get_by_label("Your question")
        await expect(draft).to_have_value("What was I about to ask?")
        assert it.traded == 2


async def test_who_is_not_known_any_more_can_join_once_more(
    world: World, host: WidgetHost, chromium: Browser
) -> None:
    number, _ = await world.ask("Who knows me no more?", EVE)

    async def refuses(route: Route) -> None:
        await route.fulfill(status=403, json={"error": "You are not in this room."})

    async with client(world, host, chromium) as it:
        await it.joins()
        await end_session(world)
        it.fails = refuses
        await vote_for(it.frame, number).click()
        await expect(it.frame.locator("[data-join]")).to_be_visible(timeout=10_000)
        it.fails = None
        await it.joins()


async def test_an_answer_that_is_none_is_said_in_our_words(
    world: World, host: WidgetHost, chromium: Browser
) -> None:
    async def loses(route: Route) -> None:
        await route.fulfill(status=502, body="<html>Bad Gateway</html>")

    async with client(world, host, chromium) as it:
        it.fails = loses
        await it.frame.locator("[data-join]").click()
        await expect(it.frame.locator("[data-join-answer]")).to_have_text(texts.LOST)


def vote_for(frame: Frame, number: int) -> Locator:
    return frame.get_by_role("button", name=f"Vote for question {number}")
