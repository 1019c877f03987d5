"""The pages by https, behind nginx, in a real browser: it keeps cookies that this host alone can
set. By them people take part, and no page of another site does it in their name."""

from __future__ import annotations

import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, Route, expect

from fosdembot.web.cookies import LOGIN, Cookies
from simulation.fake_meeting_server import self_signed
from simulation.nginx import Nginx
from simulation.ports import free_port
from tests.scanned import scanned
from tests.web.world import BOB, EVE, LENA, Opened, opened

from .test_pages import Conference, behind

pytestmark = pytest.mark.asyncio(loop_scope="session")
ASKED = "How small can it get?"


@dataclass(frozen=True, slots=True)
class Https:
    conference: Conference
    browser: Browser
    url: str

    def open(self, path: str, **context: bool) -> AbstractAsyncContextManager[Opened]:
        """A path of the pages, or all of an address, on a screen as a beamer's."""
        url = path if "://" in path else self.url + path
        return opened(
            self.browser, url, width=1920, height=1080, ignore_https_errors=True, **context
        )

    async def personal_link(self, person: str) -> str:
        answer = await self.conference.answer(person, "!page")
        found = re.search(r"https://\S+/login\?key=[\w-]{32}", answer)
        assert found is not None, answer
        return found[0]

    async def keeps(self, context: BrowserContext, *names: str) -> None:
        """These cookies, and no others. Each is for this host alone, and for no script."""
        kept = await context.cookies()
        assert sorted(cookie.get("name", "") for cookie in kept) == sorted(names)
        for cookie in kept:
            assert cookie.get("name", "").startswith("__Host-fosdembot-")
            flags = (cookie.get("secure"), cookie.get("httpOnly"), cookie.get("sameSite"))
            assert flags == (True, True, "Lax")
            # One with `Domain` begins with a dot.
            assert (cookie.get("domain"), cookie.get("path")) == ("qa.localhost", "/")
        for page in context.pages:
            assert await page.evaluate("document.cookie") == ""

    @property
    def session(self) -> str:
        return Cookies(self.url).name()

    @property
    def login(self) -> str:
        return Cookies(self.url).name(LOGIN)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def https(server_folder: Path, chromium: Browser) -> AsyncIterator[Https]:
    folder = Path(tempfile.mkdtemp(dir=server_folder))
    self_signed(folder)
    pem = folder / "server.pem"
    make = partial(Nginx, folder / "nginx", path="/conference/qa", certificate=pem)
    async with behind(make, folder, guests="ask_and_vote") as (_, proxy, conference, _):
        await conference.ask(ASKED)
        yield Https(conference, chromium, proxy.url)


def question(page: Page, text: str = ASKED) -> Locator:
    return page.locator("#list > li", has_text=text)


async def has_votes(asked: Locator, votes: str) -> None:
    await expect(asked.locator(".votes")).to_contain_text(votes)


async def test_by_the_code_of_the_page(https: Https) -> None:
    """Somebody votes, and their open page is told what changes."""
    async with https.open("/login?room=kernel") as it:
        await https.keeps(it.context, https.login)
        answer = await https.conference.answer(EVE, await it.page.inner_text(".code"))
        assert "asks whether it is you" in answer
        await it.page.get_by_role("button", name="Yes, log in").click()
        await it.page.wait_for_url(f"{https.url}/r/kernel")
        await https.keeps(it.context, https.session)
        event = await https.conference.ask("Is it live?")
        asked = question(it.page, "Is it live?")
        await asked.get_by_role("button").click()
        await has_votes(asked, "1 vote")
        https.conference.react(event)
        await has_votes(asked, "2 votes")


async def test_many_open_tabs_hold_up_none(https: Https) -> None:
    """Each has a stream, and by HTTP/1.1 a browser opens six connections to a host at most."""
    async with https.open("/r/kernel") as it:
        for _ in range(7):
            tab = await it.context.new_page()
            await tab.goto(f"{https.url}/r/kernel", timeout=15_000)
            await expect(question(tab)).to_be_visible()
        by = "performance.getEntriesByType('navigation')[0].nextHopProtocol"
        assert await tab.evaluate(by) == "h2"


async def test_by_a_personal_link_and_forms_alone(https: Https) -> None:
    link = await https.personal_link(LENA)
    async with https.open(link, java_script_enabled=False) as it:
        await https.keeps(it.context)
        await it.page.get_by_role("button", name="Yes, log in").click()
        await https.keeps(it.context, https.session)
        await it.page.goto(f"{https.url}/r/kernel?still=1")
        await it.page.get_by_text("Ask a question").click()
        await it.page.get_by_label("Your question").fill("By a plain form?")
        await it.page.get_by_role("button", name="Ask", exact=True).click()
        await expect(it.page.locator("#list")).to_contain_text("By a plain form?")
        vote = question(it.page).get_by_role("button")
        await vote.click()
        await expect(vote).to_have_attribute("aria-pressed", "true")


async def test_a_guest(https: Https) -> None:
    async with https.open("/r/kernel?view=stage") as beamer:
        code = await scanned(beamer.page)
        await https.keeps(beamer.context)
    assert code.startswith(f"{https.url}/g/")
    async with https.open(code) as phone:
        await phone.page.get_by_role("button", name="Take part").click()
        await phone.page.wait_for_url(f"{https.url}/r/kernel")
        await https.keeps(phone.context, https.session)
        await phone.page.get_by_label("Your question").fill("Do you hear us?")
        await phone.page.locator("#ask button.main").click()
        await expect(phone.page.locator(".mine")).to_contain_text("Do you hear us?")
        asked = question(phone.page)
        await asked.get_by_role("button").click()
        await has_votes(asked, "1 in the hall")


async def shows(page: Page, origin: str, html: str) -> None:
    """A page of somebody else, who sits at `origin`."""

    async def answer(route: Route) -> None:
        await route.fulfill(content_type="text/html", body=html)

    await page.route(f"{origin}/**", answer)
    await page.goto(f"{origin}/")


async def test_what_other_sites_can_do(https: Https) -> None:
    """They lead there whoever is logged in, but nothing is done by what they send: another site's
    form comes without the cookie, and that of another port of this host from another origin."""
    link = await https.personal_link(BOB)
    async with https.open(link) as it:
        await it.page.get_by_role("button", name="Yes, log in").click()
        await it.page.wait_for_url(f"{https.url}/")
        page = await it.context.new_page()
        room = f"{https.url}/r/kernel"
        other_site, other_port = "https://evil.example.org", f"https://qa.localhost:{free_port()}"
        await shows(page, other_site, f'<a href="{room}">Look</a>')
        async with page.expect_response(room) as led:
            await page.get_by_text("Look").click()
        # As it comes: what our own script asks for afterwards comes from this site.
        assert 'id="ask"' in await (await led.value).text()
        await page.wait_for_url(room)
        before = await question(page).locator(".votes").inner_text()
        fields = '<input name="question" value="1"><input name="act" value="evil">'
        form = f'<form method="post" action="{room}/vote">{fields}<button>Send</button></form>'
        for origin, status in ((other_site, 401), (other_port, 403)):
            await shows(page, origin, form)
            async with page.expect_response(f"{room}/vote") as refused:
                await page.get_by_role("button", name="Send").click()
            assert (await refused.value).status == status
            await expect(page.locator("h1")).to_be_visible()
        await page.goto(room)
        await has_votes(question(page), before)
