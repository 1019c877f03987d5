"""What moderators decide, and how talks make way for one another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.model import Talk
from fosdembot.talks.delays import (
    MOST_MINUTES,
    Refusal,
    Refused,
    cancel,
    end,
    moved,
    noshow,
    on_instead,
    reset,
    start,
)
from fosdembot.talks.overruns import clashes
from fosdembot.talks.phases import Phase, on_now, phase
from fosdembot.talks.slots import NOTHING

from .devroom import Decision, Devroom, check_no_overlap, devroom, late
from .programme import at, programmes, talk


def refusal(decision: Decision, room: Devroom, guid: str, now: str) -> Refusal:
    with pytest.raises(Refused) as caught:
        room.decide(decision, guid, now)
    return caught.value.why


def test_a_delay_moves_those_that_touch_until_a_gap_absorbs_it() -> None:
    room = devroom()
    changes = room.late("a", 15, "09:50")
    assert room.times() == "a 09:15-09:45, b 09:45-10:15, c 10:15-10:45, d 10:45-11:15"
    assert changes.keys() == {"a", "b", "c", "d"}
    room.late("a", 10, "09:50")
    assert room.times() == "a 09:10-09:40, b 09:40-10:10, c 10:10-10:40, d 10:40-11:10"
    room.late("a", 0, "09:50")
    assert room.times() == devroom().times()


def with_lunch() -> Devroom:
    """a 9:00, lunch 9:30, b 10:30 (in UTC)."""
    lunch = talk("lunch", "10:30", 60, title="Lunch")
    return Devroom(talk("a", "10:00", 30), lunch, talk("b", "11:30", 30))


def test_lunch_takes_a_delay_up() -> None:
    room = with_lunch()
    assert room.late("a", 10, "09:50").keys() == {"a", "lunch"}
    assert room.times() == "a 09:10-09:40, lunch 09:40-10:30, b 10:30-11:00"
    room.late("a", 20, "10:15")
    assert room.times() == "a 09:20-09:50, lunch 09:50-10:30, b 10:30-11:00"
    room.late("a", 0, "10:16")
    assert room.times() == with_lunch().times()


def test_a_delay_of_more_than_lunch_leaves_people_some() -> None:
    room = with_lunch()
    room.late("a", 60, "09:50")
    assert room.times() == "a 10:00-10:30, lunch 10:30-11:30, b 11:30-12:00"
    room.late("a", 30, "09:51")
    assert room.times() == "a 09:30-10:00, lunch 10:00-10:30, b 10:30-11:00"
    room.decide(reset, "a", "09:52")
    assert set(room.overrides.values()) == {NOTHING}


def test_a_lunch_that_is_late_by_itself_is_whole() -> None:
    room = with_lunch()
    room.late("a", 10, "09:50")
    room.late("lunch", 15, "09:51")
    assert room.times() == "a 09:10-09:40, lunch 09:45-10:45, b 10:45-11:15"


def test_a_delay_of_more_than_the_next_talk_keeps_the_order() -> None:
    room = devroom()
    room.late("a", 60, "10:00")
    assert room.times() == "a 10:00-10:30, b 10:30-11:00, c 11:00-11:30, d 11:30-12:00"


def test_a_delay_is_told_in_minutes_from_the_published_start() -> None:
    room = devroom()
    room.late("b", 5, "10:00")
    room.late("a", 20, "10:01")
    assert room.times().startswith("a 09:20-09:50, b 09:50-10:20")
    room.late("a", 0, "10:02")
    assert room.times().startswith("a 09:00-09:30, b 09:35-10:05")


def test_the_second_tap_changes_nothing() -> None:
    room = devroom()
    assert room.late("a", 15, "10:05")
    assert room.late("a", 15, "10:06") == {}


def test_what_has_begun_is_not_moved() -> None:
    room = Devroom(talk("a", "10:00", 60), talk("b", "10:30", 20), talk("c", "11:00", 30))
    room.late("a", 20, "10:40")
    assert room.times() == "a 09:20-10:20, b 09:30-09:50, c 10:20-10:50"


def test_talks_published_side_by_side_do_not_wait_for_one_another() -> None:
    room = Devroom(talk("a", "10:00", 60), talk("b", "10:30", 60))
    room.late("a", 20, "09:00")
    assert room.times() == "a 09:20-10:20, b 09:30-10:30"


def test_other_places_are_left_alone() -> None:
    room = Devroom(talk("a", "10:00", 30), talk("b", "10:30", 30, room="Hall 2"))
    assert room.late("a", 20, "09:00").keys() == {"a"}


def test_a_talk_that_is_on_may_turn_out_to_be_late() -> None:
    room = devroom()
    room.late("a", 10, "10:05")
    assert phase(room.slots[0], at("10:05")) is Phase.UPCOMING
    assert room.times().startswith("a 09:10-09:40, b 09:40-10:10")


def test_start_keeps_the_end() -> None:
    room = devroom()
    room.decide(start, "a", "10:04")
    assert room.times().startswith("a 09:04-09:30, b 09:30-10:00")
    assert room.decide(start, "a", "10:05") == {}


def test_start_ends_what_else_is_on() -> None:
    room = devroom()
    room.decide(start, "b", "10:27")
    assert room.times().startswith("a 09:00-09:27, b 09:27-10:00")


def test_start_long_before_the_time_moves_the_talk() -> None:
    room = devroom()
    room.decide(start, "d", "10:10")
    assert room.times() == "a 09:00-09:10, d 09:10-09:40, b 09:40-10:10, c 10:10-10:40"


def test_another_talk_instead_pushes_the_skipped_ones() -> None:
    room = devroom()
    room.decide(on_instead, "c", "10:05")
    assert room.times() == "a 09:00-09:05, c 09:05-09:35, b 09:35-10:05, d 10:40-11:10"
    assert room.decide(on_instead, "c", "10:06") == {}


def test_a_talk_that_was_skipped_can_still_be_on() -> None:
    room = devroom()
    room.decide(on_instead, "b", "10:00")
    assert room.times().startswith("a 09:00-09:00, b 09:00-09:30, c 10:10")
    room.decide(on_instead, "a", "10:30")
    assert room.times().startswith("b 09:00-09:30, a 09:30-10:00, c 10:10")


def test_end_leaves_the_next_where_the_room_was_told() -> None:
    room = devroom()
    room.late("a", 30, "09:50")
    assert room.decide(end, "a", "10:40").keys() == {"a"}
    assert room.times().startswith("a 09:30-09:40, b 10:00-10:30")
    assert room.decide(end, "a", "10:41") == {}


def test_cancel_and_noshow_leave_the_others_where_they_are() -> None:
    for decision in (cancel, noshow):
        room = devroom()
        room.late("a", 30, "09:50")
        assert room.decide(decision, "a", "10:10").keys() == {"a"}
        assert room.times().startswith("b 10:00-10:30, c 10:30-11:00")
        assert room.decide(decision, "a", "10:11") == {}
        assert phase(room.slots[0], at("10:45")) is Phase.CANCELLED


@pytest.mark.parametrize("decision", [cancel, noshow])
def test_what_does_not_take_place_is_in_nobodys_way(decision: Decision) -> None:
    room = devroom()
    room.decide(decision, "b", "09:00")
    room.late("a", 20, "09:50")
    assert room.times() == "a 09:20-09:50, c 10:10-10:40, d 10:40-11:10"


def test_start_leaves_what_was_published_beside_it() -> None:
    room = Devroom(talk("a", "10:00", 60), talk("b", "10:30", 20))
    room.decide(start, "b", "10:28")
    assert room.times() == "a 09:00-10:00, b 09:28-09:50"


def test_reset_brings_back_what_was_pushed() -> None:
    room = devroom()
    room.late("a", 15, "09:50")
    room.decide(reset, "a", "09:51")
    assert room.times() == devroom().times()
    assert room.overrides == dict.fromkeys("abcd", NOTHING)
    assert room.decide(reset, "a", "09:52") == {}


def test_reset_of_a_cancelled_talk_finds_it_a_free_time() -> None:
    room = devroom()
    room.decide(cancel, "b", "09:00")
    room.late("a", 20, "09:50")
    assert room.times() == "a 09:20-09:50, c 10:10-10:40, d 10:40-11:10"
    room.decide(reset, "b", "10:00")
    assert room.times() == "a 09:20-09:50, b 09:50-10:20, c 10:20-10:50, d 10:50-11:20"


def test_a_speaker_who_comes_after_all_can_start() -> None:
    room = devroom()
    room.decide(noshow, "a", "10:05")
    room.decide(start, "a", "10:08")
    assert room.times().startswith("a 09:08-09:30, b 09:30-10:00")
    room.decide(noshow, "a", "10:09")
    room.decide(on_instead, "c", "10:10")
    room.decide(start, "a", "10:20")
    assert room.times().startswith("c 09:10-09:20, a 09:20-09:30, b 09:40-10:10")


@pytest.mark.parametrize(
    ("decision", "now", "why"),
    [
        (late(5), "10:30", Refusal.OVER),
        (start, "10:30", Refusal.OVER),
        (end, "10:30", Refusal.OVER),
        (cancel, "10:30", Refusal.OVER),
        (noshow, "10:30", Refusal.OVER),
        (end, "09:59", Refusal.NOT_STARTED),
        (late(-1), "09:00", Refusal.MINUTES),
        (late(MOST_MINUTES + 1), "09:00", Refusal.MINUTES),
    ],
)
def test_what_makes_no_sense_is_refused(decision: Decision, now: str, why: Refusal) -> None:
    assert refusal(decision, devroom(), "a", now) is why


@pytest.mark.parametrize("decision", [late(5), start, end, cancel, noshow, on_instead, reset])
def test_a_talk_that_is_not_here_is_refused(decision: Decision) -> None:
    assert refusal(decision, devroom(), "x", "09:00") is Refusal.UNKNOWN


@pytest.mark.parametrize("decision", [late(5), start, end, noshow, on_instead])
def test_what_is_cancelled_stays_so_until_it_is_reset(decision: Decision) -> None:
    room = devroom()
    room.decide(cancel, "a", "09:00")
    assert refusal(decision, room, "a", "10:05") is Refusal.CANCELLED


def test_a_talk_is_not_put_back_to_where_it_would_be_over() -> None:
    room = devroom()
    room.late("a", 60, "10:00")
    assert refusal(late(5), room, "a", "10:40") is Refusal.WOULD_BE_OVER
    assert refusal(reset, room, "a", "10:40") is Refusal.WOULD_BE_OVER
    assert refusal(reset, room, "a", "11:45") is Refusal.OVER


def test_talks_that_are_on_at_once_clash_unless_the_programme_has_them_so() -> None:
    room = devroom()
    assert clashes(room.slots) == set()
    late = replace(room.slots[0], end=room.slots[1].start + timedelta(minutes=1))
    assert clashes([late, *room.slots[1:]]) == {frozenset("ab")}
    assert clashes([replace(late, cancelled=True), *room.slots[1:]]) == set()
    first, second, *rest = room.slots
    at_once_over = replace(second, start=first.start, end=first.start)
    assert clashes([first, at_once_over, *rest]) == set()
    beside = [talk("a", "10:00", 30), talk("b", "10:15", 30)]
    assert clashes(Devroom(*beside).slots) == set()


def test_moved_tells_before_and_after() -> None:
    room = devroom()
    before = room.slots
    room.late("c", 5, "10:00")
    assert [(old.talk.guid, new.start - old.start) for old, new in moved(before, room.slots)] == [
        ("c", timedelta(minutes=5)),
        ("d", timedelta(minutes=5)),
    ]


decisions = st.one_of(
    st.integers(0, 200).map(late),
    st.sampled_from([start, end, on_instead, cancel, noshow, reset]),
)


@given(st.data(), programmes(places=2, overlapping=True))
def test_talks_never_come_to_overlap_and_what_is_past_stays(
    data: st.DataObject, talks: list[Talk]
) -> None:
    room = Devroom(*talks)
    now = talks[0].start - timedelta(minutes=20)
    for _ in range(data.draw(st.integers(1, 12))):
        now += timedelta(seconds=data.draw(st.integers(0, 2400)))
        guid = data.draw(st.sampled_from([talk.guid for talk in talks]))
        decision = data.draw(decisions)
        before = {slot.talk.guid: slot for slot in room.slots}
        try:
            room.decide(decision, guid, now)
        except Refused:
            continue
        check_no_overlap(room)
        assert clashes(room.slots) == set()
        for slot in room.slots:
            old = before[slot.talk.guid]
            if slot.talk.guid != guid and phase(old, now) is Phase.OVER:
                assert slot == old
            if slot.talk.guid != guid and phase(old, now) is Phase.UPCOMING:
                assert phase(slot, now) is Phase.UPCOMING
        for override in room.overrides.values():
            assert override.pushed >= timedelta(0)
            assert override.ended is None or override.started is not None


@given(st.data(), programmes(places=2, overlapping=True))
def test_every_decision_may_be_tapped_twice(data: st.DataObject, talks: list[Talk]) -> None:
    room = Devroom(*talks)
    now = talks[0].start
    for _ in range(data.draw(st.integers(1, 5))):
        now += timedelta(seconds=data.draw(st.integers(0, 1200)))
        guid = data.draw(st.sampled_from([talk.guid for talk in talks]))
        decision = data.draw(decisions)
        try:
            room.decide(decision, guid, now)
        except Refused:
            continue
        assert room.decide(decision, guid, now) == {}


@given(st.data(), programmes(places=2))
def test_a_delay_taken_back_leaves_no_trace(data: st.DataObject, talks: list[Talk]) -> None:
    room = Devroom(*talks)
    now = min(talk.start for talk in talks) - timedelta(hours=1)
    published = room.slots
    guid = data.draw(st.sampled_from([talk.guid for talk in talks]))
    room.late(guid, data.draw(st.integers(0, MOST_MINUTES)), now)
    room.late(guid, data.draw(st.integers(0, MOST_MINUTES)), now)
    room.decide(reset, guid, now)
    assert room.slots == published


@given(st.data(), programmes(places=2))
def test_one_talk_at_most_is_on_after_start_and_now(data: st.DataObject, talks: list[Talk]) -> None:
    room = Devroom(*talks)
    now = talks[0].start + timedelta(minutes=data.draw(st.integers(-30, 300)))
    guid = data.draw(st.sampled_from([talk.guid for talk in talks]))
    room.decide(on_instead, guid, now)
    place = next(talk.room for talk in talks if talk.guid == guid)
    here = [slot.talk.guid for slot in on_now(room.slots, now) if slot.place == place]
    assert here == [guid]
