"""Logging in by way of the chat: nobody is logged in as somebody else, nor without a word."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

from fosdembot.conference.page_logins import MOST, PageLogins
from fosdembot.web.address_limits import LOGINS
from fosdembot.web.cookies import LOGIN, SESSION, Cookies, Purpose
from simulation.pages import Answer
from tests.stage import empty_database
from tests.web.world import ADA, BOB, EVE, World, world

__all__ = ["empty_database", "world"]

YES, NO = {"answer": "yes"}, {"answer": "no"}


class Browser:
    """Keeps cookies, and says where it is, as browsers do."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kept: dict[str, str] = {}

    async def get(self, path: str = "/login") -> Answer:
        return self._took(await self.world.request("GET", path, headers=self._headers()))

    async def post(self, path: str, origin: str | None = None, **form: str) -> Answer:
        headers = {**self._headers(), "Origin": origin or self.world.origin}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(form)
        answer = await self.world.request("POST", path, headers=headers, body=body.encode())
        return self._took(answer)

    async def state(self) -> str:
        return str((await self.get("/login/state")).json["state"])

    def cookie(self, purpose: Purpose = SESSION) -> str:
        return self.kept.get(Cookies(self.world.url).name(purpose), "")

    def _headers(self) -> dict[str, str]:
        shown = "; ".join(f"{name}={value}" for name, value in self.kept.items() if value)
        return {"Cookie": shown} if shown else {}

    def _took(self, answer: Answer) -> Answer:
        for header in answer.headers.getall("Set-Cookie", ()):
            name, _, rest = header.partition("=")
            self.kept[name] = rest.partition(";")[0].strip('"')
        return answer


def shown(answer: Answer) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


async def code(browser: Browser) -> str:
    found = re.search(r"!link ([A-Z2-9]{4})\b", shown(await browser.get()))
    assert found is not None
    return found[1]


async def types(world: World, person: str, code: str, name: str = "Ada") -> None:
    """Somebody types the code in the chat."""
    async with world.database.write() as session:
        await PageLogins(world.clock).claim(session, code, person, name)


async def test_by_a_code(world: World) -> None:
    browser = Browser(world)
    typed = await code(browser)
    assert await browser.state() == "code"
    assert await code(browser) == typed, "reloading the page changes nothing"
    await types(world, ADA, typed)
    assert await browser.state() == "ask"
    page = await browser.get("/login?room=kernel")
    assert "Are you Ada?" in shown(page)
    assert ADA in shown(page)
    assert not browser.cookie(), "nobody is logged in before they say so"
    answer = await browser.post("/login", **YES, room="kernel")
    assert (answer.status, answer.headers["Location"]) == (303, "/in?room=kernel")
    assert browser.cookie()
    assert not browser.cookie(LOGIN)
    on = await browser.get(answer.headers["Location"])
    assert (on.status, on.headers["Location"]) == (303, "/r/kernel")
    assert "You are Ada." in shown(await browser.get())


async def test_a_browser_that_keeps_no_cookies_is_told_so(world: World) -> None:
    """Nothing else helps there: no code, no link, no scan."""
    browser = Browser(world)
    assert await browser.state() == "no_cookie"
    answer = await browser.get("/in?room=kernel")
    assert answer.status == 403
    assert "Allow cookies for this site" in shown(answer)
    assert 'href="/r/kernel"' in answer.text


async def test_a_lecture_hall_behind_one_address_logs_in(world: World) -> None:
    """1,000 people, each with a page and a button, and some who begin again. What is begun from one
    address leaves room for others (`page_logins.MOST`)."""
    assert 2 * 1000 < LOGINS < MOST
    for _ in range(700):
        assert (await world.get("/login?room=kernel")).status == 200


async def test_who_it_is_is_asked_wherever_the_code_was_read(world: World) -> None:
    """Eve types the code on Ada's screen: Ada sees whose it would be, and is nobody."""
    browser = Browser(world)
    typed = await code(browser)
    await types(world, EVE, typed, "Ada")
    page = shown(await browser.get())
    assert EVE in page, "names can be chosen, ids cannot"
    answer = await browser.post("/login", **NO)
    assert answer.headers["Location"] == "/login"
    assert not browser.cookie()
    assert await code(browser) != typed


async def test_nobody_says_yes_before_anybody_typed_the_code(world: World) -> None:
    browser = Browser(world)
    typed = await code(browser)
    await browser.post("/login", **YES)
    assert not browser.cookie()
    assert await code(browser) == typed


async def test_a_page_that_is_still_open_says_yes_for_whom_it_shows_alone(world: World) -> None:
    """In another tab they said no, and somebody typed the next code."""
    browser = Browser(world)
    await types(world, ADA, await code(browser))
    asked = re.findall(r'name="(\w+)" value="([^"]*)"', (await browser.get()).text)
    form = {name: unescape(value) for name, value in asked if name != "answer"}
    await browser.post("/login", **NO)
    await types(world, EVE, await code(browser), "Eve")
    answer = await browser.post("/login", **form, **YES)
    assert answer.status == 303
    assert not browser.cookie()
    assert "Are you Eve?" in shown(await browser.get(answer.headers["Location"]))


async def test_another_browser_does_not_say_yes_in_its_place(world: World) -> None:
    """That somebody knows the code does not help them."""
    browser, other = Browser(world), Browser(world)
    typed = await code(browser)
    await code(other)
    await types(world, ADA, typed)
    await other.post("/login", **YES)
    assert not other.cookie()
    await browser.post("/login", **YES)
    assert browser.cookie()


async def test_a_code_is_good_for_ten_minutes_and_once(world: World) -> None:
    browser = Browser(world)
    typed = await code(browser)
    await types(world, ADA, typed)
    await world.stepped.advance(600)
    answer = await browser.post("/login", **YES)
    assert not browser.cookie()
    page = shown(await browser.get(answer.headers["Location"]))
    assert "The code is not valid any more. Here is a new one." in page


async def invited(world: World, person: str = ADA, name: str = "Ada") -> str:
    async with world.database.write() as session:
        return await PageLogins(world.clock).invite(session, person, name)


async def test_a_personal_link_asks_first_however_often_it_is_opened(world: World) -> None:
    """Chat servers and clients open links to show a preview."""
    key = await invited(world)
    for _ in range(3):
        page = await Browser(world).get(f"/login?key={key}")
        assert "Are you Ada?" in shown(page)
        assert "Set-Cookie" not in page.headers
    browser = Browser(world)
    assert (await browser.post("/login", key=key, **YES)).status == 303
    assert browser.cookie()
    again = Browser(world)
    answer = await again.post("/login", key=key, **YES)
    assert answer.status == 403
    assert "each logs in one browser" in shown(answer)
    assert not again.cookie()
    assert (await again.get(f"/login?key={key}")).status == 403


async def test_somebody_else_s_link_is_said_no_to(world: World) -> None:
    """Eve sent her own to Bob, so that what he asks stands in her name."""
    browser = Browser(world)
    key = await invited(world, EVE, "Bob")
    assert EVE in shown(await browser.get(f"/login?key={key}"))
    answer = await browser.post("/login", key=key, **NO)
    assert "nobody was logged in" in shown(answer)
    assert not browser.cookie()


async def test_another_site_logs_nobody_in_or_out(world: World) -> None:
    """Its form would be sent with the cookies; browsers name it."""
    browser, key = Browser(world), await invited(world)
    for origin in ("https://evil.example.org", "null", f"{world.origin}.evil.example.org"):
        answer = await browser.post("/login", origin, key=key, **YES)
        assert answer.status == 403
        assert "Another site sent this" in shown(answer)
    assert not browser.cookie()
    await browser.post("/login", key=key, **YES)
    assert (await browser.post("/logout", "https://evil.example.org")).status == 403
    assert "You are Ada." in shown(await browser.get())


async def test_nobody_may_frame_it(world: World) -> None:
    """Its button could be clicked through another page."""
    policy = (await world.get("/login")).headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy


async def test_logging_out(world: World) -> None:
    browser = Browser(world)
    await browser.post("/login", key=await invited(world), **YES)
    token = browser.cookie()
    answer = await browser.post("/logout", room="kernel")
    assert answer.headers["Location"] == "/r/kernel"
    assert not browser.cookie()
    browser.kept[Cookies(world.url).name()] = token
    assert "You are Ada." not in shown(await browser.get())


async def test_logging_out_in_a_frame(world: World) -> None:
    async with world.database.write() as session:
        token = await world.bot.page_sessions.start(session, ADA, "Ada")
    headers = {"Authorization": f"Bearer {token}"}
    await world.request("POST", "/logout", headers=headers)
    async with world.database.read() as session:
        assert await world.bot.page_sessions.find(session, token) is None


async def test_who_logs_in_takes_the_place_of_who_was(world: World) -> None:
    """On a shared computer nobody stays logged in unseen."""
    browser = Browser(world)
    await browser.post("/login", key=await invited(world), **YES)
    before = browser.cookie()
    await browser.post("/login", key=await invited(world, BOB, "Bob"), **YES)
    assert "You are Bob." in shown(await browser.get())
    async with world.database.read() as session:
        assert await world.bot.page_sessions.find(session, before) is None


async def test_one_goes_on_in_rooms_of_ours_alone(world: World) -> None:
    browser = Browser(world)
    for room in ("//evil.example.org", "https://evil.example.org", "../x", "kernel/../../x", ""):
        await browser.post("/login", key=await invited(world), room=room, **YES)
        answer = await browser.post("/login", key=await invited(world), room=room, **YES)
        assert answer.headers["Location"] == "/in"
        on = await browser.get(f"/in?{urlencode({'room': room})}")
        assert on.headers["Location"] == "/"


async def test_names_do_nothing(world: World) -> None:
    name: Any = "<script>alert(1)</script>"
    browser = Browser(world)
    page = await browser.get(f"/login?key={await invited(world, ADA, name)}")
    assert "<script>alert" not in page.text
    assert name in shown(page) or "alert(1)" in shown(page)
