"""Which talk a moment in a room belongs to."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.model import Talk
from fosdembot.setting_sections import TranscriptSettings
from fosdembot.talks.slots import Slot
from fosdembot.transcripts.window import windows

from .samples import at

SETTINGS = TranscriptSettings(before_minutes=10, after_minutes=15)


def slot(guid: str, start: float, end: float, **more: Any) -> Slot:
    talk = Talk(guid, guid, guid, at(start), timedelta(minutes=end - start))
    return Slot(talk, at(start), at(end), **more)


def found(*slots: Slot) -> dict[str, tuple[float, float]]:
    """By guid, in minutes."""
    zero = at(0)
    return {
        guid: ((w.start - zero).total_seconds() / 60, (w.end - zero).total_seconds() / 60)
        for guid, w in windows(slots, SETTINGS).items()
    }


def test_a_talk_alone_has_some_minutes_before_and_after() -> None:
    assert found(slot("a", 0, 30)) == {"a": (-10, 45)}


def test_between_two_talks_it_is_the_first_ones_until_the_next_begins() -> None:
    assert found(slot("a", 0, 30), slot("b", 30, 60)) == {"a": (-10, 30), "b": (30, 75)}
    assert found(slot("a", 0, 30), slot("b", 40, 60)) == {"a": (-10, 40), "b": (40, 75)}


def test_with_a_longer_gap_the_next_has_its_minutes_before() -> None:
    assert found(slot("a", 0, 30), slot("b", 50, 60)) == {"a": (-10, 45), "b": (45, 75)}
    assert found(slot("a", 0, 30), slot("b", 90, 100)) == {"a": (-10, 45), "b": (80, 115)}


def test_what_does_not_take_place_and_breaks_have_none() -> None:
    slots = (
        slot("a", 0, 30),
        slot("b", 30, 60, cancelled=True),
        slot("c", 30, 60, noshow=True),
        slot("lunch", 35, 60, is_break=True),
    )
    assert found(*slots) == {"a": (-10, 45)}


def test_of_talks_at_the_same_time_the_last_that_began_has_the_chat() -> None:
    assert found(slot("a", 0, 60), slot("b", 20, 40)) == {"a": (-10, 20), "b": (20, 75)}


def test_of_talks_that_begin_at_the_same_moment_the_first_has_it() -> None:
    assert found(slot("a", 0, 60), slot("b", 0, 40)) == {"a": (-10, 75), "b": (0, 0)}


@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.integers(1, 120)), min_size=1, max_size=8, unique=True
    )
)
def test_no_moment_belongs_to_two(times: list[tuple[int, int]]) -> None:
    slots = [slot(str(n), s, s + d) for n, (s, d) in enumerate(sorted(times))]
    spans = sorted(span for span in found(*slots).values() if span[0] < span[1])
    assert all(start <= end for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    for minute in range(420):
        # Of what is said while a talk is on, nothing is lost.
        if any(s <= minute < s + d for s, d in times):
            assert sum(start <= minute < end for start, end in spans) == 1, minute
