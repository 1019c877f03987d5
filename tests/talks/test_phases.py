"""Phases, sessions, and the day to which a talk belongs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.phases import (
    Phase,
    next_up,
    on_now,
    phase,
    programme_day,
    sessions,
)
from fosdembot.talks.slots import Override, build_slots

from .programme import BRUSSELS, at, programmes, talk

ORDER = [Phase.UPCOMING, Phase.LIVE, Phase.QA, Phase.OVER]
moments = st.integers(0, 36 * 3600).map(lambda seconds: at("08:00") + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("09:59:59", Phase.UPCOMING),
        ("10:00", Phase.LIVE),
        ("10:19:59", Phase.LIVE),
        ("10:20", Phase.QA),
        ("10:24:59", Phase.QA),
        ("10:25", Phase.OVER),
    ],
)
def test_a_phase_begins_at_its_moment(clock: str, expected: Phase) -> None:
    (slot,) = build_slots([talk("a", "10:00")], {}, Settings())
    assert phase(slot, at(clock)) is expected


def test_what_is_cancelled_is_cancelled_at_every_moment() -> None:
    for override in (Override(cancelled=True), Override(noshow=True)):
        (slot,) = build_slots([talk("a", "10:00")], {"a": override}, Settings())
        assert {phase(slot, at(f"{hour}:05")) for hour in (9, 10, 11)} == {Phase.CANCELLED}


@given(programmes(places=2), moments, moments)
def test_time_only_goes_forward(talks: list[Talk], one: datetime, other: datetime) -> None:
    earlier, later = sorted((one, other))
    for slot in build_slots(talks, {}, Settings()):
        assert ORDER.index(phase(slot, earlier)) <= ORDER.index(phase(slot, later))


@given(programmes(places=3), moments)
def test_at_most_one_talk_is_on_in_a_place_and_the_next_is_the_next(
    talks: list[Talk], now: datetime
) -> None:
    slots = build_slots(talks, {}, Settings())
    places = [slot.place for slot in on_now(slots, now)]
    assert len(places) == len(set(places))
    for slot in next_up(slots, now):
        assert not [
            other for other in slots if other.place == slot.place and now < other.start < slot.start
        ]
    coming = {slot.place for slot in slots if slot.start > now}
    assert {slot.place for slot in next_up(slots, now)} == coming


@given(programmes(places=3, overlapping=True), st.integers(1, 120))
def test_sessions_are_what_gaps_leave(talks: list[Talk], minutes: int) -> None:
    gap = timedelta(minutes=minutes)
    slots = build_slots(talks, {}, Settings())
    runs = sessions(slots, gap)
    assert sorted(slot.talk.guid for run in runs for slot in run) == sorted(
        slot.talk.guid for slot in slots
    )
    for run, following in pairwise(runs):
        assert following[0].start - max(slot.end for slot in run) >= gap
    for run in runs:
        for index in range(1, len(run)):
            assert run[index].start - max(slot.end for slot in run[:index]) < gap


def test_what_does_not_take_place_fills_no_gap() -> None:
    talks = [talk("a", "10:00"), talk("b", "10:30"), talk("c", "11:00")]
    slots = build_slots(talks, {"b": Override(cancelled=True)}, Settings())
    runs = sessions(slots, timedelta(minutes=15))
    assert [[slot.talk.guid for slot in run] for run in runs] == [["a"], ["c"]]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (at("09:00"), date(2026, 1, 31)),
        (at("23:59"), date(2026, 1, 31)),
        (at("03:59", day=1, month=2), date(2026, 1, 31)),
        (at("04:00", day=1, month=2), date(2026, 2, 1)),
        # Clocks go forward at 2, and back at 3: the day still changes at 4.
        (datetime(2026, 3, 29, 1, 59, tzinfo=UTC), date(2026, 3, 28)),
        (datetime(2026, 3, 29, 2, 0, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 25, 2, 59, tzinfo=UTC), date(2026, 10, 24)),
        (datetime(2026, 10, 25, 3, 0, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_the_small_hours_belong_to_the_day_before(moment: datetime, day: date) -> None:
    assert programme_day(moment, BRUSSELS) == day
