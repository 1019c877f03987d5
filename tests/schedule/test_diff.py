"""What changed between two schedules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.diff import Change, ScheduleDiff, diff
from fosdembot.schedule.model import MediaLink, Schedule, Talk

START = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
A = Talk("a", "1", "A", START, timedelta(minutes=25), "Janson", persons=("Ada", "Grace"))
B = replace(A, guid="b", title="B", start=START + timedelta(hours=1))


def schedule(*talks: Talk) -> Schedule:
    entries = tuple(sorted(talks, key=lambda talk: (talk.start, talk.room, talk.guid)))
    return Schedule("xml", "C", "Europe/Brussels", entries)


def test_nothing() -> None:
    assert diff(schedule(A, B), schedule(B, A)) == ScheduleDiff()


def test_added_and_removed() -> None:
    assert diff(schedule(A), schedule(B)) == ScheduleDiff(added=(B,), removed=(A,))


def test_each_aspect_alone() -> None:
    later = replace(A, start=START + timedelta(minutes=5))
    longer = replace(A, duration=timedelta(minutes=30))
    moved = replace(A, room="Aula")
    retitled = replace(A, title="a")
    joined = replace(A, persons=("Ada",))
    assert diff(schedule(A), schedule(later)) == ScheduleDiff(retimed=(Change(A, later),))
    assert diff(schedule(A), schedule(longer)) == ScheduleDiff(retimed=(Change(A, longer),))
    assert diff(schedule(A), schedule(moved)) == ScheduleDiff(moved=(Change(A, moved),))
    assert diff(schedule(A), schedule(retitled)) == ScheduleDiff(retitled=(Change(A, retitled),))
    assert diff(schedule(A), schedule(joined)) == ScheduleDiff(speakers=(Change(A, joined),))


@pytest.mark.parametrize(
    ("change", "aspect"),
    [
        ({"chat_room": "#a:x"}, "chat_rooms"),
        ({"hallway": "#a:x"}, "hallways"),
        ({"meeting": "https://meet.example.org/a"}, "meetings"),
        ({"track": "T"}, "tracks"),
        ({"kind": "workshop"}, "kinds"),
        ({"language": "de"}, "languages"),
        ({"recording_optout": True}, "recording"),
        ({"recordings": (MediaLink("Recording", "https://example.org/a"),)}, "media"),
        ({"subtitles": (MediaLink("Subtitles", "https://example.org/a"),)}, "media"),
        ({"slides": (MediaLink("Slides", "https://example.org/a"),)}, "media"),
    ],
)
def test_what_decides_where_and_how_a_talk_takes_place(change: dict[str, Any], aspect: str) -> None:
    new = replace(A, **change)
    expected: dict[str, Any] = {aspect: (Change(A, new),)}
    assert diff(schedule(A), schedule(new)) == ScheduleDiff(**expected)


def test_what_is_told_to_nobody_is_no_change() -> None:
    other = replace(A, slug="x", url="https://example.org", persons=("Grace", "Ada"))
    assert diff(schedule(A), schedule(other)) == ScheduleDiff()


def test_everything_at_once_is_one_change_in_each() -> None:
    new = replace(B, guid="a", room="Aula", persons=())
    changes = diff(schedule(A), schedule(new))
    assert changes == ScheduleDiff((), (), *(((Change(A, new),),) * 4))


talks = st.lists(
    st.builds(
        Talk,
        guid=st.sampled_from("abcdef"),
        id=st.just(""),
        title=st.sampled_from("TU"),
        start=st.sampled_from([START, START + timedelta(hours=1)]),
        duration=st.sampled_from([timedelta(minutes=25), timedelta(minutes=50)]),
        room=st.sampled_from("RS"),
        persons=st.sampled_from([(), ("Ada",), ("Ada", "Grace"), ("Grace", "Ada")]),
    ),
    max_size=6,
    unique_by=lambda talk: talk.guid,
)


@given(talks, talks)
def test_a_difference_is_complete_and_can_be_turned_round(old: list[Talk], new: list[Talk]) -> None:
    there, back = diff(schedule(*old), schedule(*new)), diff(schedule(*new), schedule(*old))
    assert (there.added, there.removed) == (back.removed, back.added)
    for aspect in ("retimed", "moved", "retitled", "speakers"):
        turned = {Change(change.new, change.old) for change in getattr(back, aspect)}
        assert set(getattr(there, aspect)) == turned
    kept = {talk.guid for talk in old} & {talk.guid for talk in new}
    assert len(there.added) == len(new) - len(kept)
    assert len(there.removed) == len(old) - len(kept)
    news = {talk.guid: talk for talk in new}
    for talk in old:
        if talk.guid in kept:
            other = news[talk.guid]
            change = Change(talk, other)
            assert (change in there.retimed) == (
                (talk.start, talk.duration) != (other.start, other.duration)
            )
            assert (change in there.moved) == (talk.room != other.room)
            assert (change in there.retitled) == (talk.title != other.title)
            assert (change in there.speakers) == (set(talk.persons) != set(other.persons))
