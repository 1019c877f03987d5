"""The pictures of pages in README.md: `python -m tests.web.pictures docs`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, async_playwright

from fosdembot.db.engine import sqlite
from fosdembot.db.migrate import migrate
from simulation.browser import launch
from simulation.parts import Repository
from simulation.waiting import wait_for

from .known import cookie_of, key_of
from .world import ADA, BOB, EVE, LENA, MODERATOR, QA, World, real_world

COLOURS = 48
"""So that a picture takes 20 kB."""
ASKED = (
    (ADA, "How much of that runs before there is a stack?", (BOB, EVE, LENA, MODERATOR)),
    (BOB, "Which compiler made the smallest image, and did you measure why?", (ADA, EVE, LENA)),
    (EVE, "Does the scheduler survive a clock that goes backwards?", (ADA, BOB)),
    (ADA, "Could the same trick shrink a driver for a network card?", (EVE,)),
    (BOB, "What would you leave out if you had to start again?", ()),
)
"""Who asks what, and who is for it."""


async def take(target: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = sqlite(str(folder / "empty.db"))
        await migrate(database, Repository())
        await database.close()
        settings = {"guests": "ask_and_vote", "stage_top": True}
        async with (
            real_world(folder, folder / "empty.db", at=QA, pages=settings) as world,
            async_playwright() as playwright,
        ):
            await _fill(world)
            browser = await launch(playwright)
            await _pictures(world, browser, target)
            await browser.close()


async def _fill(world: World) -> None:
    for person, text, voters in ASKED:
        number, event = await world.ask(text, person)
        for voter in voters:
            world.react(voter, event)

        async def are_counted(number: int = number, most: int = len(voters)) -> bool:
            return await world.votes(number) == most

        await wait_for(are_counted, what=f"the votes for {number}")
    world.say(MODERATOR, "!take 1")
    world.say(MODERATOR, "!star 3")


async def _pictures(world: World, browser: Browser, target: Path) -> None:
    cookie = await cookie_of(world.bot, world.database, LENA, "Lena")
    name, _, value = cookie.partition("=")
    key = await key_of(world.bot, world.database, "talk-1")
    for file, path, width, height in (
        ("page-room.png", "/r/kernel", 390, 800),
        ("page-speaker.png", f"/talk?key={key}", 900, 800),
        ("page-stage.png", "/r/kernel?view=stage", 960, 540),
    ):
        context = await browser.new_context(viewport={"width": width, "height": height})
        await context.add_cookies([{"name": name, "value": value, "url": world.url}])
        page = await context.new_page()
        await page.goto(world.url + path)
        # What is being answered was told, and the clock goes.
        await page.get_by_text("before there is a stack").first.wait_for()
        await page.locator("[data-clock]").first.wait_for()
        await page.screenshot(path=target / file)
        with Image.open(target / file) as picture:
            small = picture.convert("RGB").quantize(COLOURS)
        small.save(target / file, optimize=True)
        await context.close()


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1])))
