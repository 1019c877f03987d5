"""A guest's page that stays open: when the next talk begins, it asks once more what they may do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fosdembot.texts import page_room as texts

from .known import guest
from .world import World, empty_database, stepped_world

__all__ = ["empty_database"]


async def test_until_the_next_talk_it_asks_at_each_moment(
    tmp_path: Path, empty_database: Path
) -> None:
    async with stepped_world(tmp_path, empty_database, pages={"guests": "ask_and_vote"}) as world:
        name, _, token = (await guest(world.bot, world.database, "talk-1", 90)).partition("=")
        who = {"cookie": {name: token}}
        # It is 10:05. The Q&A begins at 10:20; at 10:25 the next talk is on.
        assert await again(world, who) == 15 * 60
        await world.stepped.advance(15 * 60)
        assert await again(world, who) == 5 * 60
        assert texts.YOUR_QUESTION in await part(world, who)
        await world.stepped.advance(5 * 60)
        assert texts.YOUR_QUESTION not in await part(world, who)


async def mine(world: World, who: dict[str, Any]) -> Any:
    return (await world.get("/r/kernel/mine", **who)).json


async def again(world: World, who: dict[str, Any]) -> int:
    """In how many seconds its page asks, nearly."""
    return round(float((await mine(world, who))["again"]))


async def part(world: World, who: dict[str, Any]) -> str:
    return str((await mine(world, who))["parts"]["you"])
