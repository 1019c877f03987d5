"""What speakers and moderators of a talk are shown; the whole of it is in `test_talk_page.py`."""

from __future__ import annotations

from fosdembot.web.screens import Screen, Topic
from fosdembot.web.talk_screens import SPEAKER

from .world import KERNEL, World, empty_database, world
from .world import MODERATOR as HER

__all__ = ["empty_database", "world"]
TALK = "talk-1"


async def drawn(world: World, view: str = SPEAKER, talk: str | None = TALK) -> Screen:
    return await world.bot.pages.live.draw(Topic(view, KERNEL, talk))


async def test_a_speaker_sees_what_is_answered_now_first_then_what_waits(world: World) -> None:
    for text in ("One?", "Two?", "Three?"):
        await world.ask(text)
    world.say(HER, "!take 3")
    world.say(HER, "!done 1")
    await world.running.heard(KERNEL, "3")
    screen = await drawn(world)
    assert [item.key for item in screen.items] == ["q3", "q2", "q1"]
