"""The bench of meetings runs, and its table is well formed."""

from __future__ import annotations

import re

import pytest

from bench.meetings import Cost, described, run, table
from simulation.prosody import is_installed


@pytest.mark.servers
@pytest.mark.skipif(not is_installed(), reason="prosody is not installed")
async def test_it_runs_and_its_table_is_well_formed() -> None:
    lines = [line async for line in run(meetings=3, seconds=0.2, takes=1, apart=0.05)]
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    assert [row[0] for row in rows] == ["meetings", "1", "3"]
    assert re.fullmatch(r"-?\d+\.\d\d MB", rows[2][2])
    assert lines[-1].startswith("3 questions taken in the rooms of 3 meetings")


def test_memory_is_that_of_each_meeting_beyond_the_first() -> None:
    costs = [Cost(1, 50_000_000, 0.1), Cost(60, 79_500_000, 0.2)]
    assert table(costs)[-1] == "| 60 | 79.5 MB | 0.50 MB | 0.20 s |"


def test_the_slowest_of_a_hundred_is_told() -> None:
    delays = [0.02] * 99 + [0.5]
    assert "20 ms (p50), 500 ms (p99)" in described(Cost(1, 1, 0.1, delays, 0.003))
