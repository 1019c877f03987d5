"""What an organiser learns before the day: why nothing would be told, and names that match
nothing."""

from __future__ import annotations

from typing import Any

import pytest

from fosdembot.talks.readiness import silence, unmatched, unserved

from .programme import BRUSSELS, ROOM, at, settings, talk

SOURCE = {"source": "schedule.xml"}
TALKS = [
    talk("guid-1", "10:00", id="1", track="Kernel devroom", room="H.1302", chat_room=ROOM),
    talk("guid-2", "10:30", id="2", track="Main track", room="Janson", chat_room=ROOM),
]
MEETING = "https://meet.example.org/kernel"
ROOMLESS = [talk("a", "10:00"), talk("b", "11:00")]


def reasons(entries: list[Any], now: str = "9:00", day: int = 31, **sections: Any) -> list[str]:
    rules = settings(**{"schedule": SOURCE, **sections})
    return [text.plain for text in silence(entries, rules, at(now, day), BRUSSELS)]


def names(**sections: Any) -> list[str]:
    return [text.plain for text in unmatched(TALKS, settings(schedule=SOURCE, **sections))]


def test_what_will_be_told_needs_no_word() -> None:
    assert reasons(TALKS) == []
    assert reasons([*TALKS, *ROOMLESS]) == []
    assert reasons(ROOMLESS, rooms={"default": ROOM}) == []
    assert reasons(TALKS, "10:54") == []


def test_without_a_schedule() -> None:
    [said] = reasons(TALKS, schedule={})
    assert "set schedule.source" in said


@pytest.mark.parametrize("entries", [[], [talk("day", "9:00", 600, chat_room=ROOM)]])
def test_without_talks(entries: list[Any]) -> None:
    [said] = reasons(entries)
    assert said == "There are no talks in the schedule, so no room is told anything."


def test_without_rooms() -> None:
    [said] = reasons(ROOMLESS)
    assert said.startswith("None of 2 talks has a room, so nothing is told: ")
    assert "rooms.default" in said
    assert reasons(ROOMLESS, rooms={"table": {"Karnel": ROOM}}) == [said]
    assert reasons(ROOMLESS, rooms={"table": {"Kernel": ROOM}}) == []


def test_last_year_s_schedule() -> None:
    [said] = reasons(TALKS, "10:56")
    assert said.startswith("All 2 talks are over, the last since 31 Jan 2026, so nothing more")
    assert "last year's schedule, correct schedule.source" in said


def test_notices_that_are_off_for_all() -> None:
    [said] = reasons(TALKS, notices={"level": "off"})
    assert "notices.level is off" in said
    assert reasons(TALKS, notices={"level": "off", "tracks": {"Main track": "quiet"}}) == []
    every = {"Main track": "off", "Kernel devroom": "off"}
    assert len(reasons(TALKS, notices={"tracks": every})) == 1


def test_names_that_match_need_no_word() -> None:
    assert names() == []
    assert names(
        rooms={"table": {"guid-1": ROOM, "2": ROOM, "Main track": ROOM, "Janson": ROOM}},
        jitsi={"table": {"guid-1": MEETING, "2": "", "Main track": MEETING, "Janson": MEETING}},
        notices={
            "tracks": {"Main track": "full"},
            "edits_by_room": {ROOM: "on"},
            "stream_delay_by_room": {ROOM: 5, "Janson": 7},
        },
        prerecorded={"tracks": ["Main track"], "talks": {"1": 20}},
        speakers={"guid-2": ["@ada:example.org"]},
        hosts={"*": "#hosts:example.org", "Kernel devroom": "#hosts:example.org"},
    ) == []  # fmt: skip


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        (
            {"rooms": {"table": {"Kernal devroom": ROOM}}},
            (
                "Setting rooms.table: "
                'no talk, track or place of the schedule is called "Kernal '
                'devroom". Did you mean "Kernel devroom"?'
            ),
        ),
        (
            {"jitsi": {"table": {"Jansen": MEETING}}},
            (
                "Setting jitsi.table: "
                'no talk, track or place of the schedule is called "Jansen". Did you mean "Janson"?'
            ),
        ),
        (
            {"notices": {"tracks": {"kernel devroom": "off"}}},
            (
                "Setting notices.tracks: "
                'no track of the schedule is called "kernel devroom". Did you '
                'mean "Kernel devroom"?'
            ),
        ),
        (
            {"prerecorded": {"tracks": ["Lightning"]}},
            'Setting prerecorded.tracks: no track of the schedule is called "Lightning".',
        ),
        (
            {"prerecorded": {"talks": {"guid-9": 20}}},
            (
                "Setting prerecorded.talks: "
                'no talk of the schedule has the ID "guid-9". Did you mean '
                '"guid-1" or "guid-2"?'
            ),
        ),
        (
            {"speakers": {"17": ["@ada:example.org"]}},
            'Setting speakers: no talk of the schedule has the ID "17".',
        ),
        (
            {"hosts": {"Main tracks": "#hosts:example.org"}},
            (
                "Setting hosts: "
                'no track of the schedule is called "Main tracks". Did you mean '
                '"Main track"?'
            ),
        ),
        (
            {"notices": {"edits_by_room": {"#kernal:example.org": "on"}}},
            (
                "Setting notices.edits_by_room: "
                'no talk takes place in "#kernal:example.org". Did you '
                'mean "#kernel:example.org"?'
            ),
        ),
        (
            {"notices": {"stream_delay_by_room": {"Jansen": 5}}},
            (
                "Setting notices.stream_delay_by_room: "
                'no talk takes place in "Jansen". Did you mean '
                '"Janson"?'
            ),
        ),
    ],
)
def test_a_name_that_matches_nothing_is_named_with_what_was_meant(
    sections: dict[str, Any], said: str
) -> None:
    assert names(**sections) == [said]


def test_hundreds_of_names_are_a_count() -> None:
    said = names(speakers={f"talk {n}": [] for n in range(300)})
    assert len(said) == 21
    assert said[-1] == "And 280 more settings that name nothing in the schedule."


def test_hostile_names_are_one_line() -> None:
    [said] = names(hosts={"a\nb\u202e" * 50: "#hosts:example.org"})
    assert "\n" not in said
    assert "\u202e" not in said
    assert len(said) < 200


def servers(entries: list[Any], **jitsi: Any) -> list[str]:
    return [text.plain for text in unserved(entries, settings(jitsi=jitsi))]


def test_servers_of_meetings_to_which_the_bot_never_connects() -> None:
    linked = talk("a", "10:00", meeting="https://other.example/secret-name")
    day = talk("day", "9:00", 600, meeting="https://day.example/a")
    assert servers(TALKS) == []
    assert servers([linked, day], servers={"other.example": {}}) == []
    away = "Setting jitsi.servers: {} is not named there, so I stay away from the meetings of {}."
    assert servers([linked, day, *TALKS], template="https://meet.example.org:8443/{track}") == [
        away.format("meet.example.org:8443", "2 talks"),
        away.format("other.example", "1 talk"),
    ]


def test_hundreds_of_servers_are_a_count() -> None:
    entries = [talk(str(n), "10:00", meeting=f"https://m{n}.example/a") for n in range(300)]
    said = servers(entries)
    assert len(said) == 21
    assert said[-1] == "And 280 more servers of meetings to which I do not connect."
