"""Ten minutes after a talk questions are for the next one: each open page shows that at once."""

from __future__ import annotations

from typing import Any

import pytest

from simulation.conference import Planned

from .known import logged_in, overlay_key
from .world import HOST, KERNEL, PROGRAMME, World, empty_database, world

__all__ = ["empty_database", "world"]
LATER = Planned(3, "Old kernels", 150, 25, chat_room=KERNEL)


@pytest.mark.parametrize("view", ["room", "stage", "moderate", "overlay"])
async def test_what_is_just_over_leaves_open_pages_when_its_time_has_come(
    world: World, view: str
) -> None:
    world.publish(*PROGRAMME[:2], LATER, *PROGRAMME[3:])
    await world.stepped.advance_to(87)
    number, _ = await world.ask("How big?")
    host = await logged_in(world.bot, world.database, HOST)
    await world.post("/r/kernel/moderate", {"do": f"take {number}"}, headers=host)
    who: dict[str, Any] = {"headers": host} if view == "moderate" else {}
    if view == "overlay":
        who = {"key": await overlay_key(world.bot, world.database, KERNEL)}
    path = {
        "room": "/r/kernel/events",
        "stage": "/r/kernel/events?view=stage",
        "moderate": "/r/kernel/moderate/events",
        "overlay": "/overlay/events",
    }[view]
    await world.stepped.advance_to(119.9)
    async with world.watch(path, **who) as stream:
        await stream.sees("How big?")
        # 11:00 and two seconds: ten minutes after "Big kernels".
        await world.stepped.advance_to(120 + 2 / 60)
        for _ in range(20):
            await world.stepped.rest()
        assert "How big?" not in stream.shown
