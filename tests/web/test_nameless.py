"""Who asked without a name is told to nobody, by no page, also not by what is refused or was so
already."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from fosdembot.db.question_tables import Question

from .known import logged_in
from .world import BOB, EVE, HOST, HOSTS, World, empty_database, world

__all__ = ["empty_database", "world"]


async def nameless(world: World, person: str) -> int:
    """The id of a question that they ask so."""
    who = await logged_in(world.bot, world.database, person)
    form = {"text": f"Who is {person}?", "nameless": "yes"}
    assert (await world.post("/r/kernel/ask", form, headers=who)).status == 200
    async with world.database.read() as session:
        return (await session.scalars(select(Question.id).where(Question.asker == person))).one()


@pytest.mark.parametrize("does", ["mute", "unmute"])
async def test_muting_whoever_asked_says_nothing_of_who_is_muted_already(
    world: World, does: str
) -> None:
    """Who mutes people by name, one after the other, and then whoever asked, learns nothing."""
    one, other = await nameless(world, EVE), await nameless(world, BOB)
    world.say(HOST, f"kernel qa {does} {EVE}", HOSTS)
    if does == "unmute":
        world.say(HOST, f"kernel qa mute {BOB}", HOSTS)
    await world.stepped.advance(1)
    host = await logged_in(world.bot, world.database, HOST)
    said = []
    for number, id_ in ((1, one), (2, other)):
        answer = await world.post("/r/kernel/moderate", {"do": f"{does} {id_}"}, headers=host)
        said.append(answer.json["said"].replace(str(number), "N"))
    assert len(set(said)) == 1, said
