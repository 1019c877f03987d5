"""Votes that come in together count as they would one by one."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, Vote, VoteMark
from fosdembot.matrix.api import Json
from fosdembot.matrix.known import KnownRooms
from tests.chat.audience import ADA, BOB, EVE, IRC, RELAY
from tests.chat.floor import HOSTS, SETTINGS, act, ask, made
from tests.stage import CLOUD, KERNEL, MODERATOR, MakeStage, Stage, room_id

PEOPLE = [ADA, BOB, EVE, MODERATOR, "@banned:example.org", *(f"@p{n}:x" for n in range(20))]
KEYS = ["👍", "👍", "👍🏽", "Q1", "Q2", "q 3 ⏳", "❤", "⭐", "❓", "✅", "👎", "", "👍👍"]


async def hall(make_stage: MakeStage, opened: Path) -> Stage:
    """Three questions, of which the third is merged into the first; one person is banned."""
    questions = {**SETTINGS["questions"], "relays": [RELAY]}
    stage = await make_stage(opened, **(SETTINGS | {"questions": questions}))
    stage.clock.set(65)
    await stage.open(HOSTS)
    for number in (1, 2, 3):
        assert await ask(stage, f"Question {number}?", asker=(ADA, BOB, EVE)[number - 1]) == number
    await act(stage, 3, into=1)
    await stage.deliver()
    async with stage.database.write() as session:
        room, person = room_id(KERNEL), "@banned:example.org"
        await stage.bot.desk.membership(session, room, person, "ban", True)
    return stage


def reactions(seed: int) -> list[tuple[str, str, str, str]]:
    """Room, person, target, key."""
    rng = random.Random(seed)
    targets = ["$asked1", "$asked2", "$asked3", "$sentcard/1/!hosts:example.org", "$nothing"]
    rooms = [KERNEL] * 8 + [CLOUD, HOSTS]
    return [
        (rng.choice(rooms), rng.choice(PEOPLE), rng.choice(targets), rng.choice(KEYS))
        for _ in range(60)
    ]


def events(stage: Stage, seed: int) -> list[tuple[str, Json]]:
    found = []
    for number, (alias, person, target, key) in enumerate(reactions(seed)):
        relation = {"rel_type": "m.annotation", "event_id": target, "key": key}
        event = made(stage, person, "m.reaction", {"m.relates_to": relation})
        found.append((room_id(alias), {**event, "event_id": f"$reaction{number}"}))
    return found


Counted = tuple[list[tuple[Any, ...]], ...]


async def counted(session: AsyncSession) -> Counted:
    numbers = select(Question.number, Question.votes).order_by(Question.id)
    people = select(Vote.question_id, Vote.person).order_by(Vote.question_id, Vote.person)
    marks = select(VoteMark.cause, VoteMark.question_id, VoteMark.person)

    async def rows(query: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await session.execute(query)]

    return await rows(numbers), await rows(people), await rows(marks.order_by(VoteMark.cause))


class TakenBack(Exception):
    """The transaction is rolled back."""


async def outcome(stage: Stage, work: Callable[[WriteSession], Awaitable[None]]) -> Counted:
    """What is counted after `work`, which then has not happened."""
    found: Counted = ()
    with suppress(TakenBack):
        async with stage.database.write() as session:
            await work(session)
            await session.flush()
            found = await counted(session)
            raise TakenBack
    return found


@pytest.mark.parametrize("seed", range(12))
async def test_together_is_as_one_by_one(seed: int, make_stage: MakeStage, opened: Path) -> None:
    stage = await hall(make_stage, opened)
    rooms = await KnownRooms(stage.database).load(
        [room_id(each) for each in (KERNEL, CLOUD, HOSTS)]
    )
    may = [
        (room, event)
        for room, event in events(stage, seed)
        if stage.router.may_go_together(rooms[room], event)
    ]
    assert len(may) > 20

    async def together(session: WriteSession) -> None:
        await stage.router.handle_together(session, may)

    async def one_by_one(session: WriteSession) -> None:
        for room, event in may:
            await stage.router.handle(session, room, event)

    expected = await outcome(stage, one_by_one)
    assert await outcome(stage, together) == expected
    assert sum(votes for _, votes in expected[0]) > 2
    # What decides or asks never goes that way.
    keys = {event["content"]["m.relates_to"]["key"] for _, event in may}
    assert keys <= {"👍", "👍🏽", "Q1", "Q2", "q 3 ⏳"}


@pytest.mark.parametrize("person", [IRC, RELAY])
async def test_who_sits_behind_a_bridge_is_looked_at_alone(
    person: str, make_stage: MakeStage, opened: Path
) -> None:
    stage = await hall(make_stage, opened)
    relation = {"rel_type": "m.annotation", "event_id": "$asked1", "key": "👍"}
    event = made(stage, person, "m.reaction", {"m.relates_to": relation})
    rooms = await KnownRooms(stage.database).load([room_id(KERNEL)])
    assert not stage.router.may_go_together(rooms[room_id(KERNEL)], event)


async def test_who_holds_a_question_sees_the_new_number(
    make_stage: MakeStage, opened: Path
) -> None:
    stage = await hall(make_stage, opened)
    relation = {"rel_type": "m.annotation", "event_id": "$asked2", "key": "👍"}
    async with stage.database.write() as session:
        found = await session.scalars(select(Question).where(Question.number == 2))
        question = found.one()
        votes = [
            (room_id(KERNEL), made(stage, person, "m.reaction", {"m.relates_to": relation}))
            for person in (EVE, "@p1:x")
        ]
        await stage.router.handle_together(session, votes)
        assert question.votes == 2
