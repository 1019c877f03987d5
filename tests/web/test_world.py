"""The worlds of the pages' tests: how to use them, and that what happens in chat is on pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from .world import BOB, World, chromium, empty_database, opened, real_world, world

__all__ = ["chromium", "empty_database", "world"]


async def test_a_vote_in_chat_is_on_an_open_page(world: World) -> None:
    number, event = await world.ask("How small can it get?")
    async with world.watch() as stream:
        await stream.sees("How small can it get?")
        world.react(BOB, event)
        await stream.sees('data-votes="1"')
        assert await world.votes(number) == 1


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(
    tmp_path_factory: pytest.TempPathFactory, empty_database: Path
) -> AsyncIterator[World]:
    """One for all tests of this module in a browser."""
    folder = tmp_path_factory.mktemp("world")
    async with real_world(folder, empty_database, base="/qa") as made:
        yield made


@pytest.mark.asyncio(loop_scope="module")
async def test_a_browser_is_shown_the_page_under_a_path(shared: World, chromium: Browser) -> None:
    await shared.ask("How small?")
    async with opened(chromium, f"{shared.url}/r/kernel", java_script_enabled=False) as it:
        await it.page.get_by_text("How small?").wait_for()
