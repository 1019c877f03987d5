"""Which talk a question is for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.assignment import Ambiguous, Chosen, next_after, talk_for
from fosdembot.talks.phases import programme_day
from fosdembot.talks.slots import Override, StageSlot, as_streamed, build_slots

from .programme import BRUSSELS, ROOM, at, notices, programmes, talk

MINUTE = timedelta(minutes=1)
TEN = timedelta(minutes=10)

# One after another, a break, a hand-over without a gap, a lightning talk, and the day after.
DEVROOM = [
    talk("tiny", "10:00", 25),
    talk("big", "10:30", 25),
    talk("old", "11:30", 25),
    talk("new", "11:55", 25),
    talk("flash", "12:20", 5),
    talk("sunday", at("10:00", day=1, month=2), 25),
]
LUNCH = [
    talk("before", "11:30", 30),
    talk("lunch", "12:00", 60, title="Lunch"),
    talk("after", "13:00", 30),
]
HALLS = [
    talk("left-1", "10:00", 50, room="Janson"),
    talk("right-1", "10:00", 25, room="La Fontaine"),
    talk("right-2", "10:30", 20, room="La Fontaine"),
    talk("right-3", "11:10", 20, room="La Fontaine"),
]


def slots_of(
    talks: Sequence[Talk], overrides: dict[str, Override] | None = None
) -> list[StageSlot]:
    return list(build_slots(talks, overrides or {}, Settings()))


def found(talks: Sequence[Talk], clock: str | datetime, **overrides: Override) -> str:
    """`tiny`; `tiny?` in doubt; `left-1 or right-1`; "" for none."""
    now = at(clock) if isinstance(clock, str) else clock
    result = talk_for(slots_of(talks, overrides), now, BRUSSELS)
    if result is None:
        return ""
    if isinstance(result, Ambiguous):
        return " or ".join(slot.talk.guid for slot in result.slots)
    return result.slot.talk.guid + "?" * result.in_doubt


@pytest.mark.parametrize(
    ("clock", "expected"),
    [("12:00", "before?"), ("12:09", "before?"), ("12:10", "after?"), ("13:00", "after")],
)
def test_nobody_is_asked_during_a_break(clock: str, expected: str) -> None:
    assert found(LUNCH, clock) == expected
    assert found(LUNCH[1:2], clock) == ""


def test_after_a_break_the_next_talk_is_next() -> None:
    after = next_after(slots_of(LUNCH), "before", BRUSSELS)
    assert after is not None
    assert after.talk.guid == "after"


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("03:59", ""),  # still Friday night
        ("04:00", "tiny?"),
        ("09:59:59", "tiny?"),
        ("10:00", "tiny"),
        ("10:24:59", "tiny"),
        ("10:25", "tiny?"),
        ("10:29:59", "tiny?"),
        ("10:30", "big"),
        ("10:55", "big?"),
        ("11:04:59", "big?"),
        ("11:05", "old?"),
        ("11:54:59", "old"),
        ("11:55", "new"),
        ("12:20", "flash"),
        ("12:25", "flash"),  # nothing follows today: what else could be meant
        ("12:34:59", "flash"),
        ("12:35", ""),
        ("23:59", ""),
    ],
)
def test_a_devroom_day(clock: str, expected: str) -> None:
    assert found(DEVROOM, clock) == expected


def test_the_next_day_begins_at_four() -> None:
    assert found(DEVROOM, at("03:59", day=1, month=2)) == ""
    assert found(DEVROOM, at("04:00", day=1, month=2)) == "sunday?"
    night = [talk("late", at("23:50"), 25), talk("later", at("00:45", day=1, month=2), 25)]
    assert found(night, at("00:20", day=1, month=2)) == "late?"
    assert found(night, at("00:30", day=1, month=2)) == "later?"


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("09:50", "left-1 or right-1"),
        ("10:10", "left-1 or right-1"),
        ("10:25", "left-1"),  # only one is on
        ("10:30", "left-1 or right-2"),
        ("10:50", "left-1 or right-2"),  # both just over
        ("10:59:59", "left-1 or right-2"),
        ("11:00", "right-3?"),
        ("11:10", "right-3"),
    ],
)
def test_two_halls_in_one_room(clock: str, expected: str) -> None:
    assert found(HALLS, clock) == expected


def test_of_what_comes_in_several_halls_the_first_is_meant() -> None:
    talks = [talk("a", "10:00"), talk("b", "09:55", room="Janson")]
    assert found(talks, "09:00") == "b?"


def test_of_two_that_are_just_over_in_one_place_the_last_is_meant() -> None:
    talks = [talk("one", "10:00", 5), talk("two", "10:05", 5), talk("three", "10:30", 5)]
    assert found(talks, "10:12") == "two?"


def test_two_at_once_in_one_place_are_told_apart() -> None:
    assert found([talk("a", "10:00"), talk("b", "10:10")], "10:12") == "a or b"


def test_what_does_not_take_place_takes_no_questions() -> None:
    off = Override(cancelled=True)
    away = Override(noshow=True)
    for no in (off, away):
        assert found(DEVROOM, "10:10", tiny=no) == "big?"
        assert found(DEVROOM, "10:27", tiny=no) == "big?"
        assert found(DEVROOM, "10:27", tiny=no, big=no) == "old?"
        assert found(DEVROOM, "10:27", big=no) == "tiny?"
        assert found(HALLS, "10:10", **{"left-1": no}) == "right-1"
    assert found(DEVROOM, "12:22", flash=off) == "new"
    assert found(DEVROOM[:1], "10:10", tiny=off) == ""


def test_a_talk_that_was_ended_early_still_takes_them() -> None:
    ended = Override(started=at("10:00"), ended=at("10:12"))
    assert found(DEVROOM, "10:13", tiny=ended) == "tiny?"
    assert found(DEVROOM, "10:22", tiny=ended) == "big?"


def test_a_talk_that_is_late_is_the_next_until_it_starts() -> None:
    late = Override(shift=TEN)
    assert found(DEVROOM, "10:05", tiny=late) == "tiny?"
    assert found(DEVROOM, "10:34", tiny=late, big=late) == "tiny"
    assert found(DEVROOM, "10:36", tiny=late, big=late) == "tiny?"


def test_the_time_is_that_of_the_stream() -> None:
    rules = notices(stream_delay_seconds=60)
    streamed = as_streamed(slots_of(DEVROOM), rules, ROOM)
    result = talk_for(streamed, at("11:55:30"), BRUSSELS)
    assert isinstance(result, Chosen)
    assert result.slot.talk.guid == "old"


def test_without_talks_there_is_none() -> None:
    assert found([], "10:00") == ""


moments = st.integers(0, 45 * 60).map(lambda minutes: at("03:00") + minutes * MINUTE)


@given(programmes(places=3, overlapping=True), st.lists(moments, min_size=1, max_size=20))
def test_what_is_on_comes_before_what_was_and_that_before_what_comes(
    talks: list[Talk], times: list[datetime]
) -> None:
    slots = slots_of(talks)
    for now in times:
        on = [s for s in slots if s.start <= now < s.end]
        ended = [s for s in slots if s.end <= now < s.end + TEN]
        over = [
            s
            for s in ended
            if not any(o.place == s.place and (o.end, o.start) > (s.end, s.start) for o in ended)
        ]
        day = programme_day(now, BRUSSELS)
        ahead = [s for s in slots if s.start > now and programme_day(s.start, BRUSSELS) == day]
        first = min((s.start for s in ahead), default=None)
        one_each = {s.place: s for s in reversed(ahead) if s.start == first}
        result = talk_for(slots, now, BRUSSELS)
        expected = on or over or list(one_each.values())
        if isinstance(result, Chosen):
            assert result.slot.end in {s.end for s in expected}
            assert result.in_doubt is (not on and (not over or bool(ahead)))
        if isinstance(result, Ambiguous):
            assert len({s.talk.guid for s in result.slots}) == len(result.slots) > 1
        chosen = [result.slot] if isinstance(result, Chosen) else result.slots if result else ()
        assert sorted(s.place for s in chosen) == sorted(s.place for s in expected)


@given(programmes(), st.data())
def test_in_one_place_time_only_goes_forward(talks: list[Talk], data: st.DataObject) -> None:
    slots = slots_of(talks)
    last = None
    for now in sorted(data.draw(st.lists(moments, max_size=30))):
        result = talk_for(slots, now, BRUSSELS)
        assert not isinstance(result, Ambiguous), "one after another, nothing is ambiguous"
        if result is not None:
            assert last is None or result.slot.start >= last.start
            last = result.slot


@pytest.mark.parametrize(
    ("guid", "expected"),
    [("tiny", "big"), ("big", "old"), ("new", "flash"), ("flash", None), ("sunday", None)],
)
def test_the_talk_after(guid: str, expected: str | None) -> None:
    after = next_after(slots_of(DEVROOM), guid, BRUSSELS)
    assert (after.talk.guid if after else None) == expected


def test_the_talk_after_takes_place_and_in_the_same_place() -> None:
    def after(talks: Sequence[Talk], guid: str, **overrides: Override) -> str | None:
        slot = next_after(slots_of(talks, overrides)[::-1], guid, BRUSSELS)
        return slot.talk.guid if slot else None

    assert after(HALLS, "left-1") is None
    assert after(HALLS, "right-1") == "right-2"
    assert after(HALLS, "right-1", **{"right-2": Override(noshow=True)}) == "right-3"
    assert after(DEVROOM, "tiny", tiny=Override(cancelled=True)) == "big"
    assert after(DEVROOM, "nobody knows it") is None
    assert after([talk("a", "10:00"), talk("b", "10:00"), talk("c", "10:20")], "a") == "c"


@given(programmes(places=2))
def test_from_each_talk_to_the_next_through_the_day(talks: list[Talk]) -> None:
    slots = slots_of(talks)
    for slot in slots:
        after = next_after(slots, slot.talk.guid, BRUSSELS)
        later = [
            s
            for s in slots
            if s.place == slot.place
            and s.start > slot.start
            and programme_day(s.start, BRUSSELS) == programme_day(slot.start, BRUSSELS)
        ]
        assert after == (later[0] if later else None)
