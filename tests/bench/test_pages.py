"""The bench of open pages runs, and its table is well formed."""

from __future__ import annotations

import re

import pytest

from bench.pages import Cost, row, run


@pytest.mark.servers
async def test_it_runs_and_its_table_is_well_formed() -> None:
    lines = [line async for line in run(pages=(1, 5), seconds=0.2, rates=(10,))]
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    assert [cells[:2] for cells in rows[1:]] == [["1", "10"], ["5", "10"]]
    assert all(re.fullmatch(r"\d+\.\d ms", cells[2]) for cells in rows[1:])
    assert all(re.fullmatch(r"\d+ ms", cell) for cells in rows[1:] for cell in cells[3:5])


def test_the_slowest_of_a_hundred_is_told() -> None:
    cost = Cost(100, 50, [0.01] * 99 + [0.5], 0.25, 90_000_000)
    assert row(cost, 0.00234) == "| 100 | 50 | 2.3 ms | 10 ms | 500 ms | 25% | 90 MB |"
