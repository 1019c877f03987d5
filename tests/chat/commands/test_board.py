"""`!board` where the room has not been told yet what is on."""

from __future__ import annotations

from tests.chat.audience import upgrade
from tests.stage import KERNEL, MODERATOR, Stage, in_room


async def test_a_room_that_took_another_s_place_is_told_what_is_on(conference: Stage) -> None:
    assert await conference.hear(KERNEL, until=62)
    new = await upgrade(conference, {MODERATOR: 50})
    said = in_room(await conference.say(new, MODERATOR, "!board"), new)
    assert [body for body in said if body.startswith('Now, until 10:25: "Tiny kernels"')]
    again = in_room(await conference.say(new, MODERATOR, "!board"), new)
    assert len([body for body in again if body.startswith("Now, ")]) == 1
    told = await conference.hear(new, until=86)
    assert [line for line in told if " now " in line] == ["10:25 now 2 10:50 10:45"]


async def test_where_nothing_is_on_it_says_so(conference: Stage) -> None:
    new = await upgrade(conference, {MODERATOR: 50})
    said = in_room(await conference.say(new, MODERATOR, "!board"), new)
    assert said == ["No talk is on here. When one begins, its message comes by itself."]
