"""What moderators may change of a talk's times on its page."""

from __future__ import annotations

from .talk_desk import by_cookie, offered
from .world import MODERATOR, World, empty_database, world

__all__ = ["empty_database", "world"]


async def test_what_is_offered_of_the_times_is_possible(world: World) -> None:
    """Also of a talk that began long before it was planned."""
    who = await by_cookie(world, MODERATOR)
    await world.stepped.advance(600)
    began = await world.post("/r/kernel/moderate", {"do": "start talk-2"}, **who)
    assert began.status == 200, began.text
    for minutes in (0, 3, 6):
        await world.stepped.advance(minutes * 60)
        page = (await world.get("/r/kernel/moderate?talk=talk-2", **who)).text
        delays = [each for each in offered(page) if each.startswith("delay")]
        assert all(int(each.split()[1]) >= 0 for each in delays), delays
    page = (await world.get("/r/kernel/moderate?talk=talk-3", **who)).text
    assert "delay 5 talk-3" in offered(page)
