"""Talks as they will take place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.slots import Override, as_streamed, build_slots, is_talk

from .programme import ROOM, at, notices, programmes, settings, talk


@given(programmes(places=3))
def test_without_decisions_everything_is_as_published(talks: list[Talk]) -> None:
    slots = build_slots(talks, {}, Settings())
    assert {slot.talk.guid: (slot.start, slot.end) for slot in slots} == {
        talk.guid: (talk.start, talk.end) for talk in talks
    }
    assert [slot.start for slot in slots] == sorted(slot.start for slot in slots)
    assert all(slot.takes_place for slot in slots)


@given(programmes(), st.integers(0, 90), st.integers(1, 90))
def test_questions_come_within_the_talk(talks: list[Talk], qa: int, shortest: int) -> None:
    rules = notices(qa_minutes=qa, shortest_qa_talk_minutes=shortest)
    for slot in build_slots(talks, {}, rules):
        if slot.qa_start is not None:
            assert slot.start <= slot.qa_start < slot.end


@pytest.mark.parametrize(
    ("minutes", "counts"), [(0, False), (1, True), (359, True), (360, False), (540, False)]
)
def test_what_lasts_a_day_or_no_time_is_no_talk(minutes: int, counts: bool) -> None:
    entry = talk("a", "09:00", minutes)
    assert is_talk(entry, Settings()) is counts
    assert len(build_slots([entry], {}, Settings())) == counts


def test_decisions_move_a_talk_and_its_edges() -> None:
    talks = [talk(guid, "10:00", 30) for guid in "abcde"]
    ten = timedelta(minutes=10)
    slots = build_slots(
        talks,
        {
            "a": Override(shift=ten, pushed=ten),
            "b": Override(shift=ten, started=at("10:13")),
            "c": Override(started=at("10:00"), ended=at("10:21")),
            "d": Override(cancelled=True),
            "e": Override(noshow=True),
        },
        Settings(),
    )
    times = {slot.talk.guid: (slot.start, slot.end, slot.takes_place) for slot in slots}
    assert times == {
        "a": (at("10:20"), at("10:50"), True),
        "b": (at("10:13"), at("10:40"), True),
        "c": (at("10:00"), at("10:21"), True),
        "d": (at("10:00"), at("10:30"), False),
        "e": (at("10:00"), at("10:30"), False),
    }


@pytest.mark.parametrize(
    ("minutes", "sections", "qa"),
    [
        (25, {}, "10:20"),
        (15, {}, "10:10"),
        (14, {}, None),
        (25, {"notices": {"qa_minutes": 0}}, None),
        (25, {"notices": {"qa_minutes": 25}}, "10:00"),
        (25, {"notices": {"qa_minutes": 26}}, None),
        (25, {"prerecorded": {"tracks": ["Kernel"]}}, "10:15"),
        (25, {"prerecorded": {"tracks": ["Other"]}}, "10:20"),
        (25, {"prerecorded": {"tracks": ["Kernel"], "qa_minutes": 0}}, None),
        # Its length is known: questions begin when the video ends, in short talks too.
        (25, {"prerecorded": {"talks": {"a": 17}}}, "10:17"),
        (10, {"prerecorded": {"talks": {"a": 6}}}, "10:06"),
        (25, {"prerecorded": {"talks": {"a": 25}}}, None),
        (25, {"prerecorded": {"talks": {"a": 17}, "tracks": ["Kernel"]}}, "10:17"),
    ],
)
def test_when_questions_begin(minutes: int, sections: dict[str, object], qa: str | None) -> None:
    (slot,) = build_slots([talk("a", "10:00", minutes)], {}, settings(**sections))
    assert slot.qa_start == (at(qa) if qa else None)


def test_a_video_is_found_by_its_published_id_too() -> None:
    rules = settings(prerecorded={"talks": {"17": 12}})
    (slot,) = build_slots([talk("a", "10:00", id="17")], {}, rules)
    assert slot.qa_start == at("10:12")


def test_questions_of_a_late_video_are_late_as_well() -> None:
    rules = settings(prerecorded={"talks": {"a": 20}})
    (slot,) = build_slots([talk("a", "10:00", 30)], {"a": Override(started=at("10:04"))}, rules)
    assert slot.qa_start == at("10:24")


def test_the_stream_comes_later_by_place_by_room_or_everywhere() -> None:
    slots = build_slots(
        [talk("a", "10:00"), talk("b", "10:00", room="Hall 2")],
        {},
        notices(stream_delay_seconds=5, stream_delay_by_room={ROOM: 30, "Hall 2": 90}),
    )

    def seen(room: str) -> dict[str, timedelta]:
        rules = notices(stream_delay_seconds=5, stream_delay_by_room={ROOM: 30, "Hall 2": 90})
        streamed = as_streamed(slots, rules, room)
        assert all(slot.start - slot.talk.start == slot.stream_delay for slot in streamed)
        assert all(slot.end - slot.talk.end == slot.stream_delay for slot in streamed)
        return {slot.talk.guid: slot.stream_delay for slot in streamed}

    assert seen(ROOM) == {"a": timedelta(seconds=30), "b": timedelta(seconds=90)}
    assert seen("#other:example.org") == {"a": timedelta(seconds=5), "b": timedelta(seconds=90)}
