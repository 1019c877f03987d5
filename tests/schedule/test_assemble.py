"""Identity: entries that share an id are told apart, in the same way every time."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.diff import diff
from fosdembot.schedule.model import Schedule
from fosdembot.settings import ScheduleSettings

from .samples import frab, read_all, talk


def at(hour: int, **fields: Any) -> dict[str, Any]:
    return talk(**{"date": f"2026-01-31T{hour:02}:00:00Z", **fields})


def read_events(*events: dict[str, Any]) -> Schedule:
    return read_all(frab("json", events), ScheduleSettings(zone="UTC"))


def test_the_first_keeps_the_id_and_the_others_get_their_time_and_place() -> None:
    schedule = read_events(at(12), at(10), at(11, room="Aula"))
    first, second, third = (entry.guid for entry in schedule.entries)
    assert first == "g1"
    assert second.startswith("g1@20260131T1100Z-")
    assert third.startswith("g1@20260131T1200Z-")
    assert schedule.warnings == ("3 entries have the id 'g1'; time and room tell them apart",)


def test_the_same_id_beside_another_guid_is_no_repetition() -> None:
    schedule = read_events(at(10), at(11, guid="g2"))
    assert [entry.guid for entry in schedule.entries] == ["g1", "g2"]
    assert schedule.warnings == ()


def test_exact_repeats_are_read_once_and_told() -> None:
    schedule = read_events(at(10), at(10), at(11, guid="g2"))
    assert [entry.guid for entry in schedule.entries] == ["g1", "g2"]
    assert schedule.warnings == ("entries that repeat others exactly, read once: 1",)


def test_entries_that_differ_in_one_word_alone_are_kept_apart() -> None:
    schedule = read_events(at(10), at(10, title="Big kernels"), at(10, persons=["Ada"]))
    assert len({entry.guid for entry in schedule.entries}) == 3


def test_entries_without_any_id_are_known_by_time_and_place() -> None:
    nameless = {"guid": None, "id": None}
    schedule = read_events(at(10, **nameless), at(11, **nameless))
    assert [entry.guid[:16] for entry in schedule.entries] == [
        "@20260131T1000Z-",
        "@20260131T1100Z-",
    ]
    assert schedule.warnings == ("2 entries have no id; time and room tell them apart",)


def test_of_many_with_one_id_each_stays_itself_when_another_goes() -> None:
    events = [at(hour, title=f"Talk {hour}") for hour in range(8, 18)]
    whole = read_events(*events)
    for missing in range(len(events)):
        changes = diff(whole, read_events(*events[:missing], *events[missing + 1 :]))
        assert [talk.title for talk in changes.removed] == [f"Talk {8 + missing}"]
        assert (changes.added, changes.retitled, changes.retimed) == ((), (), ())


def test_that_holds_at_one_time_and_place_too() -> None:
    events = [at(8, title=f"Talk {number}") for number in range(6)]
    whole = read_events(*events)
    for missing in range(len(events)):
        changes = diff(whole, read_events(*events[:missing], *events[missing + 1 :]))
        assert [talk.title for talk in changes.removed] == [f"Talk {missing}"]
        assert changes.added == ()


def test_a_published_id_that_looks_like_ours_is_no_collision() -> None:
    taken = read_events(at(10), at(11)).entries[1].guid
    schedule = read_events(at(10), at(11), at(12, guid=taken), at(12, guid=f"{taken}+"))
    assert len({entry.guid for entry in schedule.entries}) == 4


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "guid": st.sampled_from(["", "a", "b"]),
                "id": st.sampled_from(["1", ""]),
                "title": st.sampled_from(["T", "U"]),
                "room": st.sampled_from(["R", "S"]),
                "date": st.sampled_from(["2026-01-31T10:00:00Z", "2026-01-31T11:00:00Z"]),
                "duration": st.just("00:30"),
            }
        ),
        min_size=1,
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_identities_depend_on_no_order(
    events: list[dict[str, Any]], shuffler: random.Random
) -> None:
    schedule = read_events(*events)
    guids = [entry.guid for entry in schedule.entries]
    assert len(set(guids)) == len(guids)
    assert "" not in guids
    shuffler.shuffle(events)
    assert read_events(*events) == schedule


@pytest.mark.parametrize("hours", [(12, 10, 11), (10, 11, 12)])
def test_entries_are_in_order_of_start_room_and_guid(hours: tuple[int, ...]) -> None:
    events = [
        at(hour, guid=f"{room}{hour}{guid}", room=room)
        for hour in hours
        for room in ("B", "A")
        for guid in ("2", "1")
    ]
    entries = read_events(*events).entries
    keys = [(entry.start, entry.room, entry.guid) for entry in entries]
    assert keys == sorted(keys)
    assert len(keys) == 12
