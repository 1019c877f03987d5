"""As a person's: an own vote does not count, also where two questions become one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .known import guest, logged_in
from .talk_desk import states
from .world import ADA, BOB, HOST, empty_database, stepped_world

__all__ = ["empty_database"]


async def test_a_guest_s_vote_for_what_their_own_question_is_merged_into(
    tmp_path: Path, empty_database: Path
) -> None:
    pages = {"guests": "ask_and_vote"}
    async with stepped_world(tmp_path, empty_database, pages=pages) as world:
        number, _ = await world.ask("How small?", ADA)
        name, _, token = (await guest(world.bot, world.database, "talk-1")).partition("=")
        visitors: list[dict[str, Any]] = [
            {"cookie": {name: token}},
            {"headers": await logged_in(world.bot, world.database, BOB)},
        ]
        for each, visitor in enumerate(visitors):
            asked = await world.post("/r/kernel/ask", {"text": f"How {each}?"}, **visitor)
            assert asked.status == 200, asked.text
            voted = await world.post("/r/kernel/vote", {"question": str(number)}, **visitor)
            assert voted.status == 200, voted.text
        host = await logged_in(world.bot, world.database, HOST)
        for id_ in (2, 3):
            for form in ({"do": f"approve {id_}"}, {"do": f"merge {id_}", "into": "1"}):
                await world.post("/r/kernel/moderate", form, headers=host)
        assert await states(world) == ["open", "merged", "merged"]
        async with world.watch() as stream:
            await stream.sees("How small?")
            assert 'data-votes="0"' in stream.shown, "of the person"
            assert "in the hall" not in stream.shown, "of the guest"
