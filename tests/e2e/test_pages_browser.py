"""The pages in a real browser, with the real bot on a real homeserver: what one does there is so in
the rooms, and the other way round, whoever it is and whatever they have in hand."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from fosdembot.conference.hall_codes import HallCodes
from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Question
from fosdembot.db.tables import Instance
from simulation.client import Client
from simulation.conference import MANY, START, settings
from simulation.homeserver import Homeserver
from simulation.parts import SetClock
from simulation.waiting import wait_for
from tests.accessible import tab_to
from tests.conftest import MakeBot, MakePerson
from tests.scanned import scanned

from .scenarios import World, make_world, wait_until_joined
from .test_page_login import Chat, chat_with
from .votes import Voting, database_of

PHONE, BEAMER = (360, 740), (1920, 1080)
CODE_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Stage:
    """One talk room, its moderators' room, and a browser."""

    world: World
    voting: Voting
    browser: Browser
    url: str
    """Of the room page."""
    hosts: str

    @asynccontextmanager
    async def page(self, path: str = "", **context: Any) -> AsyncIterator[Page]:
        """In a context of its own; a path of the pages, else the room page."""
        made = await self.browser.new_context(**context)
        try:
            page = await made.new_page()
            await page.goto(self.voting.bot.url + path if path else self.url)
            yield page
        finally:
            await made.close()

    async def says(self, who: Client, room: str, words: str) -> str:
        """What the bot says there with these words, once it has."""

        async def found() -> str | None:
            said = await who.messages(room, self.world.account.user_id)
            return next((each.body for each in said if words in each.body), None)

        return str(await wait_for(found, 60, f"{words!r} in the room"))

    async def states(self) -> list[str]:
        async with self.voting.database.read() as session:
            return list(await session.scalars(select(Question.state).order_by(Question.number)))


async def test_what_is_done_on_pages_is_so_in_the_rooms(
    browser: Browser,
    homeserver: Homeserver,
    person: MakePerson,
    bot_factory: MakeBot,
    new_folder: Path,
) -> None:
    world = await make_world("eyes", homeserver, person, new_folder, rooms=1, people=3)
    (room,) = world.rooms.values()
    bot_id = world.account.user_id
    hosts = await world.admin.create_room("Hosts", public=False, invite=[bot_id])
    bot = bot_factory(
        world.account,
        settings(
            world.schedule, at=5, limits=MANY, hosts={"*": hosts}, questions={"board_seconds": 1}
        ),
    )
    bot.plugin_config["pages"] = {
        "public_url": bot.url,
        "guests": "ask_and_vote",
        "hall_code_minutes": CODE_MINUTES,
    }
    await bot.start()
    await wait_until_joined(world)
    async with database_of(bot, None) as database:
        voting = Voting(world, bot, room, database)
        stage = Stage(world, voting, browser, f"{bot.url}/r/eyes-0", hosts)
        await _a_vote_in_chat_and_one_on_the_page(stage)
        await _by_keyboard_alone(stage)
        await _without_scripts(stage)
        await _two_take_the_next_at_once(stage)
        await _a_guest_by_the_code_on_the_beamer(stage)
        await _a_code_that_is_too_old(stage, database)


async def logged_in(page: Page, stage: Stage, who: Chat, stranger: Chat | None = None) -> None:
    """By the code that the page shows; a stranger who typed it first is not let in."""
    login = f"{stage.voting.bot.url}/login?room=eyes-0"
    if stranger is not None:
        await page.goto(login)
        assert "asks whether it is you" in await stranger.says(await page.inner_text(".code"))
        await expect(page.get_by_text(stranger.client.user_id).first).to_be_visible(timeout=20_000)
        await page.get_by_role("button", name="No, that is not me").click()
        await page.goto(stage.url)
        await expect(page.get_by_role("link", name="Log in")).to_be_visible()
        assert "No page shows this code" in await stranger.says("!link AAAA")
    await page.goto(login)
    assert "asks whether it is you" in await who.says(await page.inner_text(".code"))
    await page.get_by_role("button", name="Yes, log in").click(timeout=20_000)
    await page.goto(stage.url)
    await expect(page.locator("#ask textarea")).to_have_count(1)


async def _a_vote_in_chat_and_one_on_the_page(stage: Stage) -> None:
    asker, voter, eve = stage.world.people
    event, number = await stage.voting.ask(asker, "How small can it get?")
    bot = stage.world.account.user_id
    async with stage.page() as page:
        item = page.locator("#list > li", has_text="How small can it get?")
        await voter.react(stage.voting.room, event, "👍")
        await expect(item.locator(".votes")).to_have_text("1 vote", timeout=20_000)
        await logged_in(page, stage, await chat_with(voter, bot), await chat_with(eve, bot))
        vote = item.get_by_role("button", name=f"Vote for question {number}")
        await expect(vote).to_have_attribute("aria-pressed", "true")
        await vote.click()
        await expect(item.locator(".votes")).to_have_text("0 votes")
        await vote.click()
        await voter.send(stage.voting.room, f"!vote {number}")
        assert await stage.voting.votes(event, 1) == 1, "one person"


async def _by_keyboard_alone(stage: Stage) -> None:
    async with stage.page(viewport=_size(PHONE)) as page:
        chat = await chat_with(stage.world.people[1], stage.world.account.user_id)
        await logged_in(page, stage, chat)
        await tab_to(page, "Ask a question")
        await page.keyboard.press("Enter")
        await tab_to(page, "Your question")
        await page.keyboard.type("Does it need a mouse?")
        await tab_to(page, "Ask")
        await page.keyboard.press("Enter")
        await expect(page.locator("#list")).to_contain_text("Does it need a mouse?")
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert await stage.says(stage.world.admin, stage.hosts, "Does it need a mouse?")


async def _without_scripts(stage: Stage) -> None:
    personal = await (await chat_with(stage.world.people[0], stage.world.account.user_id)).says(
        "!page"
    )
    found = re.search(r"/login\?key=[\w-]{32}", personal)
    assert found is not None, personal
    async with stage.page(found[0], java_script_enabled=False) as page:
        await page.get_by_role("button", name="Yes, log in").click()
        await page.goto(f"{stage.url}?still=1")
        await page.get_by_text("Ask a question").click()
        await page.get_by_label("Your question").fill("Plain forms?")
        await page.get_by_role("button", name="Ask", exact=True).click()
        await expect(page.locator("#list")).to_contain_text("Plain forms?")
    assert await stage.says(stage.world.admin, stage.hosts, "Plain forms?")


async def _two_take_the_next_at_once(stage: Stage) -> None:
    """One by the moderators' page, one in the chat."""
    admin = stage.world.admin
    async with stage.page() as page:
        chat = await chat_with(admin, stage.world.account.user_id)
        await logged_in(page, stage, chat)
        await page.get_by_role("link", name="Moderate this room").click()
        button = page.get_by_role("button", name="Next question")
        await expect(button).to_be_visible()
        await asyncio.gather(button.click(), admin.send(stage.voting.room, "!take"))
        await expect(page.locator("#doing > [data-answer]")).not_to_be_empty(timeout=20_000)
        await stage.voting.settled()
        assert (await stage.states()).count("answering") == 1
        await expect(page.locator("#talk-now")).to_contain_text("How small can it get?")
        await admin.send(stage.voting.room, "!done")
        await expect(page.locator("#talk-now")).not_to_contain_text("How small", timeout=20_000)
    assert (await stage.states()) == ["answered", "open", "open"]


async def _a_guest_by_the_code_on_the_beamer(stage: Stage) -> None:
    async with stage.page("/r/eyes-0?view=stage", viewport=_size(BEAMER)) as beamer:
        code = (await scanned(beamer)).removeprefix(stage.voting.bot.url)
        assert await beamer.evaluate("document.documentElement.scrollHeight") <= BEAMER[1]
        async with stage.page(code, viewport=_size(PHONE)) as phone:
            await phone.get_by_role("button", name="Take part").click()
            await phone.get_by_label("Your question").fill("Do you hear the last row?")
            await phone.locator("#ask button.main").click()
            await expect(phone.locator(".mine")).to_contain_text("Do you hear the last row?")
            card = await stage.says(stage.world.admin, stage.hosts, "Do you hear the last row?")
            assert "from the hall" in card
            assert await phone.locator("#list").get_by_text("Do you hear").count() == 0
            await stage.world.admin.send(stage.hosts, "eyes approve 4")
            item = phone.locator("#list > li", has_text="Do you hear the last row?")
            await expect(item).to_be_visible(timeout=20_000)
            assert "guest" not in await item.inner_text()
            await expect(beamer.locator("#stage-list")).not_to_contain_text("guest")
            assert await phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    board = await stage.voting.board("Do you hear the last row?")
    assert "guest" not in board


async def _a_code_that_is_too_old(stage: Stage, database: Database) -> None:
    """Shown two steps ago: the codes are of the instance and the time."""
    async with database.read() as session:
        salt = (await session.scalars(select(Instance.salt))).one()
    (alias,) = stage.world.rooms
    minutes = (datetime.now(UTC) - START) / timedelta(minutes=1) - 2 * CODE_MINUTES
    old = HallCodes(salt, CODE_MINUTES, _Rooms([alias]), SetClock(minutes)).code(alias)
    async with stage.page(f"/g/{old}") as page:
        await expect(page.locator("h1")).to_contain_text("This code is too old")
        assert await page.get_by_role("button", name="Take part").count() == 0


@dataclass(frozen=True, slots=True)
class _Rooms:
    found: list[str]

    def addresses(self) -> list[str]:
        return self.found


def _size(size: tuple[int, int]) -> dict[str, int]:
    return {"width": size[0], "height": size[1]}
