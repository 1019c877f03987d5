"""The page of a talk room in a real browser, with the bot behind it: everybody can use it, by
whatever they have; nothing in it runs that people wrote."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from playwright.async_api import APIResponse, Browser, Page, Route, expect

from simulation.conference import START, Planned
from simulation.waiting import wait_for
from tests.accessible import tab_to, violations_in_both_schemes

from .known import seen_as
from .world import (
    ADA,
    BOB,
    EVE,
    KERNEL,
    MODERATOR,
    PROGRAMME,
    QA,
    SPEAKER,
    World,
    empty_database,
    opened,
    shared,
)

__all__ = ["empty_database", "shared"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

SHOTS = os.environ.get("FOSDEMBOT_SHOTS")
"""A folder for screenshots, for whoever wants to look at them."""
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</textarea></script><script>alert(2)</script>",
    '"><svg onload=alert(3)> javascript:alert(4) {{7*7}} <b>bold</b>',
    "\u202etfel ot thgir\u202c " + "W" * 300,
)


async def shot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def _cut(world: World) -> None:
    """All streams end, as those of a bot do that stops."""
    for watched in world.bot.pages.live._watched.values():
        for looker in watched.lookers:
            looker.close()


async def test_a_vote_in_chat_is_seen_and_one_on_the_page_counts(
    shared: World, chromium: Browser
) -> None:
    number, event = await shared.ask("How small can a kernel get?")
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await seen_as(shared, it, BOB)
        question = it.page.locator("#list > li", has_text="How small can a kernel get?")
        shared.react(EVE, event)
        await expect(question.locator(".votes")).to_contain_text("1")
        vote = question.get_by_role("button", name=f"Vote for question {number}")
        await vote.click()
        await expect(question.locator(".votes")).to_contain_text("2")
        await expect(vote).to_have_attribute("aria-pressed", "true")
        await vote.click()
        await expect(question.locator(".votes")).to_contain_text("1")
        await expect(vote).to_have_attribute("aria-pressed", "false")


async def test_by_keyboard_alone_somebody_asks_votes_and_takes_it_back(
    shared: World, chromium: Browser
) -> None:
    await shared.ask("Is there a keyboard?")
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await seen_as(shared, it, BOB, "Bob")
        page = it.page

        await tab_to(page, "Ask a question")
        await page.keyboard.press("Enter")
        await tab_to(page, "Your question")
        await page.keyboard.type("Does it need a mouse?")
        await tab_to(page, "Ask")
        await page.keyboard.press("Enter")
        await expect(page.locator("#ask [data-answer]")).to_contain_text("Your question is number")
        mine = page.locator(".mine > li", has_text="Does it need a mouse?")
        await expect(mine).to_contain_text("on the list")
        number = await mine.locator(".number").inner_text()
        await page.keyboard.press("Shift+Tab")
        await tab_to(page, f"Take back question {number}")
        await page.keyboard.press("Enter")
        await expect(mine).to_contain_text("taken back by you")
        own = page.locator("#list > li", has_text="Does it need a mouse?")
        await expect(own).to_have_count(0)


async def test_focus_stays_while_the_list_changes_and_nothing_jumps(
    shared: World, chromium: Browser
) -> None:
    first, _ = await shared.ask("Does focus stay?")
    _, liked = await shared.ask("Is another one better?")
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await seen_as(shared, it, BOB)
        page, before = it.page, None
        button = page.get_by_role("button", name=f"Vote for question {first}")
        await button.focus()
        before = await page.locator("#list > li").evaluate_all("all => all.map(e => e.id)")
        for person in (BOB, EVE, MODERATOR):
            shared.react(person, liked)
        better = page.locator("#list > li", has_text="Is another one better?")
        await expect(better.locator(".votes")).to_contain_text("3")
        await shared.ask("And a third?")
        held = page.locator("#held")
        await expect(held).to_have_text("1 new")
        after = await page.locator("#list > li").evaluate_all("all => all.map(e => e.id)")
        assert after == before
        await expect(button).to_be_focused()
        await held.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#list > li", has_text="And a third?")).to_have_count(1)
        await expect(page.locator("#list > li").first).to_contain_text("Is another one better?")
        await expect(held).to_be_hidden()


async def test_nothing_moves_under_a_pointer_and_all_is_true_once_it_is_gone(
    shared: World, chromium: Browser
) -> None:
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await it.page.locator("#list > li").last.hover()
        await shared.ask("Under the pointer?", EVE)
        await expect(it.page.locator("#held")).to_have_text("1 new")
        await expect(it.page.get_by_text("Under the pointer?")).to_have_count(0)
        await it.page.mouse.move(2, 2)
        await expect(it.page.get_by_text("Under the pointer?")).to_have_count(1)


async def test_nothing_moves_under_a_finger(shared: World, chromium: Browser) -> None:
    await shared.ask("Is there something to tap?", EVE)
    async with opened(
        chromium, f"{shared.url}/r/kernel", width=360, has_touch=True, is_mobile=True
    ) as it:
        await it.page.get_by_text("Is there something to tap?").tap()
        await shared.ask("Under a finger?", ADA)
        await expect(it.page.locator("#held")).to_have_text("1 new")
        await expect(it.page.get_by_text("Under a finger?")).to_have_count(0)
        # Once the finger is gone for a while, it comes by itself.
        await expect(it.page.get_by_text("Under a finger?")).to_have_count(1, timeout=10_000)
        await expect(it.page.locator("#held")).to_be_hidden()


async def test_what_nobody_may_read_any_more_goes_at_once_and_leaves_its_place(
    shared: World, chromium: Browser
) -> None:
    _, event = await shared.ask("Is this rude?", EVE)
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        item = it.page.locator("#list > li", has_text="Is this rude?")
        await item.hover()
        count = await it.page.locator("#list > li").count()
        shared.running.room(KERNEL).redact(EVE, event)
        await expect(it.page.get_by_text("Is this rude?")).to_have_count(0)
        assert await it.page.locator("#list > li").count() == count


async def test_only_what_is_answered_and_the_next_moment_are_announced(
    shared: World, chromium: Browser
) -> None:
    number, event = await shared.ask("Who says this aloud?", ADA)
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        live = await it.page.locator("[aria-live], [role=status], [role=log]").count()
        assert live == 1
        said = it.page.locator("[data-say]")
        await expect(said).to_have_text("")
        shared.react(EVE, event)
        question = it.page.locator("#list > li", has_text="Who says this aloud?")
        await expect(question.locator(".votes")).to_contain_text("1")
        await expect(said).to_have_text("")
        shared.say(SPEAKER, f"!take {number}")
        await expect(said).to_contain_text(f"Being answered: question {number}")
        await expect(question).to_contain_text("being answered")
        shared.say(SPEAKER, f"!done {number}")
        await expect(question).to_have_count(0)
        await expect(it.page.locator("#answered")).to_contain_text("Answered: 1 question")


async def test_the_clock_counts_by_the_servers_time(shared: World, chromium: Browser) -> None:
    async with opened(chromium, f"{shared.url}/r/kernel", timezone_id="Asia/Tokyo") as it:
        clock = it.page.locator("[data-clock]")
        await expect(clock).to_be_visible()
        left = START + timedelta(minutes=QA) - shared.clock.now()
        minutes, _, seconds = (await clock.inner_text()).partition(":")
        assert abs(int(minutes) * 60 + int(seconds) - left.total_seconds()) < 5


async def test_without_scripts_somebody_reads_asks_and_votes(
    shared: World, chromium: Browser
) -> None:
    number, _ = await shared.ask("Does it work without scripts?", EVE)
    url = f"{shared.url}/r/kernel"
    async with opened(chromium, url, width=360, java_script_enabled=False) as it:
        page = it.page
        await seen_as(shared, it, BOB, "Bob")
        await page.goto(f"{url}?still=1")
        await page.get_by_text("Ask a question").click()
        await page.get_by_label("Your question").fill("Plain forms?")
        await page.get_by_role("button", name="Ask", exact=True).click()
        assert page.url == url
        await expect(page.locator("#list")).to_contain_text("Plain forms?")
        vote = page.get_by_role("button", name=f"Vote for question {number}")
        await vote.click()
        await expect(vote).to_have_attribute("aria-pressed", "true")
        assert await shared.votes(number) == 1
        await vote.click()
        await expect(vote).to_have_attribute("aria-pressed", "false")
        assert await shared.votes(number) == 0
        await shot(page, "no-scripts-360")


async def test_an_error_stands_next_to_what_was_pressed(shared: World, chromium: Browser) -> None:
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await seen_as(shared, it, BOB, "Bob")
        page = it.page
        await page.get_by_text("Ask a question").click()
        for _ in range(2):
            await page.get_by_label("Your question").fill("Twice the same?")
            # A second tap on it at once would be a mistake.
            await page.get_by_role("button", name="Ask", exact=True).press("Enter")
            await expect(page.locator("#ask [data-answer]")).not_to_be_empty()
        answer = page.locator("#ask [data-answer]")
        await expect(answer).to_contain_text("You have asked that")
        await expect(answer).to_have_class("wrong")
        # What was written is still there.
        await expect(page.get_by_label("Your question")).to_have_value("Twice the same?")
        # The browser says so as well.
        it.wrongs[:] = [each for each in it.wrongs if "403" not in each]


async def test_an_answer_that_is_lost_costs_nobody_a_second_question(
    shared: World, chromium: Browser
) -> None:
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await seen_as(shared, it, EVE, "Eve")
        page = it.page
        lost: list[APIResponse] = []

        async def lose(route: Route) -> None:
            if not lost:
                lost.append(await route.fetch())
                await route.abort()
            else:
                await route.continue_()

        await page.route("**/ask", lose)
        await page.get_by_text("Ask a question").click()
        await page.get_by_label("Your question").fill("Asked once?")
        await page.get_by_role("button", name="Ask", exact=True).click()
        await expect(page.locator("#ask [data-answer]")).to_contain_text("Your question is number")
        await expect(page.locator("#list > li", has_text="Asked once?")).to_have_count(1)
        assert len(lost) == 1
        it.wrongs[:] = [each for each in it.wrongs if "ERR_FAILED" not in each]


async def test_it_comes_back_by_itself(shared: World, chromium: Browser) -> None:
    async with opened(chromium, f"{shared.url}/r/kernel") as it:
        await expect(it.page.locator("[data-clock]")).to_be_visible()
        await it.context.set_offline(True)
        _cut(shared)
        await expect(it.page.locator("[data-offline]")).to_be_visible(timeout=15_000)
        await shared.ask("Was it missed?", EVE)
        await it.context.set_offline(False)
        await expect(it.page.get_by_text("Was it missed?")).to_be_visible(timeout=30_000)
        await expect(it.page.locator("[data-offline]")).to_be_hidden()
        it.wrongs[:] = [each for each in it.wrongs if "ERR_" not in each]


async def test_everybody_can_use_it_in_both_schemes_on_any_screen(
    shared: World, chromium: Browser
) -> None:
    number, _ = await shared.ask("Which one is starred?", EVE)
    taken, _ = await shared.ask("Which one is taken, and by whom, and how long may it be?", ADA)
    shared.say(SPEAKER, f"!star {number}")
    shared.say(SPEAKER, f"!take {taken}")
    async with opened(chromium, shared.url) as it:
        await seen_as(shared, it, BOB, "Bob")
        for name, path in (
            ("room", "/r/kernel"),
            ("embed", "/r/kernel?view=embed&order=fair"),
            ("widget", "/r/kernel?view=widget"),
            ("code", "/g"),
            ("index", "/"),
            ("board", "/r/kernel/t/talk-2"),
            ("nothing", "/nothing"),
        ):
            await it.page.goto(f"{shared.url}{path}")
            if name == "room":
                await expect(it.page.locator("[data-clock]")).to_be_visible()
                await it.page.get_by_text("Ask a question").click()
            for width in (360, 1280):
                await it.page.set_viewport_size({"width": width, "height": 900})
                assert await violations_in_both_schemes(it.page) == [], (name, width)
                wide = await it.page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, (name, wide)
                await shot(it.page, f"{name}-{width}")
        it.wrongs[:] = [each for each in it.wrongs if "404" not in each]


@pytest.mark.parametrize("view", ["embed", "widget"])
async def test_what_leads_out_of_a_frame_opens_beside_it(
    shared: World, chromium: Browser, view: str
) -> None:
    """Other pages may not be framed by others, and have no way to join in a widget."""
    async with opened(chromium, f"{shared.url}/r/kernel?view={view}") as it:
        for link in ("Log in", "Rooms"):
            async with it.context.expect_page() as beside:
                await it.page.get_by_role("link", name=link).click()
            await (await beside.value).close()
        await it.page.locator("nav.orders a").last.click()
        await expect(it.page.locator("nav.orders [aria-current]")).to_have_count(1)
        assert f"view={view}" in it.page.url


async def test_what_can_be_pressed_is_large_enough_for_a_thumb(
    shared: World, chromium: Browser
) -> None:
    async with opened(chromium, f"{shared.url}/r/kernel", width=360) as it:
        await seen_as(shared, it, BOB, "Bob")
        await it.page.get_by_text("Ask a question").click()
        sizes = await it.page.locator(
            "button:visible, summary:visible, nav a:visible"
        ).evaluate_all(
            "all => all.map(e => [e.textContent.trim(), e.getBoundingClientRect().height])"
        )
        assert [name for name, height in sizes if height < 43.5] == []


async def test_nothing_that_people_wrote_runs(shared: World, chromium: Browser) -> None:
    talks = (
        *PROGRAMME,
        Planned(7, HOSTILE[0], 60, 25, place=HOSTILE[1], chat_room=KERNEL, speaker=HOSTILE[2]),
    )
    shared.publish(*talks)
    shared.running.room(KERNEL).set_membership(EVE, EVE, "join", displayname=HOSTILE[0])
    for number, text in enumerate(HOSTILE):
        shared.say(ADA if number % 2 else EVE, f"!ask talk-1: {text}")

    async def is_shown() -> bool:
        return "alert(4)" in (await shared.get("/r/kernel")).text

    await wait_for(is_shown, what="the last hostile question")
    for path in ("/", "/r/kernel", "/r/kernel?view=embed", "/r/kernel/t/talk-7"):
        async with opened(chromium, f"{shared.url}{path}", width=360) as it:
            await seen_as(shared, it, BOB, HOSTILE[0])
            await shared.ask(f"talk-1: Again {HOSTILE[0]} {path}", ADA)
            if path == "/r/kernel":
                await expect(it.page.locator("#list")).to_contain_text(f"Again {HOSTILE[0]}")
            assert await it.page.locator("img, #list b, svg").count() == 0
            wide = await it.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 360, path
            await shot(it.page, f"hostile{path.replace('/', '-').replace('?', '-')}")
