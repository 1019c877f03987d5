"""Logging in in a real browser: the page notices by itself, without scripts it works by reloading,
and nothing on it is in anybody's way."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

import pytest
from playwright.async_api import Browser, Error, Page, Route, expect

from fosdembot.conference.page_logins import PageLogins
from fosdembot.texts import page_login as texts
from simulation.waiting import wait_for
from tests.accessible import violations_in_both_schemes

from .world import ADA, World, empty_database, opened, shared

__all__ = ["empty_database", "shared"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVIL = "<img src=x onerror=alert(1)>\u202e" + "Lena " * 30


async def types_code(world: World, page: Page, name: str = "Ada") -> None:
    """Ada types in the chat what the page shows."""
    found = re.search(r"!link ([A-Z2-9]{4})", await page.inner_text("main"))
    assert found is not None
    async with world.database.write() as session:
        await PageLogins(world.clock).claim(session, found[1], ADA, name)


async def test_the_page_notices_by_itself(shared: World, chromium: Browser) -> None:
    async with opened(chromium, f"{shared.url}/login?room=kernel") as it:
        await it.page.get_by_text("This page notices by itself").wait_for()
        await types_code(shared, it.page)
        await it.page.get_by_role("heading", name="Are you Ada?").wait_for()
        await expect(it.page.get_by_role("heading")).to_be_focused()
        await it.page.get_by_role("button", name="Yes, log in").click()
        await it.page.wait_for_url("**/qa/r/kernel")
        await it.page.goto(f"{shared.url}/login")
        await it.page.get_by_text("You are Ada.").wait_for()
        await it.page.get_by_role("button", name="Log out").click()
        await it.page.wait_for_url("**/qa/")


async def test_who_clicks_twice_is_logged_in(shared: World, chromium: Browser) -> None:
    """The second click gives up what the first one sent, which has used the link up."""
    async with shared.database.write() as session:
        key = await PageLogins(shared.clock).invite(session, ADA, "Ada")
    sent: list[Route] = []

    async def slowly(route: Route) -> None:
        if route.request.method != "POST":
            await route.continue_()
            return
        answer = await route.fetch(max_redirects=0)
        sent.append(route)
        await asyncio.sleep(0.5)
        with suppress(Error):
            await route.fulfill(response=answer)

    async with opened(chromium, f"{shared.url}/login?key={key}") as it:
        await it.page.route("**/login", slowly)
        yes = it.page.get_by_role("button", name="Yes, log in")
        await yes.evaluate("it => { it.click(); setTimeout(() => it.click(), 200); }")
        await expect(it.page.get_by_role("heading", name="Talk rooms")).to_be_visible()
        await it.page.goto(f"{shared.url}/login")
        await it.page.get_by_text("You are Ada.").wait_for()
        assert len(sent) == 1


async def test_a_network_that_says_nothing_does_not_keep_it_from_noticing(
    shared: World, chromium: Browser
) -> None:
    async with opened(chromium, f"{shared.url}/healthz") as it:
        await it.page.clock.install()
        held: list[Route] = []

        async def holds(route: Route) -> None:
            held.append(route)

        async def is_held() -> bool:
            return bool(held)

        await it.page.route("**/login/state", holds)
        await it.page.goto(f"{shared.url}/login")
        await it.page.get_by_text("This page notices by itself").wait_for()
        await wait_for(is_held, what="a look")
        async with it.page.expect_request("**/login/state"):
            await it.page.clock.run_for(15_000)


async def test_a_tap_copies_the_command(shared: World, chromium: Browser) -> None:
    url, allowed = f"{shared.url}/login", ["clipboard-read", "clipboard-write"]
    async with opened(chromium, url, width=360, permissions=allowed) as it:
        await it.page.get_by_role("button", name=texts.COPY).click()
        await it.page.get_by_role("status").get_by_text(texts.COPIED).wait_for()
        copied = await it.page.evaluate("navigator.clipboard.readText()")
        assert copied == (await it.page.inner_text(".code")).strip()
        assert re.fullmatch(r"!link [A-Z2-9]{4}", copied)
    async with opened(chromium, url, java_script_enabled=False) as it:
        assert not await it.page.get_by_role("button", name=texts.COPY).is_visible()


async def test_what_may_not_be_copied_is_selected(shared: World, chromium: Browser) -> None:
    """Some browsers let no page write to the clipboard."""
    async with opened(chromium, f"{shared.url}/login") as it:
        await it.page.evaluate(
            "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }"
        )
        await it.page.get_by_role("button", name=texts.COPY).click()
        await it.page.wait_for_function("() => String(getSelection()).includes('!link')")
        assert not (await it.page.get_by_role("status").inner_text())


async def test_without_scripts_one_reloads(shared: World, chromium: Browser) -> None:
    url = f"{shared.url}/login"
    async with opened(chromium, url, java_script_enabled=False, width=360) as it:
        await it.page.get_by_text("Then reload this page").wait_for()
        await types_code(shared, it.page)
        await it.page.reload()
        await it.page.get_by_role("button", name="No, that is not me").click()
        await it.page.get_by_text("!link").first.wait_for()


async def test_without_cookies_it_says_so_once(shared: World, chromium: Browser) -> None:
    """A new code each few seconds would be typed by nobody."""

    async def refused(route: Route) -> None:
        answer = await route.fetch()
        headers = {name: each for name, each in answer.headers.items() if name != "set-cookie"}
        await it.context.clear_cookies()
        await route.fulfill(response=answer, headers=headers)

    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await it.page.route("**/login*", refused)
        await it.page.goto(f"{shared.url}/login?room=kernel")
        await it.page.get_by_text("Allow cookies for this site").wait_for()
        await it.page.get_by_role("link", name="Back to the page").click()
        await it.page.wait_for_url("**/qa/r/kernel")
        assert [each for each in it.wrongs if "403" not in each] == []
        it.wrongs.clear()


async def test_it_is_for_everybody(shared: World, chromium: Browser) -> None:
    """Names do nothing, at any width."""
    async with opened(chromium, f"{shared.url}/login", width=360) as it:
        for state in ("code", "ask", "known"):
            if state == "ask":
                await types_code(shared, it.page, EVIL)
                await it.page.reload()
            elif state == "known":
                await it.page.get_by_role("button", name="Yes, log in").click()
                await it.page.goto(f"{shared.url}/login")
            assert await violations_in_both_schemes(it.page) == [], state
            wide = "document.documentElement.scrollWidth > innerWidth"
            assert not await it.page.evaluate(wide), state


async def test_no_secret_goes_on_in_a_referer(shared: World, chromium: Browser) -> None:
    """Web servers log it, our own as well."""
    async with shared.database.write() as session:
        key = await PageLogins(shared.clock).invite(session, ADA, "Ada")
    told: list[str] = []
    async with opened(chromium, f"{shared.url}/login") as it:
        it.page.on("request", lambda request: told.append(request.headers.get("referer", "")))
        await it.page.goto(f"{shared.url}/login?key={key}")
        await it.page.get_by_role("button", name="Yes, log in").click()
        await it.page.get_by_role("heading", name="Rooms").wait_for()
    assert any(told)
    assert [each for each in told if key in each] == []
