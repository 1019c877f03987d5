"""What somebody types on an open page is not lost in a real browser, and counts once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.async_api import Browser, Page, Route, expect
from sqlalchemy import func, select

from fosdembot.conference.page_links import LinkKind
from fosdembot.db.question_tables import Question
from fosdembot.texts import page_room as texts
from fosdembot.texts import pages as page_texts
from simulation.waiting import wait_for

from .known import guest, key_of, seen_as
from .talk_desk import TALK
from .world import (
    BOB,
    CLOUD,
    EVE,
    MODERATOR,
    PROGRAMME,
    World,
    empty_database,
    opened,
    shared,
)

__all__ = ["empty_database", "shared"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def asks(page: Page, text: str) -> None:
    await page.get_by_label("Your question").fill(text)
    await page.get_by_role("button", name="Ask", exact=True).click()


async def asked(world: World, text: str) -> int:
    """How many such questions there are."""
    async with world.database.read() as session:
        found = select(func.count(Question.id)).where(Question.text == text)
        return await session.scalar(found) or 0


@pytest.mark.parametrize(
    ("status", "error", "said"),
    # By reloading, what is typed here would be lost.
    [
        (503, page_texts.STARTING_SEND, texts.LOST),
        (429, page_texts.TOO_OFTEN, page_texts.TOO_OFTEN),
    ],
)
async def test_a_bot_that_restarts_loses_no_question_and_takes_none_twice(
    shared: World, chromium: Browser, status: int, error: str, said: str
) -> None:
    """It was taken in, and the bot was gone before it could say so."""
    question, tries = f"Was this taken in before {status}?", 0

    async def restarts(route: Route) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            await route.fetch()
            await route.abort()
            return
        await route.fulfill(status=status, json={"error": error})

    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await seen_as(shared, it, BOB)
        await it.page.get_by_text("Ask a question").click()
        await it.page.route("**/ask", restarts)
        await asks(it.page, question)
        answer = it.page.locator("#ask [data-answer]")
        await expect(answer).to_have_text(said)
        await it.page.unroute("**/ask")
        # A second tap on it at once would be a mistake.
        await it.page.get_by_role("button", name="Ask", exact=True).press("Enter")
        await expect(answer).to_contain_text("question is number")
        assert await asked(shared, question) == 1
        it.wrongs.clear()


async def test_a_written_answer_stays_where_it_cannot_be_sent(
    shared: World, chromium: Browser
) -> None:
    number, _ = await shared.ask("How small can it get?", EVE)
    key = await key_of(shared.bot, shared.database, TALK)
    async with opened(chromium, f"{shared.url}/talk?key={key}") as it:
        item = it.page.locator("#list > li", has_text="How small can it get?")
        await item.get_by_role("button", name="Answer in writing").click()
        text = it.page.get_by_label("Your answer")
        await text.fill("4 kB, and here is why")
        await it.page.route("**/talk/do*", lambda route: route.abort())
        await it.page.get_by_role("button", name="Send").click()
        await expect(it.page.get_by_text("No answer came")).to_be_visible()
        await expect(text).to_have_value("4 kB, and here is why")
        await it.page.unroute("**/talk/do*")
        await it.page.get_by_role("button", name="Send").click()
        await expect(item).to_contain_text("4 kB, and here is why")
        # What came of it.
        said = it.page.locator("#doing > [data-answer]")
        await expect(said).to_contain_text(f"Your answer to {number} is posted")
        it.wrongs.clear()


async def test_moderators_are_told_whether_a_reason_reaches_somebody(
    shared: World, chromium: Browser
) -> None:
    number, _ = await shared.ask("Why is this dismissed?", EVE)
    key = await key_of(shared.bot, shared.database, TALK, LinkKind.MODERATOR)
    async with opened(chromium, f"{shared.url}/talk?key={key}") as it:
        item = it.page.locator("#list > li", has_text="Why is this dismissed?")
        await item.locator("summary").click()
        await item.get_by_role("button", name="Dismiss with a reason").click()
        await it.page.locator("textarea").fill("It was asked before.")
        await it.page.get_by_role("button", name="Dismiss").click()
        said = it.page.locator("#doing > [data-answer]")
        await expect(said).to_contain_text(
            f"{number} is dismissed. Whoever asked it cannot be told"
        )


async def test_a_guest_goes_on_typing_when_guests_may_do_more(
    shared: World, chromium: Browser
) -> None:
    shared.say(MODERATOR, "!qa guests ask")
    name, _, token = (await guest(shared.bot, shared.database, TALK)).partition("=")
    async with opened(chromium, f"{shared.url}/healthz") as it:
        await it.context.add_cookies([{"name": name, "value": token, "url": shared.origin}])
        # The first of the hall to ask what is new for them.
        await it.page.add_init_script("Math.random = () => 0")
        await it.page.goto(f"{shared.url}/r/kernel")
        text = it.page.get_by_label("Your question")
        await text.fill("What was I about to ask?")
        shared.say(MODERATOR, "!qa guests vote")
        await expect(it.page.locator("#vote")).to_have_count(1, timeout=10_000)
        await expect(text).to_have_value("What was I about to ask?")
        await expect(text).to_be_focused()


async def test_what_somebody_folded_up_stays_so(shared: World, chromium: Browser) -> None:
    number, _ = await shared.ask("Is this folded up?", BOB)
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await seen_as(shared, it, BOB)
        mine = it.page.locator("details", has=it.page.locator(".mine"))
        await mine.locator("summary").click()
        await expect(mine).not_to_have_attribute("open", "")
        shared.say(MODERATOR, f"!star {number}")
        await expect(mine).to_contain_text("taken next", timeout=10_000)
        await expect(mine).not_to_have_attribute("open", "")


async def test_a_question_goes_along_when_its_talk_is_moved(
    shared: World, chromium: Browser
) -> None:
    """The page is another one then, and loads itself."""

    async def is_moved() -> bool:
        return shared.bot.programme.address_by_guid("talk-3") == CLOUD

    async with opened(chromium, f"{shared.url}/r/kernel/t/talk-3") as it:
        await seen_as(shared, it, BOB)
        await it.page.get_by_text("Ask a question").click()
        await it.page.get_by_label("Your question").fill("What was I about to ask?")
        moved = [replace(each, chat_room=CLOUD) if each.id == 3 else each for each in PROGRAMME]
        shared.publish(*moved)
        await wait_for(is_moved, what="the talk in its other room")
        # As at the next beat.
        shared.bot.pages.live.rights_changed()
        await it.page.wait_for_url("**/r/cloud/t/talk-3", timeout=20_000)
        text = it.page.get_by_label("Your question")
        await expect(text).to_have_value("What was I about to ask?")
        await expect(text).to_be_visible()
        it.wrongs.clear()
    shared.publish(*PROGRAMME)


async def test_a_question_waits_for_who_has_to_log_in_first(
    shared: World, chromium: Browser
) -> None:
    """And is not there any more once it is asked, nor in another room."""
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await seen_as(shared, it, BOB)
        await it.page.get_by_text("Ask a question").click()
        await it.page.get_by_label("Your question").fill("Who was logged out?")
        async with shared.database.write() as session:
            await shared.bot.page_sessions.end_all(session, BOB)
        await it.page.get_by_role("button", name="Ask", exact=True).click()
        await it.page.get_by_role("link", name="Log in").click()
        await seen_as(shared, it, BOB)
        await it.page.goto(f"{shared.url}/r/cloud")
        await expect(it.page.get_by_label("Your question")).to_have_value("")
        await it.page.goto(f"{shared.url}/r/kernel")
        await expect(it.page.get_by_label("Your question")).to_have_value("Who was logged out?")
        await it.page.get_by_role("button", name="Ask", exact=True).click()
        await expect(it.page.locator("#ask [data-answer]")).to_contain_text("question is number")
        await it.page.reload()
        await expect(it.page.get_by_label("Your question")).to_have_value("")
        it.wrongs.clear()
