"""Answers to !talk, !next and !schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.answers import MOST_LINES, rest_of_day, whats_next, whats_on
from fosdembot.talks.phases import on_now
from fosdembot.talks.room_talks import AudienceTalks, RoomTalks
from fosdembot.talks.slots import Override, as_streamed, build_slots

from .programme import BRUSSELS, at, programmes, talk

TOMORROW = at("10:00", day=1, month=2)
ANSWERS = (whats_on, whats_next, rest_of_day)


def seen(
    talks: Sequence[Talk], now: datetime, overrides: Mapping[str, Override] | None = None
) -> AudienceTalks:
    slots = build_slots(talks, overrides or {}, Settings())
    return RoomTalks(as_streamed(slots, Settings(), ""), now, BRUSSELS)


def devroom(now: datetime) -> AudienceTalks:
    talks = [
        talk("a", "10:00", title="Tiny kernels", persons=("Ada L.",), url="https://example.org/a"),
        talk("b", "10:30", title="Big kernels"),
        talk("gone", "11:00", title="Gone"),
        talk("c", "14:00", title="Old kernels"),
        talk("d", TOMORROW, title="New kernels"),
    ]
    return seen(talks, now, {"gone": Override(cancelled=True)})


def halls(now: datetime) -> AudienceTalks:
    talks = [
        talk("a", "10:00", 50, room="Janson", title="Left"),
        talk("b", "10:00", 25, room="La Fontaine", title="Right"),
        talk("c", "11:00", 25, room="Janson", title="Left 2"),
        talk("d", "10:30", 25, room="La Fontaine", title="Right 2"),
    ]
    return seen(talks, now)


@pytest.mark.parametrize(
    ("clock", "told"),
    [
        (
            "10:13",
            (
                'Now, until 10:25 (12 minutes left): "Tiny kernels" with Ada L. Q&A at 10:20\n'
                "https://example.org/a"
            ),
        ),
        (
            "10:21",
            (
                'Now, until 10:25 (4 minutes left): "Tiny kernels" with Ada L. Q&A is on\n'
                "https://example.org/a"
            ),
        ),
        (
            "10:26",
            'Nothing is on right now. Next, at 10:30 (in 4 minutes): "Big kernels"',
        ),
        (
            "20:00",
            'Nothing is on right now. Next, at Sun 10:00 (in 14 hours): "New kernels"',
        ),
    ],
)
def test_what_is_on(clock: str, told: str) -> None:
    assert whats_on(devroom(at(clock)), "!").plain == told


@pytest.mark.parametrize(
    ("clock", "told"),
    [
        ("09:00", 'Next, at 10:00 (in 60 minutes): "Tiny kernels" with Ada L.'),
        ("10:00", 'Next, at 10:30 (in 30 minutes): "Big kernels"'),
        ("10:30", 'Next, at 14:00 (in 4 hours): "Old kernels"'),
        ("14:00", 'Next, at Sun 10:00 (in 20 hours): "New kernels"'),
    ],
)
def test_what_comes_next(clock: str, told: str) -> None:
    assert whats_next(devroom(at(clock)), "!").plain == told


@pytest.mark.parametrize(
    ("clock", "told"),
    [
        (
            "10:10",
            (
                'Still to come today:\n10:00 "Tiny kernels" (on now)\n10:30 "Big kernels"\n'
                '11:00 "Gone" (cancelled)\n14:00 "Old kernels"'
            ),
        ),
        ("13:00", 'Still to come today:\n14:00 "Old kernels"'),
        ("15:00", 'Nothing more today. Still to come on Sun 1 Feb:\n10:00 "New kernels"'),
    ],
)
def test_the_rest_of_the_day(clock: str, told: str) -> None:
    assert rest_of_day(devroom(at(clock)), "!").plain == told


def test_in_a_room_of_several_halls_they_are_named() -> None:
    assert whats_on(halls(at("10:10")), "!").plain == (
        'Now in Janson, until 10:50 (40 minutes left): "Left". Q&A at 10:45\n'
        'Now in La Fontaine, until 10:25 (15 minutes left): "Right". Q&A at 10:20'
    )
    assert whats_next(halls(at("10:10")), "!").plain == (
        'Next in La Fontaine, at 10:30 (in 20 minutes): "Right 2"\n'
        'Next in Janson, at 11:00 (in 50 minutes): "Left 2"'
    )
    assert rest_of_day(halls(at("10:55")), "!").plain == (
        'Still to come today:\n11:00 Janson: "Left 2"'
    )


@pytest.mark.parametrize("answer", ANSWERS)
def test_when_all_is_over_or_nothing_is_known_it_says_so(answer: object) -> None:
    assert callable(answer)
    over = answer(devroom(at("12:00", day=2, month=2)), "!").plain
    assert over.endswith("No more talks are planned. What was said stays to read.")
    unknown = answer(seen([], at("12:00")), "!").plain
    assert unknown.endswith("I know of no talks in this room. If you expect one, ask an organiser.")


def test_a_crowd_is_bounded_and_says_how_to_see_more() -> None:
    talks = [talk(f"{n:02}", "10:00", room=f"Hall {n:02}") for n in range(30)]
    on = whats_on(seen(talks, at("10:01")), "~").plain.split("\n")
    assert len(on) == 7
    assert on[-1] == "… and 24 more talks: ~schedule"
    following = whats_next(seen(talks, at("09:01")), "~").plain.split("\n")
    assert following[-1] == "… and 24 more talks: ~schedule"
    day = rest_of_day(seen(talks, at("09:01")), "~").plain.split("\n")
    assert len(day) == MOST_LINES + 2
    assert day[-1] == "… and 18 more talks after that. What is on and next: ~talk"


def test_the_small_hours_belong_to_the_evening() -> None:
    talks = seen([talk("a", at("00:30", day=1, month=2))], at("20:00"))
    assert rest_of_day(talks, "!").plain == ('Still to come today:\n00:30 "Talk a"')


def test_the_hour_that_comes_twice_names_its_zone() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    talks = [talk("a", first), talk("b", first + timedelta(hours=1))]
    told = rest_of_day(seen(talks, first - timedelta(hours=4)), "!").plain
    assert '02:30 CEST "Talk a"' in told
    assert '02:30 CET "Talk b"' in told


def test_a_hostile_page_is_no_link() -> None:
    talks = seen([talk("a", "10:00", url="javascript:alert(1)")], at("10:01"))
    assert "javascript" not in whats_on(talks, "!").html


moments = st.integers(0, 48 * 60).map(lambda minutes: at("06:00") + timedelta(minutes=minutes))


@given(programmes(places=3, overlapping=True), moments)
def test_every_moment_has_short_answers(talks: list[Talk], now: datetime) -> None:
    here = seen(talks, now)
    for answer in ANSWERS:
        text = answer(here, "!")
        assert 0 < len(text.plain.split("\n")) <= 14
        assert len(text.plain) < 2000
    told = whats_on(here, "!").plain
    for slot in on_now(here.slots, now):
        assert f'"{slot.talk.title}"' in told
