"""What the big clock of a talk counts down to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fosdembot.talks.slots import Slot
from fosdembot.web.talk_clock import LONGEST_OVERTIME, Next, next_moment
from tests.talks.programme import at, talk

TINY = Slot(talk("tiny", "10:00"), at("10:00"), at("10:25"), at("10:20"))
NO_QA = replace(TINY, qa_start=None)
BIG = Slot(talk("big", "10:30"), at("10:30"), at("10:55"), at("10:50"))


@pytest.mark.parametrize(
    ("slot", "now", "what", "counted_to"),
    [
        (TINY, "9:00", Next.START, "10:00"),
        (TINY, "9:59:59", Next.START, "10:00"),
        (TINY, "10:00", Next.QA, "10:20"),
        (TINY, "10:20", Next.END, "10:25"),
        (NO_QA, "10:00", Next.END, "10:25"),
        (TINY, "10:25", Next.OVERTIME, "10:25"),
        (TINY, "10:29:59", Next.OVERTIME, "10:25"),
        (TINY, "10:30", Next.OVER, None),
        (replace(TINY, cancelled=True), "10:10", Next.CANCELLED, None),
        (replace(TINY, noshow=True), "10:10", Next.AWAY, None),
    ],
)
def test_each_moment_is_the_next_until_it_has_come(
    slot: Slot, now: str, what: Next, counted_to: str | None
) -> None:
    moment = next_moment(slot, [slot, BIG], at(now))
    assert (moment.what, moment.at) == (what, counted_to and at(counted_to))


def test_a_speaker_is_warned_two_minutes_before_the_end_and_of_a_short_talk_in_its_last_fifth() -> (
    None
):
    assert next_moment(TINY, [TINY], at("10:21")).warns_at == at("10:23")
    short = replace(NO_QA, end=at("10:05"))
    assert next_moment(short, [short], at("10:01")).warns_at == at("10:04")


def test_before_questions_begin_nothing_warns() -> None:
    assert next_moment(TINY, [TINY], at("10:19")).warns_at is None


def test_who_is_last_in_a_place_has_a_quarter_of_an_hour_of_overtime() -> None:
    elsewhere = replace(BIG, talk=replace(BIG.talk, room="Hall 2"))
    cancelled = replace(BIG, cancelled=True)
    others = [TINY, elsewhere, cancelled]
    last = TINY.end + LONGEST_OVERTIME - timedelta(seconds=1)
    assert next_moment(TINY, others, last).what is Next.OVERTIME
    assert next_moment(TINY, others, TINY.end + LONGEST_OVERTIME).what is Next.OVER
