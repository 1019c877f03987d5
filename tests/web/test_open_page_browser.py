"""What an open page does by itself in a real browser: it is true again after a tap, under a finger
that stays, when something happens elsewhere, and when its link is no longer valid."""

from __future__ import annotations

from typing import cast

import pytest
from playwright.async_api import Browser, CDPSession, Page, expect
from sqlalchemy import update

from fosdembot.conference.page_links import LinkKind
from fosdembot.db.question_tables import Question

from .known import key_of, overlay_key, seen_as
from .talk_desk import TALK
from .world import (
    ADA,
    BOB,
    EVE,
    KERNEL,
    MODERATOR,
    World,
    empty_database,
    opened,
    shared,
)

__all__ = ["empty_database", "shared"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_list_goes_on_after_somebody_voted(shared: World, chromium: Browser) -> None:
    """A button that was clicked keeps the focus, though nobody is there any more."""
    number, _ = await shared.ask("Which one is voted for?", EVE)
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await seen_as(shared, it, BOB)
        vote = it.page.get_by_role("button", name=f"Vote for question {number}")
        await vote.click()
        await expect(vote).to_have_attribute("aria-pressed", "true")
        await it.page.mouse.move(2, 2)
        await shared.ask("Does it come by itself?", ADA)
        await expect(it.page.get_by_text("Does it come by itself?")).to_be_visible()
        # Whoever goes on by keyboard is where they were.
        await expect(vote).to_be_focused()


async def test_nothing_moves_under_a_finger_that_stays(shared: World, chromium: Browser) -> None:
    await shared.ask("Where is the finger?", EVE)
    async with opened(
        chromium, f"{shared.url}/r/kernel", width=360, has_touch=True, is_mobile=True
    ) as it:
        finger = await it.context.new_cdp_session(it.page)
        place = await it.page.get_by_text("Where is the finger?").bounding_box()
        assert place is not None
        await touch(finger, (place["x"] + 5, place["y"] + 5))
        await shared.ask("What comes meanwhile?", ADA)
        await expect(it.page.locator("#held")).to_have_text("1 new")
        await passes(it.page, 4)
        assert await it.page.get_by_text("What comes meanwhile?").count() == 0
        await touch(finger)
        await expect(it.page.get_by_text("What comes meanwhile?")).to_be_visible(timeout=10_000)


async def touch(finger: CDPSession, *points: tuple[float, float]) -> None:
    """Without a point it leaves the screen."""
    touched = {"touchPoints": [{"x": x, "y": y} for x, y in points]}
    await finger.send(
        "Input.dispatchTouchEvent", {"type": "touchStart" if points else "touchEnd"} | touched
    )


async def passes(page: Page, seconds: float) -> None:
    """By the page's own clock."""
    until = cast("float", await page.evaluate("performance.now()")) + seconds * 1000
    await page.wait_for_function("until => performance.now() > until", arg=until)


async def test_what_becomes_of_own_questions_is_seen_without_reloading(
    shared: World, chromium: Browser
) -> None:
    number, _ = await shared.ask("What becomes of mine?", BOB)
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await seen_as(shared, it, BOB)
        mine = it.page.locator(".mine > li", has_text="What becomes of mine?")
        await expect(mine).to_contain_text("on the list")
        shared.say(MODERATOR, f"!dismiss {number}")
        await expect(mine).to_contain_text("not taken by a moderator")


async def test_where_no_more_questions_are_taken_there_is_no_form_to_ask(
    shared: World, chromium: Browser
) -> None:
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await seen_as(shared, it, BOB)
        form = it.page.get_by_text("Ask a question")
        await expect(form).to_be_visible()
        shared.say(MODERATOR, "!qa close")
        await expect(form).to_be_hidden()
        shared.say(MODERATOR, "!qa open")
        await expect(form).to_be_visible()


async def test_a_vote_that_was_taken_back_in_chat_is_given_again_on_the_page(
    shared: World, chromium: Browser
) -> None:
    number, _ = await shared.ask("Who votes twice?", EVE)
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await seen_as(shared, it, BOB)
        vote = it.page.get_by_role("button", name=f"Vote for question {number}")
        await vote.click()
        votes = it.page.locator("#list > li", has_text="Who votes twice?").locator(".votes")
        await expect(votes).to_contain_text("1")
        shared.say(BOB, f"!unvote {number}")
        await expect(votes).to_contain_text("0")
        await vote.click()
        await expect(vote).to_have_attribute("aria-pressed", "false")
        await vote.click()
        await expect(votes).to_contain_text("1")
        it.wrongs[:] = [each for each in it.wrongs if "status of 4" not in each]


async def test_a_page_whose_link_is_revoked_says_so_and_shows_nothing_more(
    shared: World, chromium: Browser
) -> None:
    await shared.ask("Who may still read this?", EVE)
    key = await key_of(shared.bot, shared.database, TALK, LinkKind.SPEAKER)
    async with opened(chromium, f"{shared.url}/talk?key={key}") as it:
        await expect(it.page.get_by_text("Who may still read this?")).to_be_visible()
        shared.say(MODERATOR, "!talk page revoke")
        await expect(it.page.get_by_text("Who may still read this?")).to_have_count(
            0, timeout=15_000
        )
        await expect(it.page.get_by_text("not valid")).to_be_visible()
        it.wrongs[:] = [each for each in it.wrongs if "403" not in each]


async def test_an_overlay_whose_link_is_revoked_shows_nothing_more(
    shared: World, chromium: Browser
) -> None:
    number, _ = await shared.ask("Who may still show this?", EVE)
    key = await overlay_key(shared.bot, shared.database, KERNEL)
    async with opened(chromium, f"{shared.url}/overlay?key={key}") as it:
        shared.say(MODERATOR, f"!take {number}")
        await expect(it.page.locator("#box")).to_contain_text("Who may still show this?")
        shared.say(MODERATOR, "!talk page revoke overlay")
        await expect(it.page.locator("#box")).to_be_hidden(timeout=15_000)
        it.wrongs[:] = [each for each in it.wrongs if "403" not in each]
    shared.say(MODERATOR, "!done")


async def test_what_comes_under_a_finger_is_not_what_it_meant(
    shared: World, chromium: Browser
) -> None:
    """Who is about to tap has not touched anything yet, so the list may still move."""
    async with shared.database.write() as session:
        await session.execute(update(Question).values(state="dismissed"))
    one, _ = await shared.ask("Which one is meant?", EVE)
    two, liked = await shared.ask("Which one comes there?", ADA)
    key = await key_of(shared.bot, shared.database, TALK, LinkKind.MODERATOR)
    url = f"{shared.url}/talk?key={key}"
    async with opened(chromium, url, width=360, has_touch=True, is_mobile=True) as it:
        await it.page.clock.install()
        await it.page.reload()
        await expect(it.page.locator("[data-clock]")).to_be_visible()
        items = it.page.locator("#list > li", has_text="Which one")
        take = items.first.get_by_role("button", name="Take")
        await take.scroll_into_view_if_needed()
        place = await take.bounding_box()
        assert place is not None
        at = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
        meant = f"document.elementFromPoint({at[0]}, {at[1]})?.getAttribute('aria-label')"
        assert await it.page.evaluate(meant) == f"Take {one}"
        await it.page.clock.pause_at(await it.page.evaluate("Date.now() / 1000 + 1"))
        shared.react(BOB, liked)
        await expect(items.first).to_contain_text("Which one comes there?")
        await it.page.touchscreen.tap(*at)
        await it.page.clock.run_for(1_000)
        await expect(it.page.locator("#talk-now")).to_contain_text("No question")
        await items.first.get_by_role("button", name="Take").tap()
        await expect(it.page.locator("#talk-now")).to_contain_text("Which one comes there?")
    shared.say(MODERATOR, f"!done {two}")


async def test_a_page_that_slept_is_told_all_anew(shared: World, chromium: Browser) -> None:
    """The clocks that count on the page stand still meanwhile: also the one by which a guest's is
    asked for as another talk begins."""
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await expect(it.page.locator("[data-clock]")).to_be_visible()
        async with (
            it.page.expect_request(lambda request: "/kernel/mine" in request.url),
            it.page.expect_request(lambda request: "/events" in request.url) as asked,
        ):
            await it.page.evaluate(
                """() => {
                  const say = (hidden, at) => {
                    Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
                    Date.now = () => at;
                    document.dispatchEvent(new Event("visibilitychange"));
                  };
                  say(true, 0);
                  say(false, 60_000);
                }"""
            )
        assert "since" not in (await asked.value).url
