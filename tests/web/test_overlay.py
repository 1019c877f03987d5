"""The overlay by HTTP: whom it is shown to, and when it shows what."""

from __future__ import annotations

from itertools import product

from fosdembot.conference.page_links import LinkKind
from fosdembot.texts import pages as page_texts

from .known import guest, key_of, overlay_key
from .world import CLOUD, KERNEL, MODERATOR, World, empty_database, world

__all__ = ["empty_database", "world"]

PATHS = ["/overlay", "/overlay/events"]


async def test_a_question_is_in_with_take_and_out_with_done(world: World) -> None:
    await world.ask("How small?")
    key = await overlay_key(world.bot, world.database, KERNEL)
    async with world.stream("/overlay/events", key=key) as stream:
        await stream.until(lambda page: page.parts.get("box") == "")
        world.say(MODERATOR, "!take 1")
        await stream.sees("How small?")
        assert "Ada" in stream.shown
        since = stream.events[-1].data["in"]["until"]
        assert -5 < since <= 0, "counted from when it was taken"
        world.say(MODERATOR, "!done")
        await stream.until(lambda page: page.parts.get("box") == "")


async def test_it_shows_its_own_room_alone(world: World) -> None:
    await world.ask("How small?")
    world.say(MODERATOR, "!take 1")
    key = await overlay_key(world.bot, world.database, CLOUD)
    async with world.stream("/overlay/events", key=key) as stream:
        await stream.until(lambda page: page.parts.get("box") == "")


async def test_only_its_own_link_opens_it(world: World) -> None:
    name, _, token = (await guest(world.bot, world.database, "talk-1")).partition("=")
    keys = [
        await key_of(world.bot, world.database, "talk-1", kind)
        for kind in (LinkKind.SPEAKER, LinkKind.MODERATOR)
    ]
    for path, key in product(PATHS, (None, "", "wrong", *keys)):
        answer = await world.get(path, key=key, cookie={name: token})
        assert answer.status == 403, path
        assert page_texts.LINK_INVALID in answer.text, path


async def test_a_revoked_link_opens_nothing(world: World) -> None:
    key = await overlay_key(world.bot, world.database, KERNEL)
    assert (await world.get("/overlay", key=key)).status == 200
    async with world.database.write() as session:
        await world.bot.page_links.revoke(session, world.clock.now(), address=KERNEL)
    for path in PATHS:
        assert (await world.get(path, key=key)).status == 403


async def test_its_address_says_how_it_looks(world: World) -> None:
    key = await overlay_key(world.bot, world.database, KERNEL)
    page = await world.get(f"/overlay?place=top-left&ground=%2300f&evil=1&seconds=20&key={key}")
    assert 'data-seconds="20"' in page.text
    assert '/overlay/style.css?place=top-left&amp;ground=%2300f"' in page.text
    style = await world.get("/overlay/style.css?place=top-left&ground=%2300f")
    assert style.headers["Content-Type"].startswith("text/css")
    assert style.text == ":root{--place:start start;--ground:#00f}\n"


async def test_seconds_that_are_none_are_those_of_the_settings(world: World) -> None:
    key = await overlay_key(world.bot, world.database, KERNEL)
    for seconds in ("", "-1", "1e9", "x", "%D9%A3", "99999", '"><script>'):
        page = await world.get(f"/overlay?seconds={seconds}&key={key}")
        assert 'data-seconds="0"' in page.text, seconds
