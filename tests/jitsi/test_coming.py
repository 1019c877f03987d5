"""When the bot is to be in a meeting."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from fosdembot.conference.meeting_removals import Removal
from fosdembot.jitsi.coming import Plan, plan, removed_from
from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.slots import StageSlot, build_slots
from simulation.conference import START
from tests.talks.programme import talk as planned

BEFORE = timedelta(minutes=15)


def talk(number: int, minutes: float, length: float) -> Talk:
    return planned(f"talk-{number}", START + timedelta(minutes=minutes), length)


SLOTS = build_slots([talk(1, 60, 25), talk(2, 85, 25), talk(3, 240, 25)], {}, Settings())
"""10:00 to 10:25, 10:25 to 10:50, 13:00 to 13:25."""


def at(
    minutes: float,
    slots: tuple[StageSlot, ...] = SLOTS,
    *,
    lingers: bool = False,
    removed: str | None = None,
    removed_at: float = 1000,
) -> Plan:
    removal = Removal(removed, START + timedelta(minutes=removed_at)) if removed else None
    return plan(slots, START + timedelta(minutes=minutes), BEFORE, lingers=lingers, removed=removal)


def talks(*minutes: float, **more: Any) -> list[str]:
    """The talks for which the bot is there at these times; `out`: somebody removed it."""
    plans = [at(each, **more) for each in minutes]
    return [p.talk.talk.guid[-1] if p.talk else "out" if p.stays_out else "" for p in plans]


def test_from_some_minutes_before_a_talk_until_it_is_over() -> None:
    assert talks(44.9, 45, 60, 80, 85, 109.9) == ["", "1", "1", "1", "2", "2"]
    assert talks(110, 224, 225) == ["", "", "3"]


def test_people_who_stay_keep_it_for_an_hour() -> None:
    assert talks(110, 169.9, 170, lingers=True) == ["2", "2", ""]


def test_it_does_not_come_among_people_before_their_talk() -> None:
    assert talks(30, lingers=True) == [""]


def test_what_does_not_take_place_needs_nobody() -> None:
    gone = (replace(SLOTS[0], cancelled=True), replace(SLOTS[1], noshow=True), SLOTS[2])
    rests = (replace(SLOTS[0], is_break=True),)
    assert at(62, tuple(map(StageSlot, gone))).talk is None
    assert at(86, tuple(map(StageSlot, gone)), lingers=True).talk is None
    assert at(62, tuple(map(StageSlot, rests))).talk is None


def test_it_is_looked_at_again_when_that_may_change() -> None:
    moments = []
    now = 0.0
    while (again := at(now).again) is not None:
        now = (again - START) / timedelta(minutes=1)
        moments.append(now)
    assert moments == [45, 70, 85, 110, 145, 170, 225, 265, 325]


def test_removed_from_a_talk_it_is_back_for_the_next_one_when_that_is_on() -> None:
    """Not as soon as it would come for it: that would be in the same minute."""
    assert talks(50, 80, 84.9, 85, 100, removed="talk-1") == ["out", "out", "out", "2", "2"]


def test_removed_from_the_last_talk_it_is_back_for_the_one_after_the_gap() -> None:
    assert talks(100, 109, 110, 224, 225, removed="talk-2") == ["out", "out", "", "", "3"]
    assert talks(120, lingers=True, removed="talk-2") == ["out"]


def test_earlier_talks_bring_it_back_neither() -> None:
    assert talks(111, lingers=True, removed="talk-2") == ["out"]


def test_a_removal_counts_only_as_long_as_its_talk_is_there() -> None:
    assert talks(80, removed="another") == ["1"]
    cancelled = (StageSlot(replace(SLOTS[0], cancelled=True)), *SLOTS[1:])
    assert at(80, cancelled, removed="talk-1").talk == SLOTS[1]


def test_where_its_talk_is_put_off_the_removal_keeps_it_from_no_other() -> None:
    put_off = (*SLOTS[1:], *build_slots([talk(1, 1500, 25)], {}, Settings()))
    expected = {51: "", 84: "out", 85: "2", 109: "2", 110: "", 240: "3", 1490: "out", 1525: ""}
    assert talks(*expected, slots=put_off, removed="talk-1", removed_at=50) == [*expected.values()]
    # Not among the people who removed it.
    assert talks(86, slots=put_off, removed="talk-1", removed_at=90) == ["out"]


def test_who_removes_it_means_the_talk_that_is_on_else_the_next_else_the_last() -> None:
    found = [removed_from(SLOTS, START + timedelta(minutes=m), BEFORE) for m in (50, 80, 120, 226)]
    assert [slot.talk.guid for slot in found if slot] == ["talk-1", "talk-1", "talk-2", "talk-3"]
    assert removed_from(SLOTS, START, BEFORE) is None


def test_of_several_at_once_the_last_to_end_is_meant() -> None:
    slots = build_slots([talk(1, 60, 25), talk(2, 60, 50)], {}, Settings())
    found = removed_from(slots, START + timedelta(minutes=70), BEFORE)
    assert found is not None
    assert found.talk.guid == "talk-2"
    assert at(84, slots, removed="talk-2").talk is None
