"""Somebody takes part by the widget of a real client's library, known by a real homeserver."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from fosdembot.conference.widgets import ID
from fosdembot.matrix.timeline import LAYOUT, WIDGET
from fosdembot.texts import widget as texts
from simulation.client import Client, RequestError
from simulation.conference import MANY, settings
from simulation.homeserver import Homeserver
from simulation.npm_scripts import WIDGET_API
from simulation.waiting import wait_for
from simulation.widget_host import WidgetHost, openid_token, widget_host
from tests.conftest import MakeBot, MakePerson, needs_browser

from .scenarios import World, make_world, wait_until_joined
from .votes import Voting, database_of


@pytest.fixture
async def host() -> AsyncIterator[WidgetHost]:
    needs_browser(WIDGET_API)
    async with widget_host() as made:
        yield made


async def test_who_votes_by_widget_and_by_reaction_is_one_person(
    host: WidgetHost,
    browser: Browser,
    homeserver: Homeserver,
    person: MakePerson,
    bot_factory: MakeBot,
    new_folder: Path,
) -> None:
    world = await make_world("widget", homeserver, person, new_folder, rooms=1, people=2)
    (room,) = world.rooms.values()
    asker, voter = world.people
    config = settings(world.schedule, at=5, limits=MANY, questions={"board_seconds": 1})
    bot = bot_factory(world.account, config)
    bot.plugin_config["pages"] = {"public_url": bot.url, "framed_by": [host.origin]}
    await bot.start()
    await wait_until_joined(world)
    await world.admin.send(room, "!widget")
    widget = await _set_by_bot(world, room, WIDGET, ID)
    assert (await _set_by_bot(world, room, LAYOUT))["widgets"][ID]["container"] == "top"

    async with database_of(bot, None) as database:
        voting = Voting(world, bot, room, database)
        event, number = await voting.ask(asker, "How small can it get?")
        token = await openid_token(homeserver, voter.account)
        page, frame = await host.show(browser, widget, token)
        await expect(frame.get_by_text("How small can it get?")).to_be_visible()
        await frame.locator("[data-join]").click()
        vote = frame.get_by_role("button", name=f"Vote for question {number}")
        await vote.click()
        assert await voting.votes(event, 1) == 1
        assert await page.evaluate("window.capabilities") == [], "it asks for no power"
        assert await page.evaluate("window.asked") == 1

        # The same person once more, in the chat.
        await voter.react(room, event, "👍")
        await voting.settled()
        assert await voting.votes(event, 1) == 1

        await _ask(frame, "And how big?")
        assert "And how big?" in await voting.board("And how big?")
        # The token was traded at once: the bot keeps the hash of its own, and no log has either.
        assert token["access_token"] not in bot.log_text()
        await page.close()
        await _reads_alone(host, browser, widget)
        await _is_framed_by_nobody_else(host, browser, widget)


async def _reads_alone(host: WidgetHost, browser: Browser, widget: dict[str, Any]) -> None:
    """Who does not want to be known."""
    page, frame = await host.show(browser, widget, {}, allows=False)
    await frame.locator("[data-join]").click()
    await expect(frame.locator("[data-join-answer]")).to_have_text(texts.BLOCKED)
    await expect(frame.get_by_text("How small can it get?")).to_be_visible()
    await page.close()


async def _is_framed_by_nobody_else(
    host: WidgetHost, browser: Browser, widget: dict[str, Any]
) -> None:
    """The same page at an address that the settings do not name."""
    other = WidgetHost(host.origin.replace("localhost", "127.0.0.1"))
    page = await other.opened(browser, widget, {})

    async def is_refused() -> bool:
        return any(frame.url.startswith("chrome-error:") for frame in page.frames)

    await wait_for(is_refused, 20, "the browser refuses to show it")
    await page.close()


async def _ask(frame: Any, text: str) -> None:
    await frame.get_by_text("Ask a question").click()
    await frame.get_by_label("Your question").fill(text)
    await frame.locator("#ask button.main").click()


async def _set_by_bot(world: World, room: str, kind: str, key: str = "") -> dict[str, Any]:
    async def found() -> dict[str, Any] | None:
        return await _state(world.admin, room, kind, key)

    content = await wait_for(found, 30, f"{kind} in the room")
    assert content is not None
    return content


async def _state(client: Client, room: str, kind: str, key: str) -> dict[str, Any] | None:
    try:
        return await client.state(room, kind, key)
    except RequestError:
        return None
