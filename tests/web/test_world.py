"""The worlds of the pages' tests: how to use them, and that what happens in chat is on pages."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from .world import BOB, World, empty_database, opened, shared, world

__all__ = ["empty_database", "shared", "world"]


async def test_a_vote_in_chat_is_on_an_open_page(world: World) -> None:
    number, event = await world.ask("How small can it get?")
    async with world.watch() as stream:
        await stream.sees("How small can it get?")
        world.react(BOB, event)
        await stream.sees('data-votes="1"')
        assert await world.votes(number) == 1


@pytest.mark.asyncio(loop_scope="session")
async def test_a_browser_is_shown_the_page_under_a_path(shared: World, chromium: Browser) -> None:
    await shared.ask("How small?")
    async with opened(chromium, f"{shared.url}/r/kernel", java_script_enabled=False) as it:
        await it.page.get_by_text("How small?").wait_for()
