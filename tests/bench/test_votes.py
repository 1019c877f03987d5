"""The bench runs, and what it counts is true. What is fast is not for a test to say."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bench.hall import Size, hall
from bench.meter import Watch
from bench.requests import count_requests
from bench.votes import Cost, databases, run, table
from fosdembot.db.engine import Database
from fosdembot.db.tables import Outgoing
from simulation.stepped_clock import sqlite_at_once
from tests.running import database
from tests.stage import empty_database

__all__ = ["database", "empty_database"]


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    with sqlite_at_once():
        yield


async def test_it_runs_and_its_tables_are_well_formed() -> None:
    sizes = {"questions": (1, 12), "rooms": (1, 11), "voters": (3, 40)}
    lines = [line async for line in run(False, 1, 4, **sizes, events=240)]
    cells = [line.count("|") for line in lines if line.startswith("|")]
    assert cells == [9] * 10 + [4] * 4
    growth = re.compile(r"\| growth( \| \d+\.\d\d ×){6} \|")
    assert sum(growth.search(line) is not None for line in lines) == 2
    assert "SQLite" in lines[0]
    assert sum(line.startswith("240 events of 2,000 people in 20 rooms") for line in lines) == 1
    assert lines[-2].endswith(": 0")


def test_growth_is_from_the_first_to_the_last() -> None:
    costs = {Size(1, n): Cost(0.002 * n, 0.1, 0.001, 1.0, 1.0, 0.004 / n) for n in (1, 2, 5)}
    assert table(costs)[-1] == "| | growth | 5.00 × | 1.00 × | 1.00 × | 1.00 × | 1.00 × | 0.20 × |"


async def test_votes_are_counted_by_the_bot_itself() -> None:
    async with databases(False) as (make, _, _), hall(await make(), Size(3, 4)) as small:
        await small.vote(25, 10)
        await small.vote(3, 1, members=True)
        await small.chat(7, 3)
        await small.fill(40)
        assert await small.counted() == small.votes == 68


async def test_what_holds_the_loop_is_seen() -> None:
    """Also if it goes on until nobody watches any more."""
    with Watch() as watch:
        await asyncio.sleep(0.01)
        began = time.thread_time()
        while time.thread_time() - began < 0.03:
            pass
    assert watch.longest >= 0.03


async def test_a_look_at_a_board_is_one() -> None:
    async with databases(False) as (make, _, _), hall(await make(), Size(2, 12)) as small:
        await small.vote(7, 7)
        await small.look_at_a_board()
        async with small.database.read() as session:
            edits = await session.scalars(select(Outgoing).where(Outgoing.kind == "edit"))
            assert any("votes)" in str(edit.content) for edit in edits)


async def test_a_vote_costs_no_request(database: Database, tmp_path: Path) -> None:
    found = await count_requests(database, tmp_path, votes=7)
    assert not found.same_order
    assert found.other_order == {"send": 1}, "the edit of the board"
