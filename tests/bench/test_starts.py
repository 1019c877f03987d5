"""The bench of starts and notices runs, and what it tells is what the bot did."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.starts import described, run
from bench.synapse import Told, told_on_synapse
from bench.whole import votes_on_synapse
from fosdembot.db.engine import Database
from tests.running import database
from tests.stage import empty_database

__all__ = ["database", "empty_database"]


async def test_it_runs_and_its_table_is_well_formed() -> None:
    lines = [line async for line in run(False, rooms=3, begun=4, talks=40, on_synapse=0)]
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    assert [row[0] for row in rows] == [
        "what",
        "first start, 3 rooms",
        "later start, 3 rooms",
        "4 talks begin, 3 questions each",
        "another schedule of 40 talks",
    ]
    # A notice, its edit and a pin in each room.
    assert "12 requests" in rows[3][5]
    assert rows[4][5] == "1 gone"


@pytest.mark.servers
async def test_on_a_real_homeserver(database: Database, tmp_path: Path) -> None:
    told = await told_on_synapse(database, tmp_path, 2)
    assert told.rooms == 2
    # In no order: other things than notices are put in the outbox as well, and later.
    assert told.written > 0
    assert told.last > 0


@pytest.mark.servers
async def test_the_whole_process_is_measured(tmp_path: Path) -> None:
    measured = await votes_on_synapse(tmp_path, 3)
    assert measured.votes == 6
    assert measured.cpu > 0
    assert "6 votes 50 ms apart" in str(measured)


def test_synapse_s_own_time_is_beside_ours() -> None:
    told = Told(rooms=300, cpu=5.0, written=1.5, last=13.0, alone=10.0)
    assert described(told)[-1].endswith("takes 10.0 s for as many messages: 1.30 ×")
