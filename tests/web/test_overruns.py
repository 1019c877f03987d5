"""A speaker who is still answering when the next talk begins: the question stays in view."""

from __future__ import annotations

import pytest

from .known import overlay_key
from .world import KERNEL, MODERATOR, World, empty_database, world

__all__ = ["empty_database", "world"]


@pytest.mark.parametrize("view", ["overlay", "stage"])
async def test_it_stays_until_it_is_done(world: World, view: str) -> None:
    number, _ = await world.ask("How small?")
    world.say(MODERATOR, f"!take {number}")
    path, who = await where(world, view)
    async with world.watch(path, **who) as stream:
        await stream.sees("How small?")
        # "Big kernels" begins at 10:25.
        await past(world, 85.5)
        assert "How small?" in stream.shown
        if view == "stage":
            await stream.sees("Big kernels")
        world.say(MODERATOR, "!done")
        await stream.until(lambda page: "How small?" not in page.shown)


@pytest.mark.parametrize("view", ["overlay", "stage"])
async def test_it_goes_once_a_question_to_the_next_talk_is_taken(world: World, view: str) -> None:
    number, _ = await world.ask("How small?")
    world.say(MODERATOR, f"!take {number}")
    path, who = await where(world, view)
    async with world.watch(path, **who) as stream:
        await past(world, 86)
        await stream.sees("How small?")
        other, _ = await world.ask("How big?")
        world.say(MODERATOR, f"!take {other}")
        await stream.until(lambda page: "How small?" not in page.shown)
        await stream.sees("How big?")
        world.say(MODERATOR, "!done")
        await stream.until(lambda page: "How big?" not in page.shown)
        assert "How small?" not in stream.shown


@pytest.mark.parametrize("view", ["overlay", "stage"])
async def test_what_nobody_closes_goes_by_itself(world: World, view: str) -> None:
    number, _ = await world.ask("How small?")
    world.say(MODERATOR, f"!take {number}")
    path, who = await where(world, view)
    async with world.watch(path, **who) as stream:
        await past(world, 94.9)
        await stream.sees("How small?")
        # Two seconds after ten minutes.
        await past(world, 95 + 2 / 60)
        assert "How small?" not in stream.shown


async def test_a_room_s_page_shows_it_before_the_questions_to_the_next_talk(world: World) -> None:
    number, _ = await world.ask("How small?")
    await world.ask("How cheap?")
    world.say(MODERATOR, f"!take {number}")
    async with world.watch() as stream:
        await past(world, 85.5)
        await stream.sees("Big kernels")
        await stream.until(lambda page: "How cheap?" not in page.shown)
        await stream.sees("being answered")
        assert "How small?" in stream.shown
        assert "No question yet" not in stream.shown
        other, _ = await world.ask("How big?")
        await stream.sees("How big?")
        assert stream.shown.index("How small?") < stream.shown.index("How big?")
        world.say(MODERATOR, f"!take {other}")
        await stream.until(lambda page: "How small?" not in page.shown)
        assert "How big?" in stream.shown


async def where(world: World, view: str) -> tuple[str, dict[str, str]]:
    if view == "overlay":
        return "/overlay/events", {"key": await overlay_key(world.bot, world.database, KERNEL)}
    return "/r/kernel/events?view=stage", {}


async def past(world: World, minutes: float) -> None:
    """Let it become so many minutes after 9:00, and all be drawn."""
    await world.stepped.advance_to(minutes)
    for _ in range(20):
        await world.stepped.rest()
