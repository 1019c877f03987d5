"""The pages of those who run a talk, in a real browser: by keyboard, on a phone, with hostile
words."""

from __future__ import annotations

import re
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select, update

from fosdembot.conference.page_links import LinkKind
from fosdembot.db.question_tables import Question
from simulation.conference import Planned
from simulation.waiting import wait_for
from tests.accessible import violations_in_both_schemes

from .known import cookie_of, key_of
from .talk_desk import TALK
from .world import (
    BOB,
    EVE,
    KERNEL,
    MODERATOR,
    PROGRAMME,
    Opened,
    World,
    empty_database,
    opened,
    shared,
)

__all__ = ["empty_database", "shared"]
pytestmark = pytest.mark.asyncio(loop_scope="session")
HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(2)</script>",
    "'\"><svg/onload=alert(3)> {{7*7}} {% raw %} javascript:alert(4)",
    "</li></ol></main><iframe src=//evil.example></iframe>",
)
VIEWS = ("speaker", "backstage", "moderator", "aloud", "card")


async def ask(world: World, *texts: str) -> list[int]:
    """The numbers of new questions; what others asked is not to be seen any more."""
    async with world.database.write() as session:
        await session.execute(update(Question).values(state="dismissed", skipped=False))
    return [(await world.ask(text))[0] for text in texts]


async def open_page(
    world: World, chromium: Browser, view: str = "speaker", **context: Any
) -> AbstractAsyncContextManager[Opened]:
    kind = LinkKind.MODERATOR if view in ("moderator", "aloud", "card") else LinkKind.SPEAKER
    key = await key_of(world.bot, world.database, TALK, kind, "Ada L.")
    return opened(chromium, f"{world.url}/talk?key={key}&view={view}", **context)


async def state(world: World, number: int) -> str:
    async with world.database.read() as session:
        query = select(Question.state).where(Question.number == number)
        return str((await session.scalars(query)).one())


async def becomes(world: World, number: int, wanted: str) -> None:
    async def is_so() -> bool:
        return await state(world, number) == wanted

    await wait_for(is_so, what=f"{number} {wanted}")


async def test_a_talk_is_run_by_keyboard_alone(shared: World, chromium: Browser) -> None:
    one, two, three = await ask(shared, "One?", "Two?", "Three?")
    async with await open_page(shared, chromium) as it:
        page = it.page
        await expect(page.locator("#keys-help")).to_be_visible()
        await page.keyboard.press("n")
        await page.keyboard.press("PageDown")
        # From the top of the page, by Tab.
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.locator("#list").focus()
        assert await states_of(shared, one, two, three) == ["open", "open", "open"]
        await page.keyboard.press("PageDown")
        await becomes(shared, one, "answering")
        await expect(page.locator("#talk-now")).to_contain_text("One?")
        await page.keyboard.press("d")
        await becomes(shared, one, "answered")
        await expect(page.locator("#talk-now")).not_to_contain_text("One?")
        await page.keyboard.press("u")
        await becomes(shared, one, "answering")
        await expect(page.locator("#talk-now")).to_contain_text("One?")
        for _ in range(3):
            await page.keyboard.press("ArrowDown")
        await expect(page.locator("#list > li").nth(2)).to_be_focused()
        await page.keyboard.press("ArrowUp")
        await expect(page.locator("#list > li").nth(1)).to_contain_text("Two?")
        await page.keyboard.press("s")
        await expect(page.locator("#list > li").nth(2)).to_contain_text("Two?")
        await expect(page.locator("#list > li").nth(2)).to_contain_text("Behind the others")


async def states_of(world: World, *numbers: int) -> list[str]:
    return [await state(world, number) for number in numbers]


async def test_keys_are_switched_off_and_stay_so(shared: World, chromium: Browser) -> None:
    [one] = await ask(shared, "One?")
    async with await open_page(shared, chromium) as it:
        page = it.page
        await page.get_by_label("Keys").uncheck()
        await page.reload()
        await expect(page.get_by_label("Keys")).not_to_be_checked()
        await page.locator("#list").focus()
        for key in ("n", "d", "s", "u", "PageDown"):
            await page.keyboard.press(key)
        assert await state(shared, one) == "open"
        await page.get_by_label("Keys").check()
        await page.locator("#list").focus()
        await page.keyboard.press("n")
        await becomes(shared, one, "answering")


async def test_a_key_held_down_or_with_a_modifier_does_nothing_more(
    shared: World, chromium: Browser
) -> None:
    one, two = await ask(shared, "One?", "Two?")
    async with await open_page(shared, chromium) as it:
        page = it.page
        await page.locator("#list").focus()
        await page.keyboard.press("Control+d")
        await page.keyboard.down("s")
        await page.keyboard.down("s")
        await page.keyboard.up("s")
        await expect(page.locator("#doing [data-answer]")).to_contain_text("behind the others")
        assert await states_of(shared, one, two) == ["open", "open"]
        await expect(page.locator("#list > li").first).to_contain_text("Two?")


async def test_focus_stays_while_votes_come_in(shared: World, chromium: Browser) -> None:
    await ask(shared, "One?")
    number, event = await shared.ask("Two?")
    async with await open_page(shared, chromium) as it:
        item = it.page.locator("#list > li", has_text="Two?")
        await item.get_by_role("button", name="Star").focus()
        shared.react(BOB, event)
        await expect(item).to_contain_text("1 vote")
        await expect(item.get_by_role("button", name="Star")).to_be_focused()
        await it.page.keyboard.press("Enter")
        await becomes(shared, number, "starred")


async def test_a_double_tap_does_one_thing(shared: World, chromium: Browser) -> None:
    """Where "Take" was, "Done" is then, though the question stands above them as well."""
    one, two = await ask(shared, "Which one? " * 30, "Which other?")
    async with await open_page(shared, chromium, "moderator", height=700) as it:
        # As in Safari, which does not keep in its place what one looks at.
        await it.page.evaluate("document.documentElement.style.overflowAnchor = 'none'")
        item = it.page.locator("#list > li", has_text="Which one?")
        other = it.page.locator("#list > li", has_text="Which other?")
        take = item.get_by_role("button", name="Take")
        await take.scroll_into_view_if_needed()
        place = await take.bounding_box()
        assert place is not None
        at = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
        await it.page.mouse.click(*at)
        await expect(item).to_contain_text("Being answered")
        done = item.get_by_role("button", name="Done")
        moved = await done.bounding_box()
        assert moved is not None
        assert (moved["x"], moved["y"]) == pytest.approx((place["x"], place["y"]), abs=1)
        await it.page.mouse.click(*at)
        await other.get_by_role("button", name="Star").click()
        await becomes(shared, two, "starred")
        assert await state(shared, one) == "answering"
        await done.click()
        await becomes(shared, one, "answered")


async def test_a_second_tap_undoes_nothing_more(shared: World, chromium: Browser) -> None:
    """Also where another button is under the finger then; keys do what is pressed."""
    one, two, three = await ask(shared, "One?", "Two?", "Three?")
    async with await open_page(shared, chromium, "moderator", width=360) as it:
        for number in (one, two, three):
            item = it.page.locator(f"#list > li:has(.number:text-is('{number}'))")
            await item.get_by_role("button", name="Star").click()
            await becomes(shared, number, "starred")
        undo = it.page.locator("#talk-bar").get_by_role("button", name="Undo")
        await undo.scroll_into_view_if_needed()
        place = await undo.bounding_box()
        assert place is not None
        at = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
        await it.page.mouse.click(*at)
        await becomes(shared, three, "open")
        await it.page.mouse.click(*at)
        await undo.press("Enter")
        await becomes(shared, two, "open")
        await expect(it.page.locator("#doing > [data-answer]")).to_contain_text(f"{two}")
        assert await state(shared, one) == "starred"


async def test_what_is_reworded_under_a_finger_is_not_let_in_by_it(
    shared: World, chromium: Browser
) -> None:
    await ask(shared)
    shared.say(MODERATOR, "!qa moderated")
    number, event = await shared.ask("Is this harmless?", EVE)
    async with await open_page(shared, chromium, "moderator") as it:
        await it.page.clock.install()
        await it.page.reload()
        await expect(it.page.locator("[data-clock]")).to_be_visible()
        item = it.page.locator("#list > li", has_text="Is this")
        approve = item.get_by_role("button", name="Approve")
        place = await approve.bounding_box()
        assert place is not None
        at = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
        content: dict[str, Any] = {
            "m.new_content": {"msgtype": "m.text", "body": "!ask Is this not?"},
            "m.relates_to": {"rel_type": "m.replace", "event_id": event},
        }
        await it.page.clock.pause_at(await it.page.evaluate("Date.now() / 1000 + 1"))
        shared.say(EVE, "* !ask Is this not?", KERNEL, **content)
        await expect(item).to_contain_text("Is this not?")
        await it.page.mouse.click(*at)
        await it.page.clock.run_for(1_000)
        assert await state(shared, number) == "pending"
        await approve.click()
        await becomes(shared, number, "open")
    shared.say(MODERATOR, "!qa unmoderated")


async def test_with_a_clicker_clock_and_question_stay_in_sight(
    shared: World, chromium: Browser
) -> None:
    await ask(shared, *(f"Question {number} " + "of many words " * 20 for number in range(8)))
    async with await open_page(shared, chromium, width=1280, height=720) as it:
        await it.page.locator("#list").focus()
        await it.page.keyboard.press("PageDown")
        await expect(it.page.locator("#talk-now")).to_contain_text("Question 0")
        for place in ("[data-clock]", "#talk-now"):
            await expect(it.page.locator(place)).to_be_in_viewport(ratio=1)


async def test_what_is_read_aloud_is_as_its_asker_wrote_it_last(
    shared: World, chromium: Browser
) -> None:
    await ask(shared)
    _, event = await shared.ask("Which wrods are read aloud?", EVE)
    async with await open_page(shared, chromium, "aloud") as it:
        reading = it.page.locator("#reading")
        await expect(reading).to_contain_text("Which wrods")
        content: dict[str, Any] = {
            "m.new_content": {"msgtype": "m.text", "body": "!ask Which words are read aloud?"},
            "m.relates_to": {"rel_type": "m.replace", "event_id": event},
        }
        shared.say(EVE, "* !ask Which words are read aloud?", KERNEL, **content)
        await expect(reading).to_contain_text("Which words")


async def test_what_is_read_aloud_stays_until_it_is_asked(shared: World, chromium: Browser) -> None:
    """Who holds the microphone is in the middle of a sentence when others vote."""
    [one] = await ask(shared, "What is being read?")
    two, liked = await shared.ask("What is liked more?")
    three, _ = await shared.ask("And the third?")
    async with await open_page(shared, chromium, "aloud") as it:
        reading, other = it.page.locator("#reading"), it.page.locator("#other")
        await expect(reading).to_contain_text("What is being read?")
        await expect(other).to_be_hidden()
        shared.react(BOB, liked)
        await expect(other).to_be_visible()
        await expect(reading).to_contain_text("What is being read?")
        asked = reading.get_by_role("button", name="Asked")
        await asked.dblclick()
        await becomes(shared, one, "answering")
        await expect(reading).to_contain_text("What is liked more?")
        assert await states_of(shared, two, three) == ["open", "open"]
        shared.react(BOB, (await shared.ask("A late one?"))[1])
        shared.react(EVE, (await shared.ask("A later one?"))[1])
        await expect(other).to_be_hidden()
        shared.say(MODERATOR, f"!dismiss {two}")
        await expect(reading).not_to_contain_text("What is liked more?")
        await expect(reading).to_contain_text("A late")


async def test_what_is_skipped_is_read_no_longer(shared: World, chromium: Browser) -> None:
    """It waits behind the others; once all were skipped, whichever is shown stays."""
    one, two = await ask(shared, "One?", "Two?")
    async with await open_page(shared, chromium, "aloud") as it:
        reading = it.page.locator("#reading")
        await expect(reading).to_contain_text("One?")
        await reading.get_by_role("button", name="Skip").click()
        await expect(reading).to_contain_text("Two?")
        await expect(it.page.locator("#other")).to_be_hidden()
        shared.say(MODERATOR, f"!skip {two}")
        await expect(it.page.locator("#other")).to_be_visible()
        await expect(reading).to_contain_text("Two?")
        assert await states_of(shared, one, two) == ["open", "open"]


async def test_an_answer_is_written_and_what_was_typed_is_not_taken_away(
    shared: World, chromium: Browser
) -> None:
    [one] = await ask(shared, "How small?")
    async with await open_page(shared, chromium) as it:
        page = it.page
        await page.get_by_role("button", name="Answer in writing").click()
        await expect(page.get_by_label("Your answer")).to_be_focused()
        await page.keyboard.type("4 kB")
        await page.get_by_role("button", name="Send").click()
        await expect(page.locator("#list")).to_contain_text("4 kB")
        await becomes(shared, one, "answered")


async def test_nothing_that_people_write_is_run(shared: World, chromium: Browser) -> None:
    """`opened` counts each dialog, error, foreign request and breach of the policy."""
    await ask(shared, *HOSTILE)
    async with shared.database.write() as session:
        name = "<b onclick=alert(5)>\u202eevil</b><script>alert(6)</script>"
        await session.execute(update(Question).values(asker_name=name))
    for view in VIEWS:
        async with await open_page(shared, chromium, view) as it:
            assert await it.page.locator("main img, main script, main svg, main b").count() == 0
            assert await it.page.locator("iframe").count() == 0
            if view in ("speaker", "moderator"):
                for text in HOSTILE:
                    await expect(it.page.locator("#list")).to_contain_text(text)
    async with await open_page(shared, chromium) as it:
        await (
            it.page.locator("#list > li", has_text="onerror")
            .get_by_role("button", name="Answer in writing")
            .click()
        )
        await expect(it.page.locator("h1")).to_contain_text(HOSTILE[0])


async def test_no_page_has_a_barrier_that_axe_finds(shared: World, chromium: Browser) -> None:
    one, two, three, _ = await ask(shared, "One?", "Two?", "Three?", "A word " * 40)
    async with shared.database.write() as session:
        for number, became in ((one, "answering"), (two, "starred"), (three, "answered")):
            await session.execute(
                update(Question).where(Question.number == number).values(state=became)
            )
    for view in VIEWS:
        async with await open_page(shared, chromium, view) as it:
            for width in (360, 1280):
                await it.page.set_viewport_size({"width": width, "height": 900})
                await expect(it.page.locator("[data-clock]")).to_be_visible()
                assert await violations_in_both_schemes(it.page) == [], (view, width)
                wide = await it.page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, view


async def test_no_form_has_a_barrier_that_axe_finds(shared: World, chromium: Browser) -> None:
    await ask(shared, "One?", "Two?")
    async with await open_page(shared, chromium, "moderator", width=360) as it:
        item = it.page.locator("#list > li", has_text="One?").first
        await item.locator("summary").click()
        names = await item.locator("[name=compose]").all_inner_texts()
        assert len(names) >= 3
        for name in names:
            await item.get_by_role("button", name=name).click()
            await expect(it.page.get_by_text("Back to the questions")).to_be_visible()
            assert await violations_in_both_schemes(it.page) == [], name
            wide = await it.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 360, name
            await it.page.go_back()
            await item.locator("summary").click()


async def test_the_links_to_other_talks_fit_on_a_phone(shared: World, chromium: Browser) -> None:
    name, _, token = (await cookie_of(shared.bot, shared.database, MODERATOR)).partition("=")
    async with opened(chromium, f"{shared.url}/healthz", width=360) as it:
        await it.context.add_cookies([{"name": name, "value": token, "url": shared.origin}])
        for view in ("host", "aloud", "card"):
            await it.page.goto(f"{shared.url}/r/kernel/moderate?view={view}")
            await expect(it.page.locator("#talk-day a[aria-current]")).to_have_count(1)
            assert await violations_in_both_schemes(it.page) == [], view
            assert await it.page.evaluate("document.documentElement.scrollWidth") <= 360, view


async def test_the_clock_counts_over_time_up_and_says_so(shared: World, chromium: Browser) -> None:
    cloud = KERNEL.replace("kernel", "cloud")
    ended = Planned(20, "Thunder", 50, 14, place="Loft", chat_room=cloud)
    shared.publish(*PROGRAMME, ended)
    await wait_for(lambda: _is_known(shared, "talk-20"), what="the talk")
    key = await key_of(shared.bot, shared.database, "talk-20", LinkKind.SPEAKER, "Ada L.")
    async with opened(chromium, f"{shared.url}/talk?key={key}") as it:
        clock = it.page.locator("[data-clock]")
        await expect(it.page.locator("#talk-clock")).to_have_text("Over time by")
        await expect(clock).to_have_text(re.compile(r"\+\d:\d\d"))
        await expect(clock).to_have_class("time warns over")


async def _is_known(world: World, talk: str) -> bool:
    return talk in world.bot.programme.talks
