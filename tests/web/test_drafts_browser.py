"""What somebody types on an open page is not lost in a real browser, and counts once."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, Route, expect
from sqlalchemy import func, select

from fosdembot.db.question_tables import Question
from fosdembot.texts import page_room as texts
from fosdembot.texts import pages as page_texts

from .known import seen_as
from .world import BOB, World, empty_database, opened, shared

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
