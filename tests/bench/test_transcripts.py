"""The bench of transcripts runs, and its table is well formed."""

from __future__ import annotations

import re
from collections import Counter

from bench.long_talk import event
from bench.transcripts import Cost, described, run, table


async def test_it_runs_and_its_table_is_well_formed() -> None:
    lines = [line async for line in run((400,), alone=0.1)]
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    # Of twenty events, ten are lines of the chat.
    assert [row[:2] for row in rows[:2]] == [["events", "lines"], ["400", "200"]]
    assert re.fullmatch(r"[\d,]+ \| \d+\.\d MB \| \d+\.\d MB", " | ".join(rows[1][5:]))
    assert lines[-1].startswith("Votes 50 ms apart, from arrival to commit: ")


def test_growth_is_that_of_the_peak() -> None:
    costs = [
        Cost(5, 2, 1.0, 0.5, 90_000_000, 100_000_000),
        Cost(80, 40, 8, 4, 90_000_000, 105_000_000),
    ]
    assert table(costs)[-2:] == [
        "| 80 | 40 | 8.0 s | 4.0 s | 10 | 20 | 15.0 MB | 105.0 MB |",
        "| growth | | | | | | | +5.0 % |",
    ]


def test_the_slowest_of_a_hundred_is_told() -> None:
    told = described(Cost(80, 40, 1, 1, 1, 1, [0.001], [0.002] * 99 + [0.5]))
    assert "1.0 ms (p50), 1.0 ms (p99), 1.0 ms at most while nothing" in told
    assert "2.0 ms (p50), 500.0 ms (p99), 500.0 ms at most while a" in told


def test_a_long_talk_has_events_of_all_kinds() -> None:
    found = [event(number, 200) for number in range(200)]
    kinds = Counter(each["type"] for each in found)
    assert set(kinds) == {
        *("m.reaction", "m.room.member", "m.room.message", "m.room.redaction", "m.sticker")
    }
    assert len({each["event_id"] for each in found}) == 200
    said = [each["content"] for each in found if each["content"]]
    assert {"m.replace", "m.thread", "m.annotation"} <= {
        content.get("m.relates_to", {}).get("rel_type") for content in said
    }
