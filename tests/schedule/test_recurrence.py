"""Rules of repetition, followed by a library within bounds."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from itertools import islice

import pytest
from dateutil.rrule import rrulestr

from fosdembot.schedule.recurrence import BadRule, moments, parse_rule

START = datetime.fromisoformat("2026-05-09T09:00")
LAST = datetime.fromisoformat("2046-01-01")


def any_rule(rng: random.Random) -> str:
    parts = {
        "INTERVAL": rng.randint(1, 4),
        "BYDAY": ",".join(rng.sample(["MO", "TU", "WE", "SA", "SU"], 2)),
        "WKST": rng.choice(["MO", "SU", "WE"]),
        "BYMONTH": rng.randint(1, 12),
        "BYSETPOS": rng.choice([1, -1]),
    }
    chosen = rng.sample(sorted(parts), rng.randint(0, 3))
    if {"INTERVAL", "BYMONTH"} <= {*chosen}:
        # They may never meet, which the library by itself takes long to see.
        chosen.remove("INTERVAL")
    frequency = rng.choice(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"])
    return ";".join([f"FREQ={frequency}", *(f"{key}={parts[key]}" for key in chosen)])


@pytest.mark.parametrize("seed", range(150))
def test_they_come_to_what_the_library_says_itself(seed: int) -> None:
    rng = random.Random(seed)
    rule, year = any_rule(rng), rng.choice([1970, 1999, 2024, 2026, 2028, 2095, 2190])
    start = START.replace(year=year, month=rng.randint(1, 12), day=rng.randint(1, 28))
    last = start.replace(year=year + 6)
    found = list(islice(moments(parse_rule(rule), start, last), 100))
    whole = islice(rrulestr(rule, dtstart=start), 100)
    assert found == [moment for moment in whole if moment <= last]


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=",
        "FREQ=DAILY;COUNT=" + "9" * 5000, "FREQ=", "", "FREQ", "DAILY", "FREQ=DAILY;UNTIL=soon",
        "FREQ=DAILY;BYEASTER=1", "FREQ=DAILY;FREQUENT=1", "RSCALE=CHINESE;FREQ=DAILY",
        "FREQ=SECONDLY;BYHOUR=3", "FREQ=MINUTELY;BYMONTH=2", "FREQ=DAILY;BYDAY=" + "MO," * 1000,
        "FREQ=DAILY;BYSECOND=" + ",".join(map(str, range(60))) + ";BYMINUTE=1,2,3,4,5",
    ],
)  # fmt: skip
def test_what_is_no_rule(text: str) -> None:
    with pytest.raises(BadRule):
        parse_rule(text)


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYSETPOS=5", "FREQ=YEARLY;BYDAY=60MO",
        "FREQ=YEARLY;BYDAY=-60MO", "FREQ=DAILY;BYDAY=XX", "FREQ=HOURLY;INTERVAL=999999;BYHOUR=4",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO", "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=3",
        "FREQ=HOURLY;INTERVAL=24;BYHOUR=10", "FREQ=DAILY;BYHOUR=99", "FREQ=YEARLY;BYWEEKNO=99",
        "FREQ=DAILY;BYMONTH=x", "FREQ=DAILY;WKST=XX", "FREQ=DAILY;BYMONTHDAY=", "FREQ=DAILY;=",
    ],
)  # fmt: skip
def test_what_comes_to_nothing_is_seen_soon(text: str, cpu_seconds: Callable[[], float]) -> None:
    with pytest.raises(BadRule):
        list(moments(parse_rule(text), START, LAST))
    assert cpu_seconds() < 5


@pytest.mark.parametrize("frequency", ["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY"])
def test_what_never_ends_comes_one_by_one(frequency: str) -> None:
    found = list(islice(moments(parse_rule(f"freq={frequency}; interval=2;"), START, LAST), 500))
    assert (found[0], len(found)) == (START, 500)


def test_it_ends_with_its_last_moment() -> None:
    assert list(moments(parse_rule("FREQ=DAILY"), START, START)) == [START]
    assert list(moments(parse_rule("FREQ=DAILY"), START, START.replace(hour=8))) == []
