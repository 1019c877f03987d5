"""What a new version of the schedule leaves of moderators' decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.model import Talk
from fosdembot.talks.delays import cancel, end, noshow, on_instead, republished, start
from fosdembot.talks.slots import NOTHING

from .devroom import Decision, Devroom, check_no_overlap, devroom
from .programme import at, programmes, talk


def retimed(room: Devroom, **starts: str) -> tuple[Talk, ...]:
    """The talks of the room, some of which are published for another time (in Brussels)."""
    return tuple(
        replace(each, start=talk("", starts[each.guid]).start) if each.guid in starts else each
        for each in room.talks
    )


def test_a_new_schedule_that_takes_the_delay_in_does_not_double_it() -> None:
    room = devroom()
    room.late("a", 10, "09:50")
    ten = timedelta(minutes=10)
    room.talks = tuple(
        replace(talk, start=talk.start + ten) if talk.guid in "ab" else talk for talk in room.talks
    )
    room.overrides |= republished(room.slots, room.overrides, ["a", "b"], at("09:55"))
    assert room.times() == "a 09:10-09:40, b 09:40-10:10, c 10:10-10:40, d 10:40-11:10"
    assert set(room.overrides.values()) == {NOTHING}


def test_the_delay_of_a_talk_that_was_started_is_not_doubled_either() -> None:
    room = devroom()
    room.late("a", 10, "10:00")
    room.decide(start, "a", "10:12")
    room.talks = retimed(room, a="10:10", b="10:40")
    room.overrides |= republished(room.slots, room.overrides, "ab", at("10:15"))
    assert room.times() == "a 09:12-09:40, b 09:40-10:10, c 10:10-10:40, d 10:40-11:10"


def test_talks_that_were_swapped_go_on_when_the_schedule_takes_that_in() -> None:
    room = devroom()
    room.decide(on_instead, "b", "10:02")
    room.talks = retimed(room, a="10:30", b="10:00")
    room.overrides |= republished(room.slots, room.overrides, "ab", at("10:05"))
    assert room.times() == "b 09:02-09:30, a 09:30-10:00, c 10:10-10:40, d 10:40-11:10"


def test_a_new_schedule_lets_those_behind_return() -> None:
    room = devroom()
    room.late("a", 15, "09:50")
    room.talks = tuple(replace(talk, start=at("09:55")) if talk.guid == "a" else talk
                       for talk in room.talks)  # fmt: skip
    room.overrides |= republished(room.slots, room.overrides, ["a"], at("09:52"))
    assert room.times() == "a 08:55-09:25, b 09:30-10:00, c 10:10-10:40, d 10:40-11:10"


def test_a_new_schedule_moves_nothing_into_the_past() -> None:
    room = devroom()
    room.late("a", 30, "09:50")
    room.decide(cancel, "a", "10:40")
    before = room.times()
    room.talks = tuple(replace(talk, start=at("10:05")) if talk.guid == "a" else talk
                       for talk in room.talks)  # fmt: skip
    room.overrides |= republished(room.slots, room.overrides, ["a"], at("10:40"))
    assert room.times() == before
    assert before.startswith("b 10:00-10:30")


@pytest.mark.parametrize("decision", [noshow, start, end])
def test_a_talk_with_a_new_time_to_come_takes_place_then(decision: Decision) -> None:
    room = devroom()
    room.decide(decision, "a", "10:05")
    room.talks = tuple(replace(talk, start=at("16:00")) if talk.guid == "a" else talk
                       for talk in room.talks)  # fmt: skip
    room.overrides |= republished(room.slots, room.overrides, ["a"], at("10:20"))
    assert "a 15:00-15:30" in room.times()


def test_what_moderators_cancelled_a_new_time_does_not_bring_back() -> None:
    room = devroom()
    room.decide(cancel, "a", "09:50")
    room.talks = tuple(
        replace(talk, start=talk.start + timedelta(minutes=5)) for talk in room.talks
    )
    room.overrides |= republished(room.slots, room.overrides, "abcd", at("09:55"))
    assert "a " not in room.times()


def test_a_new_schedule_leaves_what_was_not_retimed() -> None:
    room = devroom()
    room.late("a", 15, "09:50")
    assert republished(room.slots, room.overrides, [], at("09:55")) == {}


@given(st.data(), programmes(places=1))
def test_a_new_schedule_never_makes_talks_overlap(data: st.DataObject, talks: list[Talk]) -> None:
    room = Devroom(*talks)
    now = min(talk.start for talk in talks) - timedelta(hours=1)
    for _ in range(data.draw(st.integers(1, 3))):
        guid = data.draw(st.sampled_from([talk.guid for talk in talks]))
        room.late(guid, data.draw(st.integers(0, 200)), now)
    # The publisher moves everything from some talk on by the same amount.
    first = data.draw(st.integers(0, len(talks) - 1))
    later = timedelta(minutes=data.draw(st.integers(1, 120)))
    room.talks = (*talks[:first], *(replace(t, start=t.start + later) for t in talks[first:]))
    retimed = [talk.guid for talk in talks[first:]]
    room.overrides |= republished(room.slots, room.overrides, retimed, now)
    check_no_overlap(room)
    for guid in retimed:
        assert room.overrides.get(guid, NOTHING).shift == timedelta(0)
