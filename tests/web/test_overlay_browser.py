"""The overlay as a browser source captures it: with its transparency, and to the moment."""

from __future__ import annotations

import io
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from PIL import Image
from playwright.async_api import Browser, Page

from fosdembot.texts import pages as page_texts
from tests.accessible import Scheme, violations

from .known import overlay_key
from .world import (
    ADA,
    KERNEL,
    MODERATOR,
    Opened,
    World,
    empty_database,
    opened,
    shared,
)

__all__ = ["empty_database", "shared"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDTH, HEIGHT = 1920, 1080
SEEN_WITHIN = 300
"""Milliseconds."""
MOST_TRIES = 20
HOSTILE = "<img src=x onerror=alert(1)></p><script>alert(2)</script>\"'{{7*7}}"


async def captured(page: Page) -> Image.Image:
    png = await page.screenshot(omit_background=True)
    return Image.open(io.BytesIO(png)).convert("RGBA")


def pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    """Red, green, blue, and how opaque."""
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def box_of(image: Image.Image) -> tuple[int, int, int, int] | None:
    """Around all that is not wholly transparent."""
    return image.getchannel("A").getbbox()


async def when_seen(page: Page, number: int) -> float:
    """When this question's box was there (milliseconds since 1970)."""
    seen = await page.wait_for_function(
        """number => {
          const box = document.getElementById("box");
          const shown = box.querySelector(".number")?.textContent;
          return !box.hidden && shown === String(number) && box.offsetHeight > 0 && Date.now();
        }""",
        arg=number,
        polling="raf",
    )
    return float(await seen.json_value())


async def gone(page: Page) -> None:
    await page.wait_for_function("() => document.getElementById('box').offsetHeight === 0")


@asynccontextmanager
async def overlay(
    shared: World, chromium: Browser, look: str = "", width: int = WIDTH, height: int = HEIGHT
) -> AsyncIterator[Opened]:
    key = await overlay_key(shared.bot, shared.database, KERNEL)
    url = f"{shared.url}/overlay?key={key}{look}"
    async with opened(chromium, url, width=width, height=height) as it:
        yield it


async def test_nothing_but_the_box_from_take_to_done(shared: World, chromium: Browser) -> None:
    async with overlay(shared, chromium) as it:
        page = it.page
        assert box_of(await captured(page)) is None, "nothing at all before"
        took: list[float] = []
        # A machine that does other things as well has its moments.
        while min(took, default=SEEN_WITHIN + 1) > SEEN_WITHIN and len(took) < MOST_TRIES:
            number, _ = await shared.ask(f"Who measured that, in try {len(took)}?", ADA)
            began = time.time() * 1000
            shared.say(MODERATOR, f"!take {number}")
            took.append(await when_seen(page, number) - began)
        assert min(took) <= SEEN_WITHIN, took
        image = await captured(page)
        box = box_of(image)
        assert box is not None
        left, top, right, bottom = box
        assert left >= 50
        assert right <= WIDTH - 50
        assert bottom <= HEIGHT - 50
        assert top > HEIGHT / 2, "at the bottom, where no speaker is"
        outside = image.copy()
        outside.paste((0, 0, 0, 0), box)
        assert box_of(outside) is None
        assert pixel(image, (left + right) // 2, bottom - 5)[3] > 200, "it can be read"
        said = (await page.inner_text("#box")).split("\n")
        assert [line for line in said if line] == [
            str(number),
            f"Who measured that, in try {len(took) - 1}?",
            "Ada",
        ]
        shared.say(MODERATOR, "!done")
        await gone(page)
        assert box_of(await captured(page)) is None


@pytest.mark.parametrize("wrong", ["link", "bot"])
async def test_what_cannot_be_shown_is_nothing_on_the_stream_and_comes_by_itself(
    shared: World, chromium: Browser, wrong: str
) -> None:
    key = await overlay_key(shared.bot, shared.database, KERNEL)
    url = f"{shared.url}/overlay?key={key}"
    app = shared.bot.pages.app
    async with opened(chromium, f"{shared.url}/healthz", width=WIDTH, height=HEIGHT) as it:
        app.is_closed = wrong == "bot"
        try:
            answer = await it.page.goto(f"{shared.url}/overlay?key=x" if wrong == "link" else url)
            assert answer is not None
            assert answer.status == (403 if wrong == "link" else 503)
            assert box_of(await captured(it.page)) is None
            assert await it.page.title() in (page_texts.LINK_INVALID, page_texts.STARTING)
            async with it.page.expect_event("load"):
                app.is_closed = False
        finally:
            app.is_closed = False
        if wrong == "bot":
            await it.page.locator("#box").wait_for(state="attached")
        it.wrongs.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_is_transparent_in_both_colour_schemes(
    shared: World, chromium: Browser, scheme: Scheme
) -> None:
    key = await overlay_key(shared.bot, shared.database, KERNEL)
    url = f"{shared.url}/overlay?key={key}"
    async with opened(chromium, url, color_scheme=scheme) as it:
        assert box_of(await captured(it.page)) is None


async def test_place_and_colours_are_those_of_the_address(shared: World, chromium: Browser) -> None:
    number, _ = await shared.ask("How large?", ADA)
    look = "&place=top-left&ground=%2300f&margin=0&round=0&accent=%230f0&size=100"
    async with overlay(shared, chromium, look) as it:
        shared.say(MODERATOR, f"!take {number}")
        await when_seen(it.page, number)
        image = await captured(it.page)
        box = box_of(image)
        assert box is not None
        assert box[:2] == (0, 0)
        assert pixel(image, 2, box[3] // 2) == (0, 255, 0, 255)
        assert pixel(image, box[2] - 3, 5) == (0, 0, 255, 255)
    shared.say(MODERATOR, "!done")


@pytest.mark.parametrize(
    ("place", "left", "right"),
    [("left", 60, 960), ("bottom", 510, 510), ("top-right", 960, 60), ("right", 960, 60)],
)
async def test_a_question_of_many_lines_is_where_the_address_says(
    shared: World, chromium: Browser, place: str, left: int, right: int
) -> None:
    """The distances from the edges: the box is as wide as it may be."""
    number, _ = await shared.ask("How many words does a question take? " * 12, ADA)
    shared.say(MODERATOR, f"!take {number}")
    async with overlay(shared, chromium, f"&place={place}&width=900") as it:
        await when_seen(it.page, number)
        box = box_of(await captured(it.page))
        assert box is not None
        assert (box[0], WIDTH - box[2]) == (left, right)
    shared.say(MODERATOR, "!done")


async def test_it_is_out_after_so_many_seconds_and_stays_out(
    shared: World, chromium: Browser
) -> None:
    number, _ = await shared.ask("How long?", ADA)
    shared.say(MODERATOR, f"!take {number}")
    async with overlay(shared, chromium, "&seconds=2") as it:
        await when_seen(it.page, number)
        await gone(it.page)
        # The stream tells it again, as after a lost connection.
        await it.page.reload()
        await it.page.wait_for_function(
            "() => document.getElementById('box').childElementCount > 0"
        )
        assert box_of(await captured(it.page)) is None
    shared.say(MODERATOR, "!done")


async def test_a_stream_on_which_nothing_comes_is_opened_anew(
    shared: World, chromium: Browser
) -> None:
    async with overlay(shared, chromium) as it:
        await it.page.clock.install()
        async with it.page.expect_response(lambda answer: "/events" in answer.url):
            await it.page.reload()
        async with it.page.expect_request(lambda request: "/events" in request.url):
            await it.page.clock.fast_forward(60_000)


async def test_hostile_and_endless_questions_stay_in_the_box(
    shared: World, chromium: Browser
) -> None:
    for text in (HOSTILE, "W" * 450, "\u202e\u2066 " + "ﷺ" * 200 + " Z̷̡̢a̵l̶g̸o̶"):
        number, _ = await shared.ask(text, ADA)
        shared.say(MODERATOR, f"!take {number}")
        async with overlay(shared, chromium, "&size=80") as it:
            await when_seen(it.page, number)
            box = box_of(await captured(it.page))
            assert box is not None
            assert min(box[:2]) >= 59
            assert (box[2] <= WIDTH - 59, box[3] <= HEIGHT - 59) == (True, True)
            if text == HOSTILE:
                assert HOSTILE in await it.page.inner_text("#box")
    shared.say(MODERATOR, "!done")


async def test_it_breaks_no_rule_of_accessibility(shared: World, chromium: Browser) -> None:
    number, _ = await shared.ask("For everybody?", ADA)
    shared.say(MODERATOR, f"!take {number}")
    async with overlay(shared, chromium) as it:
        await when_seen(it.page, number)
        assert await violations(it.page) == []
    shared.say(MODERATOR, "!done")
