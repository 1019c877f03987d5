"""An open page of a room stays true, whatever changes. What is no question is kept from one
drawing to the next where nothing but questions changed; whoever keeps more for the sake of speed
has to pass these."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from simulation.conference import Planned

from .world import (
    ADA,
    BOB,
    KERNEL,
    MODERATOR,
    PROGRAMME,
    World,
    empty_database,
    world,
)

__all__ = ["empty_database", "world"]


def edit(world: World, event: str, text: str) -> None:
    content: dict[str, Any] = {
        "m.new_content": {"msgtype": "m.text", "body": text},
        "m.relates_to": {"rel_type": "m.replace", "event_id": event},
    }
    world.say(ADA, f"* {text}", KERNEL, **content)


async def test_what_becomes_of_a_question_is_on_the_page_at_once(world: World) -> None:
    """Drawn once before each change, so that what was kept would be shown again."""
    (_, first), (_, second) = [await world.ask(text) for text in ("How?", "Why not?")]
    async with world.watch() as stream:
        await stream.sees("Why not?")
        edit(world, first, "!ask How exactly?")
        await stream.sees("How exactly?")
        world.react(BOB, second)
        await stream.until(lambda it: it.order == ["q2", "q1"], "the order by votes")
        world.say(MODERATOR, "!take 1")
        await stream.until(lambda it: it.order == ["q1", "q2"], "the one that is answered first")
        world.say(MODERATOR, "!answer 1 So and so.")
        await stream.sees("So and so.")
        world.say(MODERATOR, "!done 1")
        await stream.until(lambda it: it.order == ["q2"], "the one that is left")
        assert "How exactly?" in stream.parts["answered"]
        world.running.room(KERNEL).redact(ADA, first)
        await stream.until(lambda it: "How exactly?" not in it.shown, "what was redacted gone")
        world.say(MODERATOR, "!dismiss 2")
        await stream.until(lambda it: not it.order, "an empty list")


async def test_what_is_decided_for_the_room_is_on_the_page_at_once(world: World) -> None:
    closed, moderated = "No more questions are taken", "a moderator looks at each question first"
    async with world.watch() as stream:
        await stream.sees("Tiny kernels")
        for command, words, is_said in (
            ("!qa close", closed, True),
            ("!qa moderated", moderated, True),
            ("!qa open", closed, False),
            ("!qa unmoderated", moderated, False),
        ):
            world.say(MODERATOR, command)

            def is_so(page: Any, words: str = words, is_said: bool = is_said) -> bool:
                return (words in page.shown) == is_said

            await stream.until(is_so, f"what {command} changes")


async def test_the_index_follows_all_rooms(world: World) -> None:
    async with world.watch("/events") as stream:
        await stream.sees("Tiny kernels")
        world.say(MODERATOR, "!talk cancel 1")
        await stream.until(lambda it: "Tiny kernels" not in it.shown)
        await world.stepped.advance(60 * 60)
        await stream.sees("Dark clouds")


async def test_a_talk_that_is_moved_is_on_the_page_at_once(world: World) -> None:
    """By a moderator, by another schedule, and back again."""
    async with world.watch() as stream:
        await stream.sees("Next: 10:25")
        world.say(MODERATOR, "!talk delay 10 2")
        await stream.sees("Next: 10:35")
        world.say(MODERATOR, "!undo")
        await stream.sees("Next: 10:25")
        later = Planned(1, "Tiny kernels", 60, 40, chat_room=KERNEL)
        world.publish(later, *PROGRAMME[2:])
        await stream.sees("until 10:40")
        world.publish(Planned(1, "Tinier kernels", 60, 40, chat_room=KERNEL), *PROGRAMME[2:])
        await stream.sees("Tinier kernels")


async def test_a_question_moves_with_its_talk(world: World) -> None:
    await world.ask("How?")
    async with world.watch() as stream:
        await stream.sees("How?")
        world.publish(Planned(1, "Tiny kernels", 120, 25, chat_room=KERNEL), *PROGRAMME[1:])
        await stream.until(lambda it: "How?" not in it.shown, "what is of no talk that is on")
        world.stepped.ahead = timedelta(minutes=60)
        await stream.sees("How?", 70)
