"""Which question is meant; what that costs. What is said where it is not clear stands with
the commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import event as sql_event

from fosdembot.chat.meant.question import split_number
from simulation.conference import Planned
from tests.chat.audience import BOB, EVE, asked, upgrade, votes
from tests.chat.conftest import PROGRAMME
from tests.stage import Stage, talks


@contextmanager
def look_ups(stage: Stage) -> Iterator[list[str]]:
    """What the database is asked for meanwhile."""
    selects: list[str] = []

    def note(*args: Any) -> None:
        if args[2].startswith("SELECT"):
            selects.append(args[2])

    engine = stage.database.engine.sync_engine
    sql_event.listen(engine, "before_cursor_execute", note)
    yield selects
    sql_event.remove(engine, "before_cursor_execute", note)


async def test_a_number_in_a_direct_chat_costs_the_same_with_many_rooms(floor: Stage) -> None:
    await asked(floor, "How small?")
    chats = [await floor.open_direct(person) for person in (BOB, EVE)]
    with look_ups(floor) as few:
        await floor.say(chats[0], BOB, "!vote 1")
    rooms = [f"#room{number}:example.org" for number in range(20)]
    more = (talks(Planned(100 + n, "More", 60, 25), room=room) for n, room in enumerate(rooms))
    await floor.publish(*PROGRAMME, *chain(*more))
    for room in rooms:
        await floor.open(room)
    with look_ups(floor) as many:
        await floor.say(chats[1], EVE, "!vote 1")
    assert await votes(floor) == 2
    assert len(many) == len(few)


async def test_a_number_is_known_in_the_room_that_replaced_another(floor: Stage) -> None:
    await asked(floor, "How small?")
    await upgrade(floor)
    await floor.say(await floor.open_direct(BOB), BOB, "!vote 1")
    assert await votes(floor) == 1


@pytest.mark.parametrize(
    ("typed", "number", "rest"),
    [
        ("12 why", 12, "why"),
        ("#12: why", 12, "why"),
        ("Q12 : why", 12, "why"),
        ("12 - why", 12, "why"),
        ("12 -3 degrees", 12, "-3 degrees"),
        ("12", 12, ""),
        ("2026-kernel 12", None, "2026-kernel 12"),
        ("12.5 degrees", None, "12.5 degrees"),
        ("12th", None, "12th"),
    ],
)
def test_what_is_a_number(typed: str, number: int | None, rest: str) -> None:
    assert split_number(typed) == (number, rest)
