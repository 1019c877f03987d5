"""The stage's page on a beamer and on a phone, and the page that lets guests in."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from fosdembot.conference.hall_codes import ALPHABET
from fosdembot.texts import page_hall as texts
from fosdembot.texts import page_room as room_texts
from simulation.waiting import wait_for
from tests.accessible import violations_in_both_schemes
from tests.scanned import scanned_in_both_schemes

from .world import (
    EVE,
    HOST,
    HOSTS,
    KERNEL,
    MODERATOR,
    World,
    empty_database,
    opened,
    real_world,
)

__all__ = ["empty_database"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

BEAMER, PHONE = (1920, 1080), (360, 740)
SMALLEST = 24
"""Pixels of 1080: what is smaller nobody reads in the last row (a thirtieth of a tall screen is
seen from ten times its height away)."""
SHOTS = os.environ.get("FOSDEMBOT_SHOTS", "")
"""A folder into which screenshots go, to be looked at."""
LONG = 60
"""Characters of a path before all of ours."""
HOSTILE = "<img src=x onerror=alert(1)></p><script>alert(2)</script>\"'{{7*7}}"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared(
    tmp_path_factory: pytest.TempPathFactory, empty_database: Path
) -> AsyncIterator[World]:
    """Guests may ask and vote; a question is being answered, and some are starred."""
    folder = tmp_path_factory.mktemp("world")
    pages = {"guests": "ask_and_vote", "stage_top": True}
    async with real_world(folder, empty_database, base="/qa", pages=pages) as made:
        for text in ("How small can it get?", "Why not in Rust?", HOSTILE, "W" * 300, "Who?"):
            await made.ask(text, EVE)
        made.say(MODERATOR, "!take 1")
        made.say(MODERATOR, "!star 2")
        made.say(MODERATOR, "!star 3")
        yield made


@asynccontextmanager
async def beamer(world: World, chromium: Browser) -> AsyncIterator[Page]:
    """With the stage's page on it."""
    width, height = BEAMER
    url = f"{world.url}/r/kernel?view=stage"
    async with opened(chromium, url, width=width, height=height) as it:
        yield it.page


async def shot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png")


@pytest.mark.parametrize("size", [BEAMER, PHONE], ids=["beamer", "phone"])
async def test_all_of_the_stage_is_seen_and_read(
    shared: World, chromium: Browser, size: tuple[int, int]
) -> None:
    width, height = size
    url = f"{shared.url}/r/kernel?view=stage"
    async with opened(chromium, url, width=width, height=height) as it:
        page = it.page
        await page.get_by_text("How small can it get?").first.wait_for()
        await page.locator("[data-clock]:visible").wait_for()
        await shot(page, f"stage-{width}")
        assert HOSTILE in await page.inner_text("#stage-list")
        assert re.search(f"/g/[{ALPHABET}]{{6}}", await page.inner_text(".address"))
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        assert await violations_in_both_schemes(page) == []
        if size == BEAMER:
            assert await page.evaluate("document.documentElement.scrollHeight") <= height
            smallest = await page.evaluate(
                """() => Math.min(...[...document.querySelectorAll("main *")]
                  .filter(each => each.childElementCount === 0 && each.offsetHeight > 1)
                  .map(each => parseFloat(getComputedStyle(each).fontSize)))"""
            )
            assert smallest >= SMALLEST


async def test_a_phone_reads_the_code_from_the_beamer(shared: World, chromium: Browser) -> None:
    """It leads where the address under it does, and what a screen reader says of it."""
    async with beamer(shared, chromium) as page:
        url = f"{shared.url}/g/{shared.bot.hall_codes.code(KERNEL)}"
        assert await scanned_in_both_schemes(page) == url
        address = await page.inner_text(".address")
        assert "".join(address.split()) == url.removeprefix("http://")
        assert await page.get_attribute(".qr", "aria-label") == f"QR code: {url}"
        box = await page.locator(".qr svg").bounding_box()
        assert box is not None
        assert box["width"] >= 180


async def test_a_stage_whose_connection_is_lost_says_so(shared: World, chromium: Browser) -> None:
    """Its code becomes too old meanwhile."""
    async with opened(chromium, f"{shared.url}/r/kernel?view=stage", width=1920, height=1080) as it:
        await it.page.clock.install()
        async with it.page.expect_response(lambda answer: "/events" in answer.url):
            await it.page.reload()
        lost = it.page.get_by_text(room_texts.OFFLINE)
        await expect(lost).to_be_hidden()
        await it.page.route("**/events*", lambda route: route.abort())
        await it.page.clock.run_for(60_000)
        await expect(lost).to_be_visible()
        assert await violations_in_both_schemes(it.page) == []
        await it.page.unroute("**/events*")
        await it.page.clock.run_for(60_000)
        await expect(lost).to_be_hidden()
        it.wrongs[:] = [each for each in it.wrongs if "ERR_" not in each]


async def test_a_phone_reads_a_long_address(
    tmp_path: Path, chromium: Browser, empty_database: Path
) -> None:
    """To the room page, as there are no guests."""
    async with (
        real_world(tmp_path, empty_database, base=f"/{'conference' * 6}"[:LONG]) as world,
        beamer(world, chromium) as page,
    ):
        assert await scanned_in_both_schemes(page) == f"{world.url}/r/kernel"


async def test_a_guest_by_phone(shared: World, chromium: Browser) -> None:
    """Scans, comes in, asks; a moderator lets it in; it is on the board without a name."""
    url = f"{shared.url}/g/{shared.bot.hall_codes.code(KERNEL)}"
    async with opened(chromium, url, width=PHONE[0], height=PHONE[1]) as it:
        page = it.page
        assert await violations_in_both_schemes(page) == []
        await shot(page, "guest-comes-in")
        await page.get_by_role("button", name=texts.COME_IN).click()
        await page.locator("#ask textarea").wait_for()
        await page.fill("#ask textarea", "Can you hear us in the last row?")
        await page.locator("#ask button").click()
        await page.locator(".mine").get_by_text("Can you hear us in the last row?").wait_for()
        await shot(page, "guest-asked")
        assert await violations_in_both_schemes(page) == []
        [card] = [
            body
            for body in await shared.running.heard(HOSTS, "Can you hear us")
            if "Can you hear us" in body
        ]
        assert "from the hall" in card
        shared.say(HOST, "kernel approve 6", HOSTS)
        await page.locator("#list").get_by_text("Can you hear us in the last row?").wait_for()
        item = page.locator("#list > li", has_text="Can you hear us")
        assert "guest" not in await item.inner_text()
        vote = page.locator("#list > li", has_text="Who?").get_by_role("button")
        await vote.click()
        await page.locator("#list > li", has_text="Who?").get_by_text("in the hall").wait_for()
        await shot(page, "guest-voted")


async def test_a_guest_types_the_code(shared: World, chromium: Browser) -> None:
    """Once wrong, then in small letters, with a space."""
    url, code = f"{shared.url}/r/kernel", shared.bot.hall_codes.code(KERNEL).lower()
    async with opened(chromium, url, width=PHONE[0], height=PHONE[1]) as it:
        page = it.page
        await page.get_by_role("link", name=room_texts.TYPE_CODE).click()
        await page.get_by_label(texts.YOUR_CODE).fill("a/b?c")
        assert await violations_in_both_schemes(page) == []
        await shot(page, "code-typed")
        async with page.expect_response(lambda answer: answer.status == 410):
            await page.keyboard.press("Enter")
        assert await page.locator("h1").inner_text() == texts.TOO_OLD
        it.wrongs.clear()  # the console says 410
        await page.get_by_label(texts.YOUR_CODE).fill(f"{code[:3]} {code[3:]}")
        await page.get_by_role("button", name=texts.GO_ON).click()
        await page.get_by_role("button", name=texts.COME_IN).wait_for()
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


@pytest.mark.parametrize("scripts", [True, False])
async def test_by_keyboard_alone_and_without_scripts(
    shared: World, chromium: Browser, scripts: bool
) -> None:
    url = f"{shared.url}/g/{shared.bot.hall_codes.code(KERNEL)}"
    async with opened(chromium, url, java_script_enabled=scripts) as it:
        page = it.page
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.locator("#ask textarea").wait_for()

        async def is_in() -> bool:
            return page.url.startswith(f"{shared.url}/r/kernel")

        await wait_for(is_in, what="the room page")
