"""What is told, when, and that it is told exactly once and true."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.delays import Refused, cancel, delay, end, on_instead, reset, start
from fosdembot.talks.messages import Message, run_through, tell, wake_at
from fosdembot.talks.notices import APART, Kind, Notice, plan
from fosdembot.talks.slots import Override, build_slots
from fosdembot.talks.wording import MOST_LINES

from .programme import BRUSSELS, ROOM, at, notices, programmes, talk

ADA = ("Ada L.", "Grace H.")
ASK = "Ask: !ask your question. Vote: 👍 on a question, or !vote 12"


def planned(
    talks: list[Talk], rules: Settings | None = None, overrides: dict[str, Override] | None = None
) -> list[Notice]:
    rules = rules or Settings()
    return plan(build_slots(talks, overrides or {}, rules), rules, ROOM, False, BRUSSELS)


def at_once(
    talks: list[Talk], clock: str, rules: Settings | None = None, told: dict[str, str] | None = None
) -> list[Message]:
    return tell(planned(talks, rules), told or {}, at(clock), BRUSSELS, "!")


def script(talks: list[Talk], rules: Settings | None = None) -> str:
    """All that is told; `*` marks an edit."""
    told = "\n"
    for moment, message in run_through(planned(talks, rules), BRUSSELS, "!"):
        mark = "*" if message.edit_of else ""
        text = message.text.plain.replace("\n", "\n      ")
        told += f"{moment.astimezone(BRUSSELS):%H:%M} {mark}{text}\n"
    return told


def devroom() -> list[Talk]:
    return [
        talk("a", "10:00", title="Tiny kernels", persons=ADA),
        talk("b", "10:30", title="Big kernels", hallway="#hall:example.org"),
        talk("c", "10:55", 5, title="Lightning", hallway="#hall:example.org"),
    ]


def test_a_devroom_hour() -> None:
    assert (
        script(devroom())
        == """
09:50 Starting at 10:00: "Tiny kernels" with Ada L. and Grace H. Then 2 more talks today: !schedule
09:55 *Starting in 5 minutes, at 10:00: "Tiny kernels" with Ada L. and Grace H. \
Then 2 more talks today: !schedule
09:59 *Starting in 1 minute, at 10:00: "Tiny kernels" with Ada L. and Grace H. \
Then 2 more talks today: !schedule
10:00 Now, until 10:25: "Tiny kernels" with Ada L. and Grace H.
      Ask: !ask your question. Vote: 👍 on a question, or !vote 12. Q&A at 10:20
10:20 Q&A until 10:25. No question is waiting: !ask yours
      Then, at 10:30: "Big kernels"
10:30 Now, until 10:55: "Big kernels"
      Ask: !ask your question. Vote: 👍 on a question, or !vote 12. Q&A at 10:50
10:50 Q&A until 10:55. No question is waiting: !ask yours
      Then, at 10:55: "Lightning". Afterwards, come to #hall:example.org
10:55 Now, until 11:00: "Lightning"
      Ask: !ask your question. Vote: 👍 on a question, or !vote 12. \
Afterwards, come to #hall:example.org
"""
    )


def test_the_end_of_a_session_in_full() -> None:
    rules = notices(level="full", qa_minutes=10)
    talks = [*devroom()[:2], talk("d", "14:00")]
    _, told = script(talks, rules).split("Q&A at 10:15\n")
    told, _ = told.split("13:50")
    assert (
        told
        == """\
10:15 Q&A until 10:25. No question is waiting: !ask yours
      Then, at 10:30: "Big kernels"
10:20 5 minutes left, until 10:25: "Tiny kernels"
10:30 Now, until 10:55: "Big kernels"
      Ask: !ask your question. Vote: 👍 on a question, or !vote 12. Q&A at 10:45
10:45 Q&A until 10:55. No question is waiting: !ask yours
      Then, at 14:00: "Talk d"
10:50 5 minutes left, until 10:55: "Big kernels"
10:55 "Big kernels" is over. Then, at 14:00: "Talk d". Afterwards, come to #hall:example.org
"""
    )


def test_two_halls_in_one_room_are_named_and_told_together() -> None:
    talks = [
        talk("a", "10:00", 50, room="Janson", title="Left", persons=("Ada",)),
        talk("b", "10:00", 25, room="La Fontaine", title="Right"),
        talk("c", "10:30", 25, room="La Fontaine", title="Later"),
    ]
    assert (
        script(talks)
        == """
09:50 Starting at 10:00 in Janson: "Left" with Ada
      Starting at 10:00 in La Fontaine: "Right"
      Then 1 more talk today: !schedule
09:55 *Starting in 5 minutes, at 10:00, in Janson: "Left" with Ada
      Starting in 5 minutes, at 10:00, in La Fontaine: "Right"
      Then 1 more talk today: !schedule
09:59 *Starting in 1 minute, at 10:00, in Janson: "Left" with Ada
      Starting in 1 minute, at 10:00, in La Fontaine: "Right"
      Then 1 more talk today: !schedule
10:00 Now in Janson, until 10:50: "Left" with Ada
      Now in La Fontaine, until 10:25: "Right"
      Ask: !ask your question. Vote: 👍 on a question, or !vote 12
10:20 Q&A in La Fontaine until 10:25: "Right". No question is waiting: !ask yours
      Then, at 10:30: "Later"
10:30 Now in La Fontaine, until 10:55: "Later"
      Ask: !ask your question. Vote: 👍 on a question, or !vote 12
10:45 Q&A in Janson until 10:50: "Left". No question is waiting: !ask yours
10:50 Q&A in La Fontaine until 10:55: "Later". No question is waiting: !ask yours
"""
    )


def test_what_falls_together_in_two_halls_is_one_message() -> None:
    talks = [
        talk("a", "10:00", 25, room="Janson", title="Left"),
        talk("b", "10:20", 25, room="La Fontaine", title="Right"),
    ]
    (message,) = at_once(talks, "10:20", told=dict.fromkeys([planned(talks)[3].key], "x"))
    assert message.text.plain == (
        'Now in La Fontaine, until 10:45: "Right"\nQ&A in Janson until 10:25: "Left". '
        f"No question is waiting: !ask yours\n{ASK}"
    )
    assert message.pin


def test_a_place_without_a_name_is_not_named() -> None:
    talks = [talk("a", "10:00", room="", track=""), talk("b", "10:00", room="Janson")]
    (message,) = at_once(talks, "10:00")
    assert message.text.plain.split("\n")[0].startswith("Now, until 10:25")


def test_a_crowd_of_talks_is_bounded() -> None:
    talks = [
        talk(f"{n:02}", "10:00", room=f"Hall {n}", title="x" * 500, persons=("y" * 500,) * 9)
        for n in range(32)
    ]
    (message,) = at_once(talks, "10:00")
    assert len(message.keys) == 32
    lines = message.text.plain.split("\n")
    assert len(lines) == MOST_LINES + 2
    assert lines[-2:] == ["And 22 more talks: !schedule", ASK]
    assert len(message.text.plain) < 4000
    assert "yyy" not in message.text.plain
    (heads_up,) = at_once([*talks, talk("z", "11:00")], "09:50")
    assert heads_up.text.plain.split("\n")[MOST_LINES:] == ["And 22 more talks: !schedule"]


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("09:49:59", None),
        ("09:53", 'Starting at 10:00: "Talk a"'),
        ("09:54", None),
        ("09:55", None),
        ("10:10", f'Now, until 10:25: "Talk a"\n{ASK}. Q&A at 10:20'),
        ("10:22", f'Now, until 10:25: "Talk a"\n{ASK}. Q&A at 10:20'),
        ("10:25", None),
    ],
)
def test_a_late_start_says_one_true_thing(clock: str, expected: str | None) -> None:
    found = at_once([talk("a", "10:00")], clock)
    assert [message.text.plain for message in found] == ([expected] if expected else [])


def test_what_is_better_said_is_used_up() -> None:
    talks = [talk("a", "10:00")]
    (message,) = at_once(talks, "10:22", notices(level="full", qa_minutes=10))
    assert [key.split("/")[0] for key in message.keys] == ["now", "qa", "time_left"]
    told = dict.fromkeys(message.keys, message.key)
    assert at_once(talks, "10:22", notices(level="full", qa_minutes=10), told) == []


def test_a_late_heads_up_needs_no_edit_at_once() -> None:
    talks, rules = [talk("a", "10:00")], notices(countdown_minutes=[7])
    (message,) = at_once(talks, "09:53:30", rules)
    assert [key.split("/")[0] for key in message.keys] == ["heads_up", "countdown7"]
    told = dict.fromkeys(message.keys, message.key)
    assert at_once(talks, "09:54", rules, told) == []


def test_late_questions_say_what_is_left() -> None:
    talks, rules = [talk("a", "10:00")], notices(level="full", qa_minutes=10)
    (now,) = at_once(talks, "10:00", rules)
    (message,) = at_once(talks, "10:21", rules, {now.key: now.key})
    assert message.text.plain == (
        "Q&A until 10:25. No question is waiting: !ask yours\nNo more talks here today"
    )
    assert [key.split("/")[0] for key in message.keys] == ["qa", "time_left"]


def test_a_countdown_edits_the_message_that_told_its_heads_up() -> None:
    talks = [talk("a", "10:00", room="Janson"), talk("b", "10:00", room="La Fontaine")]
    told: dict[str, str] = {}
    (heads_up,) = at_once(talks, "09:50")
    told |= dict.fromkeys(heads_up.keys, heads_up.key)
    (countdown,) = at_once(talks, "09:55", told=told)
    assert countdown.edit_of == heads_up.key
    assert len(countdown.keys) == 2
    # Told apart, because one came later: two messages, two edits.
    told = {key: key for key in heads_up.keys}
    assert {message.edit_of for message in at_once(talks, "09:55", told=told)} == set(heads_up.keys)


def test_no_countdown_without_a_heads_up() -> None:
    assert at_once([talk("a", "10:00")], "09:55") == []


def test_the_most_urgent_comes_first() -> None:
    rules = notices(level="full", heads_up_minutes=5)
    talks = [talk("a", "10:00"), talk("b", "10:00", room="Hall 2"), talk("c", "10:45")]
    urgencies = {
        message.kind: message.urgency
        for _, message in run_through(planned(talks, rules), BRUSSELS, "!")
    }
    order = [Kind.NOW, Kind.QA, Kind.HEADS_UP, Kind.OVER, Kind.COUNTDOWN]
    assert sorted(urgencies, key=lambda kind: urgencies[kind]) == order


def test_a_message_expires_when_a_part_of_it_is_no_longer_true() -> None:
    talks = [talk("a", "10:00", 25), talk("b", "10:00", 50, room="Hall 2")]
    (message,) = at_once(talks, "10:00")
    assert message.expires == at("10:25")


def test_the_prefix_is_the_settings() -> None:
    (message, *_) = tell(planned(devroom()), {}, at("09:50"), BRUSSELS, "~")
    assert message.text.plain.endswith("~schedule")


def test_times_are_told_as_the_stream_shows_them() -> None:
    rules = notices(stream_delay_seconds=120)
    assert at_once([talk("a", "10:00")], "10:00", rules) == []
    (message,) = at_once([talk("a", "10:00")], "10:02", rules)
    assert message.text.plain == f'Now, until 10:27: "Talk a"\n{ASK}. Q&A at 10:22'


@pytest.mark.parametrize(
    ("start", "until", "qa"),
    [
        (at("01:50", day=29, month=3), "03:15", "03:10"),
        (at("02:50", day=25, month=10), "02:15 CET", "02:10 CET"),
        (at("23:50"), "00:15", "00:10"),
    ],
)
def test_times_across_midnight_and_changes_of_the_clock(
    start: datetime, until: str, qa: str
) -> None:
    (message,) = tell(planned([talk("a", start)]), {}, start, BRUSSELS, "!")
    assert message.text.plain == f'Now, until {until}: "Talk a"\n{ASK}. Q&A at {qa}'


hostile = st.text(max_size=300) | st.sampled_from(
    ["@room", "<script>alert(1)</script>", "\u202eevil", "a\nb", "{title}", "&amp;", "\u0301" * 99]
)


@given(hostile, hostile, hostile)
def test_hostile_names_stay_names(title: str, person: str, place: str) -> None:
    talks = [
        talk("a", "10:00", title=title, persons=(person,), room=place, hallway="#" + person),
        talk("b", "10:00", room="Hall 2"),
    ]
    for _, message in run_through(planned(talks, notices(level="full")), BRUSSELS, "!"):
        assert "@room" not in message.text.plain.lower()
        assert "<script" not in message.text.html
        assert "\u202e" not in message.text.plain
        assert len(message.text.plain) < 2000
        assert len(message.text.plain.split("\n")) <= 6


@given(programmes(places=3, overlapping=True), st.integers(0, 40 * 60))
def test_whenever_the_bot_wakes_each_talk_is_told_once(talks: list[Talk], minutes: int) -> None:
    now = at("08:00") + timedelta(minutes=minutes)
    messages = tell(planned(talks, notices(level="full")), {}, now, BRUSSELS, "!")
    kinds = [message.kind for message in messages]
    assert kinds.count(Kind.HEADS_UP) <= 1
    assert len(messages) - kinds.count(Kind.HEADS_UP) <= 1
    starts = Counter(key.split("/", 1)[1] for message in messages for key in message.keys)
    on = [slot for slot in build_slots(talks, {}, Settings()) if slot.start <= now < slot.end]
    said = [key for message in messages for key in message.keys if key.startswith("now/")]
    assert len(said) == len([slot for slot in on if slot.end - slot.start >= APART])
    assert all(len({key.split("/")[0] for key in starts}) <= 4 for _ in starts)


@given(st.data(), programmes(places=2, most=5))
def test_exactly_once_through_downtime_and_decisions(
    data: st.DataObject, talks: list[Talk]
) -> None:
    """A day with a bot that is away now and then, while moderators move talks."""
    rules = notices(level=data.draw(st.sampled_from(["quiet", "standard", "full"])))
    overrides: dict[str, Override] = {}
    told: dict[str, str] = {}
    now = min(talk.start for talk in talks) - timedelta(minutes=30)
    sent: list[Message] = []
    for _ in range(data.draw(st.integers(1, 30))):
        found = planned(talks, rules, overrides)
        for message in tell(found, told, now, BRUSSELS, "!"):
            assert message.key == message.keys[0]
            assert not set(message.keys) & set(told)
            assert now < message.expires
            told |= dict.fromkeys(message.keys, message.key)
            assert message.edit_of is None or message.edit_of in {m.key for m in sent}
            sent.append(message)
        by_key = {notice.key: notice for notice in found}
        for key in told:
            if key in by_key and key.startswith("now/"):
                assert by_key[key].due <= now
        # Nothing more to say until something falls due.
        assert tell(found, told, now, BRUSSELS, "!") == []
        wake = wake_at(found, told, now)
        assert wake is None or wake > now
        if data.draw(st.booleans()) and wake is not None:
            now = wake
        else:
            now += timedelta(minutes=data.draw(st.integers(1, 90)))
        if data.draw(st.integers(0, 3)) == 0:
            slots = build_slots(talks, overrides, rules)
            guid = data.draw(st.sampled_from([talk.guid for talk in talks]))
            decision = data.draw(st.sampled_from([start, end, on_instead, cancel, reset, None]))
            try:
                if decision is None:
                    overrides |= delay(slots, overrides, guid, data.draw(st.integers(0, 60)), now)
                else:
                    overrides |= decision(slots, overrides, guid, now)
            except Refused:
                pass
    keys = [key for message in sent for key in message.keys]
    assert len(keys) == len(set(keys))


@given(programmes(places=2), st.sampled_from(["quiet", "standard", "full"]))
def test_woken_in_time_everything_is_told(talks: list[Talk], level: str) -> None:
    found = planned(talks, notices(level=level))
    told: dict[str, str] = {}
    now: datetime | None = found[0].due - timedelta(hours=1) if found else None
    while now is not None:
        for message in tell(found, told, now, BRUSSELS, "!"):
            told |= dict.fromkeys(message.keys, message.key)
        now = wake_at(found, told, now)
    assert set(told) == {notice.key for notice in found}
