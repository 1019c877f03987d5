"""Which talk is which, whatever ids the schedule gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.diff import ScheduleDiff, diff
from fosdembot.schedule.identity import Recognised, recognise
from fosdembot.schedule.model import Schedule, Talk

START = datetime(2026, 5, 9, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def talk(guid: str, title: str = "", hour: float = 0, room: str = "Hall", **fields: object) -> Talk:
    made = Talk(guid, guid, title or guid, START + hour * HOUR, HOUR / 2, room)
    return replace(made, **fields)  # type: ignore[arg-type]


def schedule(*talks: Talk) -> Schedule:
    entries = sorted(talks, key=lambda talk: (talk.start, talk.room, talk.guid))
    return Schedule("xml", "C", "Europe/Berlin", tuple(entries))


def renamed(talks: Iterable[Talk], prefix: str = "new-") -> list[Talk]:
    return [replace(t, guid=prefix + t.guid, id=prefix + t.id) for t in talks]


def pairs(old: Iterable[Talk], new: Iterable[Talk], gone: Iterable[Talk] = ()) -> dict[str, str]:
    """Guid as published now → guid by which the talk is known."""
    entries = recognise(list(old), schedule(*new), gone).schedule.entries
    return {talk.published_guid: talk.guid for talk in entries}


def changes(old: Sequence[Talk], new: Sequence[Talk]) -> tuple[ScheduleDiff, Recognised]:
    recognised = recognise(old, schedule(*new))
    return diff(schedule(*old), recognised.schedule), recognised


A = talk("a", "Alpha", 2, persons=("Ada",))
B = talk("b", "Beta", 3, persons=("Bob",))
C = talk("c", "Gamma", 4, persons=("Cy",))


# Where the id fails.


def test_new_ids_change_nothing() -> None:
    found, recognised = changes([A, B, C], renamed([A, B, C]))
    assert found == ScheduleDiff()
    assert (dict(recognised.by), recognised.lost) == ({"title and place": 3}, 3)


@pytest.mark.parametrize(
    ("change", "by"),
    [
        ({"start": A.start + HOUR}, "title and place"),
        ({"start": A.start + DAY}, "title and place"),
        ({"duration": HOUR, "persons": (), "track": "T"}, "title and place"),
        ({"title": "ALPHA!"}, "title and place"),
        ({"room": "HALL "[:4]}, "title and place"),
        ({"room": "Attic"}, "title and start"),
        ({"title": "Omega"}, "speakers and start"),
        ({"title": "Omega", "room": "Attic"}, "speakers and start"),
        ({"title": "Omega", "persons": ("ada",)}, "speakers and start"),
        ({"title": "Omega", "start": A.start + HOUR}, None),
        ({"room": "Attic", "start": A.start + HOUR}, None),
        ({"start": A.start + 7 * DAY}, None),
        ({"title": "Omega", "persons": ()}, None),
    ],
)
def test_by_what_a_talk_with_a_new_id_is_recognised(
    change: dict[str, object], by: str | None
) -> None:
    [new] = renamed([replace(A, **change)])  # type: ignore[arg-type]
    recognised = recognise([A, B], schedule(new, B))
    assert dict(recognised.by) == ({by: 1} if by else {})
    assert recognised.lost == 1
    assert pairs([A, B], [new, B]) == {"new-a": "a" if by else "new-a", "b": "b"}


def test_title_and_place_come_before_title_and_start() -> None:
    new = [replace(A, guid="x", start=A.start + HOUR), replace(A, guid="y", room="Attic")]
    assert pairs([A], new) == {"x": "a", "y": "y"}


def test_talks_that_nothing_tells_apart_stay_apart() -> None:
    """Two workshops, of which nobody knows which is which at their new times."""
    one, two = talk("a", "Workshop", 1), talk("b", "Workshop", 5)
    moved = renamed([replace(t, start=t.start + HOUR / 2) for t in (one, two)])
    assert pairs([one, two], moved) == {"new-a": "new-a", "new-b": "new-b"}
    assert pairs([one, two], moved[:1]) == {"new-a": "new-a"}
    assert pairs([one], moved) == {"new-a": "new-a", "new-b": "new-b"}


def test_repeated_titles_are_told_apart_by_time_or_day() -> None:
    one, two = talk("a", "Lunch", 4), talk("b", "Lunch", 28)
    [x, y] = renamed([replace(one, start=one.start + HOUR), replace(two, start=two.start - HOUR)])
    assert pairs([one, two], [x, y]) == {"new-a": "a", "new-b": "b"}
    near = talk("c", "Lunch", 5)
    # The second of a day keeps its time, so the first is not in doubt; the other is.
    assert pairs([one, near], renamed([near, replace(one, start=one.start - HOUR)])) == {
        "new-c": "c",
        "new-a": "new-a",
    }


def test_twins_are_matched_one_to_one() -> None:
    """The same in everything that people see: whichever is which, nothing changed."""
    twins = [talk("a", "Workshop", 1), talk("b", "Workshop", 1)]
    found, _ = changes(twins, renamed(twins))
    assert found == ScheduleDiff()


def test_untitled_talks_are_not_recognised_by_that() -> None:
    one = talk("a", "Untitled", 1)
    assert pairs([one], renamed([replace(one, start=one.start + HOUR)])) == {"new-a": "new-a"}


def test_a_weekly_meeting_is_not_the_one_of_last_week() -> None:
    weeks = [talk(f"week-{n}", "Meetup", n * 7 * 24) for n in range(6)]
    assert pairs(weeks[:5], weeks[1:]) == {t.guid: t.guid for t in weeks[1:]}
    assert pairs(weeks[:1], weeks[1:2]) == {"week-1": "week-1"}


# Where the id holds, and where it names another talk.


def test_a_talk_with_its_id_may_change_in_everything() -> None:
    new = replace(A, title="Omega", start=A.start + HOUR, room="Attic", persons=("Eve",))
    assert pairs([A, B], [new, B]) == {"a": "a", "b": "b"}


def test_next_year_s_number_is_another_talk_s() -> None:
    """Its questions and its transcript are not those of the talk that had the number before."""
    old = talk("1", "Alpha", 2, persons=("Ada",))
    new = talk("1", "Gardening", 364 * 24, "Cellar", persons=("Zoe",))
    assert pairs([old], [new]) == {"1": "1+"}
    assert pairs([], [new], gone=[old]) == {"1": "1+"}
    again = replace(old, start=new.start)
    assert pairs([old], [again]) == {"1": "1"}


def test_talks_that_swap_times_keep_their_ids() -> None:
    new = [replace(A, start=B.start), replace(B, start=A.start)]
    assert pairs([A, B], new) == {"a": "a", "b": "b"}


def test_talks_of_one_title_that_move_on_keep_their_ids() -> None:
    one, two = talk("a", "Workshop", 1), talk("b", "Workshop", 2)
    new = [replace(one, start=two.start), replace(two, start=two.start + HOUR)]
    assert pairs([one, two], new) == {"a": "a", "b": "b"}


def test_ids_that_are_swapped() -> None:
    new = [replace(A, guid="b", id="b"), replace(B, guid="a", id="a")]
    found, recognised = changes([A, B, C], [*new, C])
    assert found == ScheduleDiff()
    assert (dict(recognised.by), recognised.lost) == ({"title and place": 2}, 2)
    retimed = [replace(new[0], start=B.start), replace(new[1], start=A.start)]
    assert pairs([A, B], retimed) == {"b": "a", "a": "b"}


def test_an_id_that_names_another_talk() -> None:
    """Of `Omega`, which is new; `Alpha` is published under another id now."""
    omega = talk("a", "Omega", 6, persons=("Eve",))
    entries = recognise([A, B], schedule(omega, replace(A, guid="z", id="z"), B)).schedule.entries
    assert {t.title: t.guid for t in entries} == {"Alpha": "a", "Beta": "b", "Omega": "a+"}
    assert {t.title: t.called for t in entries} == {
        "Alpha": ("z",),
        "Beta": ("b",),
        "Omega": ("a",),
    }
    # The same again: everybody is known.
    again = recognise(entries, schedule(omega, replace(A, guid="z", id="z"), B))
    assert again.schedule.entries == entries
    assert (dict(again.by), again.lost) == ({}, 0)


def test_ids_that_are_numbers_of_lines() -> None:
    """Somebody put a talk in front of all others."""
    old = [replace(t, guid=f"id:{n}", id=str(n)) for n, t in enumerate((A, B, C))]
    first = talk("x", "First", 0)
    new = [replace(t, guid=f"id:{n}", id=str(n)) for n, t in enumerate((first, A, B, C))]
    found, recognised = changes(old, new)
    assert [t.title for t in found.added] == ["First"]
    assert replace(found, added=()) == ScheduleDiff()
    assert (dict(recognised.by), recognised.lost) == ({"title and place": 3}, 3)


def test_a_title_that_says_more_is_still_the_talk_s() -> None:
    """Although another has the old title now."""
    new = [replace(A, title="Alpha, part 1"), talk("z", "Alpha", 7)]
    assert pairs([A, B], [*new, B]) == {"a": "a", "z": "z", "b": "b"}


# What it is called.


def called(entries: Iterable[Talk]) -> dict[str, tuple[str, ...]]:
    return {talk.guid: talk.called for talk in entries}


def test_a_talk_is_called_by_its_new_id_and_by_those_before() -> None:
    first = recognise([A], schedule(replace(A, guid="x", id="1"))).schedule
    assert called(first.entries) == {"a": ("x", "1", "a")}
    second = recognise(first.entries, schedule(replace(A, guid="y", id="2"))).schedule
    assert called(second.entries) == {"a": ("y", "2", "x", "1", "a")}
    third = recognise(second.entries, schedule(replace(A, guid="z", id="3"))).schedule
    assert called(third.entries) == {"a": ("z", "3", "y", "2", "x", "1")}
    back = recognise(third.entries, schedule(A)).schedule
    assert called(back.entries) == {"a": ("a", "z", "3", "y", "2")}


def test_a_name_in_the_settings_lasts() -> None:
    entries: Sequence[Talk] = [A, B]
    for number in range(20):
        new = schedule(*renamed([A, B], f"{number}-"))
        entries = recognise(entries, new, lasting={"a", "3-b"}).schedule.entries
    assert {t.guid: "a" in t.called or "3-b" in t.called for t in entries} == {"a": True, "b": True}
    assert all(len(t.called) <= 7 for t in entries)


def test_a_name_is_one_talk_s() -> None:
    """Once it is published for another, it is that other's."""
    new = [replace(A, guid="x", id="x"), talk("a", "Omega", 9)]
    entries = recognise([A], schedule(*new)).schedule.entries
    assert called(entries) == {"a": ("x",), "a+": ("a",)}


def test_ids_that_come_back() -> None:
    first = recognise([A, B], schedule(*renamed([A, B]))).schedule
    back = recognise(first.entries, schedule(A, B)).schedule
    assert {t.guid: t.published_guid for t in back.entries} == {"a": "a", "b": "b"}
    # With another title, and without speakers, too.
    other = replace(A, title="Omega", persons=())
    assert {t.guid for t in recognise(first.entries, schedule(other, B)).schedule.entries} == {
        "a",
        "b",
    }


# What vanished.


def test_a_talk_that_vanished_comes_back_also_with_another_id() -> None:
    assert pairs([B], [A, B], gone=[A]) == {"a": "a", "b": "b"}
    assert pairs([B], [*renamed([A]), B], gone=[A]) == {"new-a": "a", "b": "b"}


def test_what_is_in_force_comes_before_what_vanished() -> None:
    vanished = replace(A, guid="old", id="old")
    assert pairs([A], renamed([A]), gone=[vanished]) == {"new-a": "a"}
    # Here the new one may be either.
    later = [replace(A, guid=g, id=g, start=A.start + h * HOUR) for g, h in (("x", 1), ("y", -1))]
    assert pairs([A], later, gone=[vanished]) == {"x": "x", "y": "y"}
    assert pairs([A], [replace(t, id="a") for t in later]) == {"x": "x", "y": "y"}


def test_what_vanished_does_not_count_as_lost() -> None:
    recognised = recognise([B], schedule(*renamed([A]), B), [A])
    assert (dict(recognised.by), recognised.lost) == ({}, 0)


# All of it.

talks = st.lists(
    st.builds(
        talk,
        guid=st.uuids().map(str),
        title=st.sampled_from(["Alpha", "Alpha 2", "Beta", "Gamma", "Untitled", "Delta"]),
        hour=st.integers(0, 3),
        room=st.sampled_from(["Hall", "Attic", ""]),
        persons=st.sampled_from([(), ("Ada",), ("Ada", "Bob"), ("Bob", "Ada")]),
        chat_room=st.sampled_from([None, "#a:x", "#b:x"]),
    ),
    max_size=12,
    unique_by=lambda talk: talk.guid,
)


@st.composite
def renamings(draw: st.DrawFn, entries: Sequence[Talk]) -> list[Talk]:
    """The same talks under other ids: all new, the same ones dealt out anew, or some of both."""
    ids = [t.guid for t in entries]
    pool = draw(st.sampled_from([ids, [f"n{n}" for n in range(len(ids))]]))
    mixed = [draw(st.sampled_from([one, other])) for one, other in zip(ids, pool, strict=True)]
    dealt = draw(st.permutations(mixed if len(set(mixed)) == len(mixed) else pool))
    return [replace(t, guid=i, id=i) for t, i in zip(entries, dealt, strict=True)]


@given(talks, st.data())
def test_any_renaming_of_ids_changes_nothing(old: list[Talk], data: st.DataObject) -> None:
    new = data.draw(renamings(old))
    found, recognised = changes(old, new)
    assert found == ScheduleDiff()
    assert recognised.lost == sum(recognised.by.values())
    assert {t.guid for t in recognised.schedule.entries} == {t.guid for t in old}


@given(talks, st.data())
def test_ids_may_change_at_every_look(old: list[Talk], data: st.DataObject) -> None:
    entries: Sequence[Talk] = old
    for _ in range(4):
        new = data.draw(renamings(old))
        before, entries = entries, recognise(entries, schedule(*new)).schedule.entries
        assert diff(schedule(*before), schedule(*entries)) == ScheduleDiff()
        assert sorted(n for t in entries for n in t.called[:1]) == sorted(t.guid for t in new)
        names = [name for t in entries for name in t.called]
        assert len(names) == len(set(names)), "a name means one talk"


distinct = st.integers(3, 12).map(
    lambda count: [
        talk(f"t{n}", f"Title {n}", n, f"Hall {n % 3}", persons=(f"P{n}",)) for n in range(count)
    ]
)


@given(distinct, st.data())
def test_a_renaming_with_some_changes_keeps_all_others(
    old: list[Talk], data: st.DataObject
) -> None:
    moves: Sequence[Callable[[Talk], list[Talk]]] = (
        lambda t: [replace(t, start=t.start + HOUR)],
        lambda t: [replace(t, room="Elsewhere")],
        lambda t: [replace(t, title=f"Not {t.title}")],
        lambda t: [replace(t, duration=HOUR, persons=("New",))],
    )
    gone = data.draw(st.sets(st.sampled_from([t.guid for t in old]), max_size=3))
    new: list[Talk] = []
    for entry in old:
        if entry.guid not in gone:
            move = data.draw(st.sampled_from([lambda t: [t], *moves]))
            new += move(entry)
    new = data.draw(renamings(new))
    found = recognise(old, schedule(*new)).schedule.entries
    number = {t.persons: t.guid for t in old} | {(): ""}
    for entry in found:
        was = next((t for t in old if t.guid == entry.guid), None)
        if was is None or was.persons == entry.persons:
            assert number.get(entry.persons, entry.guid) == entry.guid
        else:
            assert was.title == entry.title
    assert {t.guid for t in found} == {t.guid for t in old} - gone


@given(talks, talks, talks)
def test_no_talk_is_two(known: list[Talk], gone: list[Talk], new: list[Talk]) -> None:
    recognised = recognise(known, schedule(*new), gone)
    guids = [t.guid for t in recognised.schedule.entries]
    assert len(guids) == len(set(guids)) == len(new)
    assert {t.published_guid for t in recognised.schedule.entries} == {t.guid for t in new}
    assert recognised.lost >= sum(recognised.by.values())
