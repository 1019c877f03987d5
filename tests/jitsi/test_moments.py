"""What a speaker is told of the time, and when."""

from __future__ import annotations

import itertools
from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.jitsi import moments
from fosdembot.jitsi.moments import Times
from fosdembot.schedule.model import Talk
from fosdembot.talks.slots import Slot, StageSlot
from simulation.conference import START


def slot(minutes: int, qa: int | None) -> StageSlot:
    """A talk that begins at `START`, lasts so many minutes, and takes questions from `qa` on."""
    length = timedelta(minutes=minutes)
    talk = Talk("guid/1", "1", "Tiny kernels", START, length)
    begins = START + timedelta(minutes=qa) if qa is not None else None
    return StageSlot(Slot(talk, START, START + length, begins))


def told(minutes: int, qa: int | None) -> list[tuple[str, float, float]]:
    """Kind, when it is due and when it is outdated, in minutes after the start."""
    return [
        (
            each.key.partition("/")[0],
            (each.due - START) / timedelta(minutes=1),
            (each.expires - START) / timedelta(minutes=1),
        )
        for each in moments.moments(slot(minutes, qa), UTC)
    ]


@pytest.mark.parametrize(
    ("minutes", "qa", "expected"),
    [
        (25, 20, [("soon", 15, 19), ("qa", 20, 25), ("left", 23, 24), ("over", 25, 27)]),
        # Without questions.
        (10, None, [("left", 8, 9), ("over", 10, 12)]),
        # Too short for all of it.
        (10, 5, [("qa", 5, 10), ("left", 8, 9), ("over", 10, 12)]),
        (10, 8, [("soon", 3, 7), ("qa", 8, 10), ("over", 10, 12)]),
        (2, None, [("over", 2, 4)]),
        (3, None, [("left", 1, 2), ("over", 3, 5)]),
        # Questions from the start.
        (25, 0, [("qa", 0, 25), ("left", 23, 24), ("over", 25, 27)]),
    ],
)
def test_moments_that_fall_on_top_of_one_another_are_left_out(
    minutes: int, qa: int | None, expected: list[tuple[str, float, float]]
) -> None:
    assert told(minutes, qa) == expected


SLOTS = st.integers(1, 300).flatmap(
    lambda minutes: st.builds(
        slot, st.just(minutes), st.none() | st.integers(0, max(0, minutes - 1))
    )
)


@given(SLOTS)
def test_moments_come_in_order_and_at_least_a_minute_apart(of: StageSlot) -> None:
    found = list(moments.moments(of, UTC))
    dues = [each.due for each in found]
    assert all(two - one >= timedelta(minutes=1) for one, two in itertools.pairwise(dues))
    assert all(of.start <= each.due < each.expires for each in found)
    assert len({each.key for each in found}) == len(found)


@given(SLOTS, st.integers(-10, 320))
def test_who_looks_when_it_is_said_misses_none(of: StageSlot, minute: int) -> None:
    now = START + timedelta(minutes=minute)
    again = moments.next_due(of, now, UTC)
    later = [each.due for each in moments.moments(of, UTC) if each.due > now]
    assert again == min(later, default=None)
    if again is not None:
        assert [each.due for each in moments.due(of, again, UTC)][-1] == again


def test_when_a_talk_moves_its_moments_have_other_keys() -> None:
    keys = {each.key for each in moments.moments(slot(25, 20), UTC)}
    later = {each.key for each in moments.moments(slot(30, 25), UTC)}
    assert not keys & later


def test_times_differ_if_the_speaker_has_to_know() -> None:
    assert moments.times_of(slot(25, 20)) == moments.times_of(slot(25, 20))
    others = {moments.times_of(slot(*each)) for each in ((25, 20), (30, 20), (25, 15), (25, None))}
    assert len(others) == 4


def test_a_talk_of_days_is_cut_on_its_day() -> None:
    times = Times(UTC, "!", timedelta(0), obeys=True, are_several=False)
    text, expires = times.before(slot(2880, 2870), START - timedelta(minutes=5))
    assert "cut at Mon 2 Feb 09:00" in text.plain
    assert expires == START
