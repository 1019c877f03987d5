"""An open page in a real browser whose connection is slow, dead, lost or let go of: it says so, and
is true again afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from fosdembot.texts import page_room as texts

from .known import seen_as
from .world import ADA, BOB, EVE, LENA, MODERATOR, Opened, World, empty_database, opened, shared

__all__ = ["empty_database", "shared"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


@asynccontextmanager
async def bobs(shared: World, chromium: Browser) -> AsyncIterator[Opened]:
    """The room page as Bob has it open; the page's clock may be put forward."""
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await it.page.clock.install()
        await seen_as(shared, it, BOB)
        await expect(it.page.locator("#ask textarea")).to_have_count(1)
        yield it
        it.wrongs[:] = [each for each in it.wrongs if "ERR_" not in each]


class Held:
    """Requests that are not let through for now, as on a network that says nothing."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.routes: list[Route] = []
        self.came = asyncio.Event()

    async def hold(self, path: str) -> None:
        await self.page.route(path, self._keep)

    async def _keep(self, route: Route) -> None:
        self.routes.append(route)
        self.came.set()

    async def until_asked(self, times: int = 1) -> None:
        async with asyncio.timeout(10):
            while len(self.routes) < times:
                self.came.clear()
                await self.came.wait()

    async def let_go(self, path: str) -> None:
        for route in self.routes:
            await route.continue_()
        await self.page.unroute(path)


def vote_for(page: Page, number: int) -> Locator:
    return page.get_by_role("button", name=f"Vote for question {number}")


async def is_asked_on_forwarding(page: Page, path: str, seconds: int) -> str:
    """The address that the page asks for when its clock is put forward."""
    async with page.expect_request(lambda request: path in request.url) as asked:
        await page.clock.fast_forward(seconds * 1000)
    return (await asked.value).url


async def test_a_network_that_says_nothing_is_told(shared: World, chromium: Browser) -> None:
    number, _ = await shared.ask("Is a stalled vote seen?", EVE)
    async with bobs(shared, chromium) as it:
        held = Held(it.page)
        await held.hold("**/vote")
        await vote_for(it.page, number).click()
        for tries in (1, 2, 3):
            await held.until_asked(tries)
            await it.page.clock.run_for(10_000)
        item = it.page.locator("#list > li", has_text="Is a stalled vote seen?")
        await expect(item.locator("[data-answer]")).to_have_text(texts.LOST)
        await held.page.unroute("**/vote")
        await vote_for(it.page, number).click()
        await expect(item.locator(".votes")).to_have_text("1 vote")


async def test_a_stream_on_which_nothing_comes_is_opened_anew(
    shared: World, chromium: Browser
) -> None:
    async with bobs(shared, chromium) as it:
        assert "since=" in await is_asked_on_forwarding(it.page, "/events", 60)
        await expect(it.page.locator("[data-offline]")).to_be_hidden()


async def test_a_tab_that_nobody_sees_leaves_its_connection_to_others(
    shared: World, chromium: Browser
) -> None:
    async with bobs(shared, chromium) as it:
        async with it.page.expect_event("requestfailed") as left:
            await is_seen(it.page, "false")
            await it.page.clock.fast_forward(5_000)
        assert "/events" in (await left.value).url
        await shared.ask("What came meanwhile?", ADA)
        await is_seen(it.page, "true")
        await expect(it.page.get_by_text("What came meanwhile?")).to_be_visible()


@pytest.mark.parametrize("by", ["tab", "window"])
async def test_who_comes_back_from_the_chat_sees_what_they_did_there(
    shared: World, chromium: Browser, by: str
) -> None:
    number, _ = await shared.ask(f"Voted for in the chat, by {by}?", EVE)
    async with bobs(shared, chromium) as it:
        shared.say(BOB, f"!vote {number}")
        await shared.ask(f"Asked in the chat, by {by}?", BOB)
        own = it.page.locator("#list > li.own", has_text=f"Asked in the chat, by {by}?")
        await it.page.clock.fast_forward(6_000)
        if by == "tab":
            await is_seen(it.page, "false")
            await is_seen(it.page, "true")
        else:
            await it.page.evaluate("dispatchEvent(new Event('focus'))")
        await expect(own).to_have_count(1)
        await expect(vote_for(it.page, number)).to_have_attribute("aria-pressed", "true")


async def is_seen(page: Page, whether: str) -> None:
    await page.evaluate(
        f"""() => {{
          Object.defineProperty(document, "hidden", {{value: !{whether}, configurable: true}});
          document.dispatchEvent(new Event("visibilitychange"));
        }}"""
    )


async def test_own_questions_are_asked_for_once_more_where_no_answer_came(
    shared: World, chromium: Browser
) -> None:
    number, _ = await shared.ask("What becomes of mine?", BOB)
    async with bobs(shared, chromium) as it:
        mine = it.page.locator(".mine > li", has_text="What becomes of mine?")
        await expect(mine).to_contain_text("on the list")
        await it.page.route("**/kernel/mine*", lambda route: route.abort())
        async with it.page.expect_event("requestfailed"):
            shared.say(MODERATOR, f"!dismiss {number}")
        await it.page.unroute("**/kernel/mine*")
        await is_asked_on_forwarding(it.page, "/mine", 20)
        await expect(mine).to_contain_text("not taken by a moderator")


async def test_own_questions_are_asked_for_once_more_after_an_error(
    shared: World, chromium: Browser
) -> None:
    number, _ = await shared.ask("What becomes of this one?", BOB)
    async with bobs(shared, chromium) as it:
        mine = it.page.locator(".mine > li", has_text="What becomes of this one?")
        await expect(mine).to_contain_text("on the list")
        told = {"error": ""}
        await it.page.route("**/kernel/mine*", lambda it: it.fulfill(status=500, json=told))
        async with it.page.expect_response("**/kernel/mine*"):
            shared.say(MODERATOR, f"!dismiss {number}")
        await it.page.unroute("**/kernel/mine*")
        await is_asked_on_forwarding(it.page, "/mine", 20)
        await expect(mine).to_contain_text("not taken by a moderator")
        it.wrongs[:] = [each for each in it.wrongs if "500" not in each]


async def test_own_questions_are_asked_for_though_others_never_rest(
    shared: World, chromium: Browser
) -> None:
    """Each vote of others is told; none of them puts off what was to be asked."""
    number, _ = await shared.ask("Who takes mine?", BOB)
    _, other = await shared.ask("Which one do all like?", EVE)
    async with bobs(shared, chromium) as it:
        await expect(it.page.locator(".mine")).to_contain_text("Who takes mine?")
        await it.page.clock.pause_at(await now(it.page))
        asked: list[str] = []
        it.page.on("request", lambda request: asked.append(request.url))
        shared.say(MODERATOR, f"!star {number}")
        votes = it.page.locator("#list > li", has_text="Which one do all like?").locator(".votes")
        for each, person in enumerate((ADA, LENA, MODERATOR), 1):
            shared.react(person, other)
            await expect(votes).to_have_text("1 vote" if each == 1 else f"{each} votes")
            await it.page.clock.run_for(800)
        assert any("/mine" in url for url in asked)


async def now(page: Page) -> float:
    """By the page's clock, in seconds."""
    return float(await page.evaluate("Date.now() + 100")) / 1000


async def test_what_is_typed_while_another_question_is_sent_stays(
    shared: World, chromium: Browser
) -> None:
    async with bobs(shared, chromium) as it:
        held, text = Held(it.page), it.page.get_by_label("Your question")
        await held.hold("**/ask")
        await it.page.get_by_text("Ask a question").click()
        await text.fill("The first of two?")
        await it.page.get_by_role("button", name="Ask", exact=True).click()
        await held.until_asked()
        await text.fill("The second?")
        await held.let_go("**/ask")
        await expect(it.page.locator("#ask [data-answer]")).to_contain_text("question is number")
        await expect(text).to_have_value("The second?")


async def test_an_answer_from_before_a_vote_does_not_undo_it(
    shared: World, chromium: Browser
) -> None:
    number, _ = await shared.ask("Which answer is newer?", EVE)
    async with bobs(shared, chromium) as it:
        before = await (await it.context.request.get(f"{shared.url}/r/kernel/mine")).text()
        held = Held(it.page)
        await held.hold("**/kernel/mine*")
        await it.page.reload(wait_until="commit")
        await held.until_asked()
        await vote_for(it.page, number).click()
        await expect(vote_for(it.page, number)).to_have_attribute("aria-pressed", "true")
        await held.routes[0].fulfill(body=before, content_type="application/json")
        await it.page.unroute("**/kernel/mine*")
        # It is asked once more, and the vote is in it.
        async with it.page.expect_response("**/kernel/mine*"):
            await it.page.clock.fast_forward(1_000)
        await expect(vote_for(it.page, number)).to_have_attribute("aria-pressed", "true")


async def test_an_older_answer_does_not_take_a_new_question_away(
    shared: World, chromium: Browser
) -> None:
    """Two are under way, and come in another order than they were asked for."""
    async with bobs(shared, chromium) as it:
        held = Held(it.page)
        async with it.page.expect_response("**/kernel/mine*"):
            await it.page.reload()
        await held.hold("**/kernel/mine*")
        await it.page.evaluate("document.dispatchEvent(new CustomEvent('session', {detail: ''}))")
        await held.until_asked()
        before = await (await it.context.request.get(f"{shared.url}/r/kernel/mine")).text()
        await it.page.get_by_text("Ask a question").click()
        await it.page.get_by_label("Your question").fill("Is mine among them?")
        await it.page.get_by_role("button", name="Ask", exact=True).click()
        await held.until_asked(2)
        await held.routes[1].continue_()
        mine = it.page.locator(".mine", has_text="Is mine among them?")
        await expect(mine).to_be_visible()
        async with it.page.expect_response("**/kernel/mine*"):
            await held.routes[0].fulfill(body=before, content_type="application/json")
        await it.page.clock.run_for(100)
        await expect(mine).to_be_visible()


async def test_who_logged_out_elsewhere_reads_no_more_of_what_waits(
    shared: World, chromium: Browser
) -> None:
    shared.say(MODERATOR, "!qa moderated")
    await shared.ask("Is this one still waiting?", ADA)
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await seen_as(shared, it, MODERATOR)
        await it.page.goto(f"{shared.url}/r/kernel/moderate")
        waits = it.page.get_by_text("Is this one still waiting?")
        await expect(waits).to_be_visible()
        other = await it.context.new_page()
        await other.goto(f"{shared.url}/login?room=kernel")
        await other.get_by_role("button", name="Log out").click()
        await expect(waits).to_have_count(0, timeout=15_000)
        await expect(it.page.get_by_role("link", name="Log in")).to_be_visible()
        it.wrongs[:] = [each for each in it.wrongs if "401" not in each]
    shared.say(MODERATOR, "!qa unmoderated")
