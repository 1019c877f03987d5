"""What rooms and organisers are told of a changed schedule."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.diff import diff
from fosdembot.schedule.model import Schedule, Talk
from fosdembot.settings import Settings
from fosdembot.talks.changes import digest, held_back, rehoused, room_messages, same_title
from fosdembot.talks.slots import Override
from fosdembot.texts.render import Text
from tests.schedule.real import read_real

from .programme import BRUSSELS, at, notices, programmes, talk

NOW = "09:00"
MINUTES = timedelta(minutes=1)
A = talk("a", "10:00", title="Tiny kernels", persons=("Ada L.",), chat_room="#kernel:x")
B = talk("b", "11:00", title="Big kernels", chat_room="#kernel:x")


def schedule(*talks: Talk) -> Schedule:
    return Schedule("xml", "", "Europe/Brussels", talks)


def chat_room(talk: Talk) -> str | None:
    return talk.chat_room


def told(
    old: list[Talk],
    new: list[Talk],
    now: str = NOW,
    rules: Settings | None = None,
    overrides: dict[str, Override] | None = None,
) -> dict[str, str]:
    before, after = schedule(*old), schedule(*new)
    messages = room_messages(
        diff(before, after),
        chat_room,
        overrides or {},
        at(now),
        BRUSSELS,
        rules or Settings(),
        rehoused(before, after, chat_room),
    )
    return {room: text.plain for room, text in messages.items()}


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            {"start": at("10:30")},
            '"Tiny kernels" is now at 10:30 (not 10:00)',
        ),
        (
            {"duration": 40 * MINUTES},
            '"Tiny kernels" now ends at 10:40 (not 10:25)',
        ),
        (
            {"start": at("09:45"), "duration": 40 * MINUTES},
            '"Tiny kernels" is now at 09:45 (not 10:00)',
        ),
        (
            {"start": at("09:00", day=2, month=2)},
            '"Tiny kernels" is now at Mon 09:00 (not 10:00)',
        ),
        (
            {"start": at("10:30"), "duration": 5 * MINUTES, "room": "Hall 2"},
            '"Tiny kernels" is now at 10:30 (not 10:00) and is now in Hall 2 (not Hall 1)',
        ),
        ({"room": "Hall 2"}, '"Tiny kernels" is now in Hall 2 (not Hall 1)'),
        ({"persons": ("Grace H.",)}, '"Tiny kernels" is now with Grace H.'),
        ({"persons": ()}, '"Tiny kernels" is now without a named speaker'),
        ({"title": "Small kernels"}, '"Small kernels" was called "Tiny kernels"'),
        (
            {"title": "Small kernels", "start": at("10:05"), "room": "Hall 2"},
            (
                '"Small kernels" is now at 10:05 (not 10:00), is now in Hall 2 (not Hall 1) '
                'and was called "Tiny kernels"'
            ),
        ),
        ({"title": "TINY  kernels!"}, None),
        ({"url": "https://example.org/", "track": "Other"}, None),
    ],
)
def test_a_room_is_told_what_changed(change: dict[str, object], line: str | None) -> None:
    new = replace(A, **change)  # type: ignore[arg-type]
    expected = {"#kernel:x": f"Schedule change: {line}"} if line else {}
    assert told([A, B], [new, B]) == expected


def test_a_day_is_named_once() -> None:
    new = replace(A, start=at("10:30"))
    longer = replace(A, duration=40 * MINUTES)
    for changed, line in (
        (new, '"Tiny kernels" is now at Sat 10:30 (not 10:00)'),
        (longer, '"Tiny kernels" now ends at Sat 10:40 (not 10:25)'),
    ):
        text = digest(diff(schedule(A), schedule(changed)), 0, at("20:00", day=30), BRUSSELS)
        assert text is not None
        assert text.plain.endswith(line)


def test_new_and_vanished_talks_are_told() -> None:
    assert told([A], [A, B]) == {
        "#kernel:x": 'Schedule change: New at 11:00 in Hall 1: "Big kernels"'
    }
    assert told([A, B], [A]) == {
        "#kernel:x": 'Schedule change: "Big kernels", planned for 11:00, is cancelled'
    }


def test_several_changes_are_one_message() -> None:
    assert told([A, B], [replace(A, room="Hall 2")]) == {
        "#kernel:x": "Schedule changes:\n"
        '"Tiny kernels" is now in Hall 2 (not Hall 1)\n'
        '"Big kernels", planned for 11:00, is cancelled'
    }


def test_many_changes_are_bounded() -> None:
    new = [talk(str(n), at("10:00") + n * MINUTES, chat_room="#kernel:x") for n in range(50)]
    (message,) = told([], new).values()
    lines = message.split("\n")
    assert len(lines) == 10
    assert lines[-1] == "And 42 more changes: !schedule"


def test_a_talk_that_changes_rooms_is_told_in_both() -> None:
    elsewhere = replace(A, room="Hall 2", chat_room="#other:x")
    assert told([A], [elsewhere]) == {
        "#kernel:x": 'Schedule change: "Tiny kernels" takes place elsewhere, at 10:00: #other:x',
        "#other:x": 'Schedule change: New at 10:00 in Hall 2: "Tiny kernels" with Ada L.',
    }


@pytest.mark.parametrize(
    ("now", "hours", "concerns"),
    [
        ("09:00", 24, True),
        ("10:24", 24, True),
        ("10:25", 24, False),
        ("09:00", 1, False),
        ("09:01", 1, True),
    ],
)
def test_only_what_is_soon_and_not_over_is_told(now: str, hours: int, concerns: bool) -> None:
    rules = notices(change_window_hours=hours)
    for new in ([], [replace(A, room="Hall 2")], [replace(A, persons=())]):
        assert bool(told([A], new, now, rules)) is concerns
    assert bool(told([], [A], now, rules)) is concerns


def test_what_moves_into_or_out_of_the_window_is_told() -> None:
    rules = notices(change_window_hours=2)
    later = replace(A, start=at("18:00"))
    assert told([A], [later], rules=rules)
    assert told([later], [A], rules=rules)
    assert not told([later], [replace(A, start=at("19:00"))], rules=rules)


def test_what_the_moderators_had_decided_is_not_news() -> None:
    late = {"a": Override(shift=10 * MINUTES, pushed=5 * MINUTES)}
    moved = replace(A, start=at("10:15"))
    assert told([A], [moved], overrides=late) == {}
    assert told([A], [replace(A, start=at("10:20"))], overrides=late) == {
        "#kernel:x": 'Schedule change: "Tiny kernels" is now at 10:20 (not 10:15)'
    }
    for gone in (Override(cancelled=True), Override(noshow=True)):
        assert told([A], [], overrides={"a": gone}) == {}


def test_rooms_are_not_told_of_what_is_no_talk_or_has_no_notices_or_no_room() -> None:
    assert told([], [replace(A, duration=timedelta(hours=8))]) == {}
    assert told([], [A], rules=notices(level="off")) == {}
    assert told([], [A], rules=notices(tracks={"Kernel": "off"})) == {}
    assert told([], [replace(A, chat_room=None)]) == {}
    assert told([A], [replace(A, chat_room=None)]) == {}


def test_the_prefix_is_the_settings() -> None:
    new = [talk(str(n), at("10:00") + n * MINUTES, chat_room="#kernel:x") for n in range(50)]
    rules = Settings(command_prefix="~")
    assert told([], new, rules=rules)["#kernel:x"].endswith("~schedule")


def digested(old: list[Talk], new: list[Talk], rooms: int = 0) -> Text | None:
    before, after = schedule(*old), schedule(*new)
    moved = rehoused(before, after, chat_room)
    return digest(diff(before, after), rooms, at(NOW), BRUSSELS, moved, chat_room)


def test_a_talk_that_only_has_another_chat_room_is_told_in_both() -> None:
    """As eleven talks of FOSDEM 2026 had, on the evening before."""
    moved = replace(A, chat_room="#cloud:x")
    assert told([A, B], [moved, B]) == {
        "#cloud:x": 'Schedule change: New at 10:00 in Hall 1: "Tiny kernels" with Ada L.',
        "#kernel:x": ('Schedule change: "Tiny kernels", at 10:00, has another chat room: #cloud:x'),
    }
    text = digested([A, B], [moved, B], 2)
    assert text is not None
    assert text.plain == (
        "The schedule has changed: 1 with another chat room. Told at once: 2 rooms.\n"
        'Sat 31 Jan 10:00, Hall 1: "Tiny kernels" has the chat room #cloud:x now'
    )


def test_what_moderators_cancelled_is_not_told_again_at_its_new_time() -> None:
    overrides = {"a": Override(cancelled=True)}
    assert told([A, B], [replace(A, start=at("10:30")), B], overrides=overrides) == {}
    assert told([A, B], [B], overrides=overrides) == {}


def test_a_talk_that_has_no_chat_room_any_more() -> None:
    without = replace(A, chat_room=None)
    assert told([A, B], [without, B]) == {}
    text = digested([A], [without])
    assert text is not None
    assert text.plain.endswith('"Tiny kernels" has no chat room any more')


def test_organisers_get_everything_in_one_digest() -> None:
    c = talk("c", at("10:00", day=1, month=2), title="Other")
    text = digested([A, B], [replace(A, room="Hall 2", title="tiny kernels"), c], 1)
    assert text is not None
    assert text.plain == (
        "The schedule has changed: 1 new, 1 gone, 1 in another place, 1 renamed. "
        "Told at once: 1 room.\n"
        'Sat 31 Jan 10:00, Hall 2: "tiny kernels" is now in Hall 2 (not Hall 1) '
        'and was called "Tiny kernels"\n'
        'Gone, so cancelled: Sat 31 Jan 11:00, Hall 1: "Big kernels"\n'
        'New: Sun 1 Feb 10:00, Hall 1: "Other"'
    )


def test_where_nothing_changed_organisers_hear_nothing() -> None:
    assert digested([A, B], [A, replace(B, url="https://example.org/")]) is None


@given(programmes(places=3), programmes(places=3))
def test_a_digest_is_bounded(old: list[Talk], new: list[Talk]) -> None:
    text = digested(old, new)
    if text is not None:
        assert len(text.plain.split("\n")) <= 22


def test_a_hostile_change_is_a_line() -> None:
    new = replace(A, title="<b>@room\n" + "x" * 9999, persons=("\u202e",), room="\u0301" * 500)
    for text in (*told([A], [new]).values(), *told([], [new]).values()):
        assert "\n" not in text
        assert "@room" not in text
        assert len(text) < 600
    found = digested([A], [new])
    assert found is not None
    assert len(found.plain) < 900


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Tiny kernels", "tiny  Kernels!", True),
        ("Tiny-kernels", "Tiny kernels", True),
        ("Straße", "STRASSE", True),
        ("Tiny kernels", "Tiny kernel", False),
        ("C", "C++", True),
        ("???", "!!!", False),
        ("日本", "日本語", False),
    ],
)
def test_titles_that_differ_only_in_case_blanks_and_punctuation(
    one: str, other: str, same: bool
) -> None:
    assert same_title(one, other) is same


def lost(had: int, loses: int) -> str | None:
    talks = [talk(str(n), "10:00") for n in range(had)]
    return held_back(schedule(*talks), schedule(*talks[loses:], talk("new", "12:00")))


@pytest.mark.parametrize(
    ("had", "loses", "held"),
    [
        (1079, 300, True),
        (1000, 200, False),
        (1000, 201, True),
        (4, 4, False),
        (5, 5, True),
        (20, 4, False),
        (24, 5, True),
        (25, 5, False),
        (0, 0, False),
        (10, 0, False),
    ],
)
def test_a_schedule_that_lost_too_much_is_held_back(had: int, loses: int, held: bool) -> None:
    assert (lost(had, loses) is not None) is held


def test_why_it_is_held_back() -> None:
    assert lost(1079, 300) == "300 of 1,079 talks are gone."


@given(programmes(places=2), st.data())
def test_each_room_gets_at_most_one_message(talks: list[Talk], data: st.DataObject) -> None:
    rooms = st.sampled_from(["#one:x", "#two:x", None])
    old = [replace(talk, chat_room=data.draw(rooms)) for talk in talks]
    new = [
        replace(talk, chat_room=data.draw(rooms), room=data.draw(st.sampled_from(["A", "B"])))
        for talk in old
        if data.draw(st.booleans())
    ]
    messages = told(old, new)
    assert set(messages) <= {"#one:x", "#two:x"}
    for entry in new:
        before = next(was for was in old if was.guid == entry.guid)
        soon = at(NOW) < entry.end and entry.start < at(NOW) + timedelta(hours=24)
        # That room is told that it is on.
        comes_in = entry.start <= at(NOW) < entry.end and before.chat_room != entry.chat_room
        if soon and before.room != entry.room and entry.chat_room and not comes_in:
            assert messages[entry.chat_room]


@pytest.mark.parametrize(
    ("old", "new", "now", "rooms"),
    [
        ("r1-20260118", "r2-20260125", at("20:00", day=25), 0),
        ("r2-20260125", "r3-20260130", at("08:00", day=30), 0),
        ("r2-20260125", "r3-20260130", at("20:00", day=30), 20),
        ("r3-20260130", "r4-20260202", at("20:00", day=30), 8),
        ("r3-20260130", "r4-20260202", at("09:00", day=2, month=2), 0),
    ],
)
def test_the_revisions_of_fosdem(
    real_schedules: Path, old: str, new: str, now: datetime, rooms: int
) -> None:
    """Rooms hear of what concerns them within a day; organisers of everything."""
    before, after = (
        read_real(real_schedules / f"fosdem-2026-{name}.xml", Settings().schedule)
        for name in (old, new)
    )
    changes = diff(before, after)
    messages = room_messages(changes, lambda talk: talk.chat_room, {}, now, BRUSSELS, Settings())
    soon = {
        talk.chat_room
        for talk in (*before.entries, *after.entries)
        if now < talk.end and talk.start < now + timedelta(hours=24)
    }
    assert set(messages) <= soon
    assert len(messages) == rooms
    assert held_back(before, after) is None
    text = digest(changes, len(messages), now, BRUSSELS)
    assert text is not None
    assert len(text.plain.split("\n")) == 22
