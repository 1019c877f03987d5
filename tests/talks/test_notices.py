"""Which notices fall due, and when."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.messages import run_through
from fosdembot.talks.notices import APART, Kind, Notice, may_edit, plan
from fosdembot.talks.slots import Override, build_slots

from .programme import BRUSSELS, ROOM, at, notices, programmes, settings, talk

LEVELS = ("off", "quiet", "standard", "full")
rules = st.builds(
    notices,
    level=st.sampled_from(LEVELS),
    heads_up_minutes=st.integers(2, 40),
    countdown_minutes=st.lists(st.integers(1, 50), max_size=4),
    qa_minutes=st.integers(0, 30),
    shortest_qa_talk_minutes=st.integers(1, 30),
    session_gap_minutes=st.integers(2, 40),
    stream_delay_seconds=st.integers(0, 1200),
)


def planned(
    talks: list[Talk],
    rules: Settings | None = None,
    overrides: dict[str, Override] | None = None,
    bridged: bool = False,
    room: str = ROOM,
) -> list[Notice]:
    rules = rules or Settings()
    slots = build_slots(talks, overrides or {}, rules)
    return plan(slots, rules, room, bridged, BRUSSELS)


def told(found: list[Notice]) -> list[str]:
    return [
        f"{notice.due.astimezone(BRUSSELS):%H:%M} {notice.kind} {notice.slot.talk.guid}"
        for notice in found
    ]


def devroom() -> list[Talk]:
    return [talk("a", "10:00"), talk("b", "10:30"), talk("short", "10:55", 5), talk("c", "13:00")]


def test_a_devroom_by_default() -> None:
    assert told(planned(devroom())) == [
        "09:50 heads_up a",
        "09:55 countdown a",
        "09:59 countdown a",
        "10:00 now a",
        "10:20 qa a",
        "10:30 now b",
        "10:50 qa b",
        "10:55 now short",
        "12:50 heads_up c",
        "12:55 countdown c",
        "12:59 countdown c",
        "13:00 now c",
        "13:20 qa c",
    ]


def test_quiet_leaves_out_the_first() -> None:
    assert told(planned(devroom(), notices(level="quiet"))) == [
        "10:00 now a",
        "10:20 qa a",
        "10:30 now b",
        "10:50 qa b",
        "10:55 now short",
        "13:00 now c",
        "13:20 qa c",
    ]


def test_full_adds_what_is_left_and_over() -> None:
    found = told(planned(devroom(), notices(level="full", qa_minutes=10)))
    assert set(found) - set(told(planned(devroom(), notices(qa_minutes=10)))) == {
        "10:20 time_left a",
        "10:50 time_left b",
        "11:00 over short",
        "13:20 time_left c",
        "13:25 over c",
    }


def test_in_full_five_minutes_left_and_the_questions_fall_together() -> None:
    found = told(planned([talk("a", "10:00")], notices(level="full")))
    assert found[3:] == ["10:00 now a", "10:20 qa a", "10:25 over a"]


def test_off_is_silence() -> None:
    assert planned(devroom(), notices(level="off")) == []


def test_the_level_is_the_tracks() -> None:
    rules = notices(level="off", tracks={"Go": "quiet"})
    talks = [talk("a", "10:00"), talk("b", "10:30", track="Go")]
    assert told(planned(talks, rules)) == ["10:30 now b", "10:50 qa b"]


@pytest.mark.parametrize(
    ("edits", "bridged", "expected"),
    [
        ("auto", False, True),
        ("auto", True, False),
        ("on", True, True),
        ("off", False, False),
    ],
)
def test_a_countdown_only_where_messages_are_edited(
    edits: str, bridged: bool, expected: bool
) -> None:
    for rules in (notices(edits=edits), notices(edits="auto", edits_by_room={ROOM: edits})):
        assert may_edit(rules, ROOM, bridged) is expected
        kinds = Counter(notice.kind for notice in planned(devroom(), rules, bridged=bridged))
        assert kinds[Kind.COUNTDOWN] == (4 if expected else 0)
        assert kinds[Kind.HEADS_UP] == 2


def test_a_countdown_comes_after_its_heads_up_and_holds_until_the_next() -> None:
    found = planned([talk("a", "10:00")], notices(countdown_minutes=[15, 10, 7, 2]))
    edits = [notice for notice in found if notice.kind is Kind.COUNTDOWN]
    assert [(notice.due, notice.expires) for notice in edits] == [
        (at("09:53"), at("09:58")),
        (at("09:58"), at("10:00")),
    ]


@pytest.mark.parametrize("qa", [1, 24])
def test_no_questions_right_at_the_start_or_the_end(qa: int) -> None:
    found = planned([talk("a", "10:00")], notices(qa_minutes=qa))
    assert Kind.QA not in {notice.kind for notice in found}


def test_over_is_no_news_once_the_next_session_is_told() -> None:
    rules = notices(level="full")
    for start, expires in (("10:40", "10:30"), ("10:41", "10:31"), ("12:00", "10:35")):
        found = planned([talk("a", "10:00"), talk("b", start)], rules)
        (over,) = (n for n in found if n.kind is Kind.OVER and n.slot.talk.guid == "a")
        assert over.expires == at(expires)


def test_a_video_has_its_questions_when_it_ends() -> None:
    rules = settings(prerecorded={"talks": {"a": 12}})
    assert "10:12 qa a" in told(planned(devroom(), rules))


def test_the_heads_up_waits_until_the_session_before_is_over() -> None:
    talks = [talk("a", "10:00"), talk("b", "10:40")]
    found = told(planned(talks, notices(heads_up_minutes=30)))
    assert found[4:6] == ["10:20 qa a", "10:27 heads_up b"]


def test_no_heads_up_where_there_is_no_time_for_one() -> None:
    talks = [talk("a", "10:00"), talk("b", "10:27")]
    found = told(planned(talks, notices(session_gap_minutes=2)))
    assert [line for line in found if line.endswith("b")] == ["10:27 now b", "10:47 qa b"]


def test_a_late_heads_up_is_not_told() -> None:
    (first, *_) = planned(devroom())
    assert first.expires - first.due == timedelta(minutes=4)


def test_now_and_questions_are_told_while_they_are_true() -> None:
    for notice in planned(devroom()):
        if notice.kind in (Kind.NOW, Kind.QA):
            assert notice.expires == notice.slot.end


def test_the_stream_shifts_everything_alike() -> None:
    delayed = notices(stream_delay_by_room={ROOM: 900})
    plain, later = planned(devroom()), planned(devroom(), delayed)
    assert [notice.key for notice in plain] == [notice.key for notice in later]
    for one, other in zip(plain, later, strict=True):
        assert other.due - one.due == timedelta(minutes=15)
        assert other.slot.start - one.slot.start == timedelta(minutes=15)


def test_a_room_of_many_places_hears_what_begins_not_every_question() -> None:
    talks = [talk(str(number), "10:00", room=f"Hall {number}") for number in range(4)]
    assert {notice.kind for notice in planned(talks)} == {
        Kind.HEADS_UP,
        Kind.COUNTDOWN,
        Kind.NOW,
    }
    assert Kind.QA in {notice.kind for notice in planned(talks[:3])}
    assert Kind.QA in {notice.kind for notice in planned(talks, notices(level="full"))}


def test_the_last_notice_of_a_talk_says_where_to_go() -> None:
    closing = {
        (notice.slot.talk.guid, notice.kind) for notice in planned(devroom()) if notice.closing
    }
    assert closing == {("a", Kind.QA), ("b", Kind.QA), ("short", Kind.NOW), ("c", Kind.QA)}
    full = planned(devroom(), notices(level="full"))
    closing = {(notice.slot.talk.guid, notice.kind) for notice in full if notice.closing}
    assert closing == {("a", Kind.QA), ("b", Kind.QA), ("short", Kind.OVER), ("c", Kind.OVER)}


def test_what_follows_is_of_the_same_place_and_day() -> None:
    talks = [
        talk("a", "10:00"),
        talk("b", "10:20", room="Hall 2"),
        talk("c", "10:30"),
        talk("late", at("00:30", day=1, month=2)),
        talk("tomorrow", at("10:00", day=1, month=2)),
    ]
    following = {
        notice.slot.talk.guid: notice.following and notice.following.talk.guid
        for notice in planned(talks)
    }
    assert following == {"a": "c", "b": None, "c": "late", "late": None, "tomorrow": None}
    more = {notice.slot.talk.guid: notice.more for notice in planned(talks)}
    assert more == {"a": 3, "b": 2, "c": 1, "late": 0, "tomorrow": 0}


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        # Clocks go forward at 2, and back at 3.
        (at("01:50", day=29, month=3), ["01:50 now a", "03:10 qa a"]),
        (at("02:50", day=25, month=10), ["02:50 now a", "02:10 qa a"]),
        (at("23:50"), ["23:50 now a", "00:10 qa a"]),
    ],
)
def test_a_talk_lasts_as_long_as_it_lasts(start: datetime, expected: list[str]) -> None:
    (now, qa) = planned([talk("a", start, 25)], notices(level="quiet"))
    assert told([now, qa]) == expected
    assert qa.due - now.due == timedelta(minutes=20)


@given(programmes(places=3, overlapping=True), rules, st.booleans())
def test_every_talk_is_told_as_on_exactly_once(
    talks: list[Talk], rules: Settings, bridged: bool
) -> None:
    found = planned(talks, rules, bridged=bridged)
    now = Counter(notice.slot.talk.guid for notice in found if notice.kind is Kind.NOW)
    if rules.notices.level == "off":
        assert found == []
    else:
        assert now == {talk.guid: 1 for talk in talks if talk.duration >= APART}
    if bridged:
        assert not [notice for notice in found if notice.edit_of]


@given(programmes(places=3, overlapping=True), rules)
def test_a_plan_is_in_order_and_its_keys_are_unique(talks: list[Talk], rules: Settings) -> None:
    found = planned(talks, rules)
    keys = [notice.key for notice in found]
    assert len(keys) == len(set(keys))
    assert [notice.due for notice in found] == sorted(notice.due for notice in found)
    for notice in found:
        assert notice.due < notice.expires
        assert notice.edit_of is None or notice.edit_of in keys
        assert (notice.edit_of is not None) == (notice.kind is Kind.COUNTDOWN)


@given(programmes(places=3, overlapping=True), rules, st.data())
def test_nothing_is_told_of_what_does_not_take_place(
    talks: list[Talk], rules: Settings, data: st.DataObject
) -> None:
    gone = data.draw(st.sets(st.sampled_from([talk.guid for talk in talks])))
    overrides = {
        guid: data.draw(st.sampled_from([Override(cancelled=True), Override(noshow=True)]))
        for guid in gone
    }
    found = planned(talks, rules, overrides)
    assert not gone & {notice.slot.talk.guid for notice in found}
    assert not gone & {notice.following.talk.guid for notice in found if notice.following}


@given(programmes(shortest=2), rules)
def test_nothing_falls_on_top_of_something_else(talks: list[Talk], rules: Settings) -> None:
    told = [
        moment
        for moment, message in run_through(planned(talks, rules), BRUSSELS, "!")
        if message.edit_of is None
    ]
    for earlier, later in pairwise(told):
        assert later - earlier >= APART


@given(programmes(places=2), rules)
def test_a_talk_costs_at_most_three_messages(talks: list[Talk], rules: Settings) -> None:
    most = {"off": 0, "quiet": 2, "standard": 3, "full": 5}[rules.notices.level]
    costs = Counter(
        notice.slot.talk.guid for notice in planned(talks, rules) if notice.edit_of is None
    )
    assert max(costs.values(), default=0) <= most


@given(programmes(), st.data())
def test_only_what_is_retimed_gets_new_keys(talks: list[Talk], data: st.DataObject) -> None:
    late = data.draw(st.sampled_from([talk.guid for talk in talks]))
    shift = timedelta(minutes=data.draw(st.integers(1, 60)))

    def keys(overrides: dict[str, Override]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for notice in planned(talks, notices(level="quiet"), overrides):
            found.setdefault(notice.slot.talk.guid, set()).add(notice.key)
        return found

    before, after = keys({}), keys({late: Override(shift=shift)})
    assert before.keys() == after.keys()
    for guid in before:
        if guid == late:
            assert not before[guid] & after[guid]
        else:
            assert before[guid] == after[guid]


@given(st.text(min_size=1), st.text(min_size=1))
def test_keys_are_bounded_and_plain_whatever_the_guid(one: str, other: str) -> None:
    for room in (ROOM, "#" + one * 100):
        found = planned([talk(one * 50, "10:00"), talk(other, "10:30")], room=room)
        for notice in found:
            assert len(notice.key) <= 128
            assert notice.key.isascii()
            assert notice.key.isprintable()
        keys = {notice.key for notice in found}
        assert len(keys) == len(found) or one * 50 == other


def test_each_room_has_its_own_keys() -> None:
    here = {notice.key for notice in planned(devroom())}
    there = {notice.key for notice in planned(devroom(), room="#go:example.org")}
    assert not here & there
