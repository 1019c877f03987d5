"""The votes of those who are banned or removed, or leave."""

from __future__ import annotations

from itertools import product
from typing import Any

from sqlalchemy import select

from fosdembot.db.question_tables import Barred, QuestionRoom
from tests.chat.audience import ADA, BOB, asked, member, upgrade, votes
from tests.chat.floor import HOSTS, answer, made, tap
from tests.stage import KERNEL, MODERATOR, Stage


async def test_a_ban_or_removal_takes_votes_away_leaving_does_not(
    floor: Stage, question: str
) -> None:
    people = [f"@p{number}:example.org" for number in range(4)]
    for person in people:
        await tap(floor, person, question, "👍")
    await member(floor, people[0], "ban", MODERATOR)
    await member(floor, people[1], "leave", MODERATOR)
    await member(floor, people[2], "leave")
    await member(floor, people[3], "join")
    assert await votes(floor) == 2
    assert "cannot vote" in await answer(floor, KERNEL, people[0], "!vote 1")
    await member(floor, people[0], "leave", MODERATOR)
    assert await votes(floor) == 2, "a ban that is lifted is not yet a return"
    for person in people:
        await member(floor, person, "join")
    assert await votes(floor) == 4


async def test_a_ban_counts_also_from_before_the_first_question(floor: Stage) -> None:
    await member(floor, BOB, "ban", MODERATOR)
    event, _ = await asked(floor, "How small?")
    await tap(floor, BOB, event, "👍")
    assert await votes(floor) == 0
    assert "You cannot ask" in (await asked(floor, "How rude?", BOB))[1]


async def test_nobody_is_removed_with_the_room_that_was_replaced(
    floor: Stage, question: str
) -> None:
    await tap(floor, BOB, question, "👍")
    tombstone = made(floor, MODERATOR, "m.room.tombstone", {"replacement_room": "!new"})
    await floor.receive(KERNEL, tombstone | {"state_key": ""})
    await member(floor, BOB, "leave", MODERATOR)
    assert await votes(floor) == 1


async def test_nobody_comes_back_by_the_room_that_was_replaced(floor: Stage, question: str) -> None:
    """To change one's display name there is to join as well."""
    await tap(floor, BOB, question, "👍")
    new = await upgrade(floor)
    await member(floor, BOB, "ban", MODERATOR, alias=new)
    assert await votes(floor) == 0
    await member(floor, BOB, "join")
    assert await votes(floor) == 0
    await member(floor, BOB, "join", alias=new)
    assert await votes(floor) == 1


async def test_a_room_without_questions_costs_nothing(floor: Stage) -> None:
    for person in (ADA, BOB):
        await member(floor, person, "join")
        await member(floor, person, "leave")
        await member(floor, person, "ban", MODERATOR, alias=HOSTS)
    async with floor.database.read() as session:
        assert list(await session.scalars(select(QuestionRoom))) == []
        assert list(await session.scalars(select(Barred))) == []


async def test_a_membership_of_any_shape_hurts_nobody(floor: Stage, question: str) -> None:
    shapes: list[dict[str, Any]] = [{}, {"membership": 7}, {"membership": "dance"}]
    for content, key in product(shapes, (BOB, "", 5, None)):
        event = made(floor, MODERATOR, "m.room.member", content)
        await floor.receive(KERNEL, event | {"state_key": key})
    assert await votes(floor) == 0
