"""The demo's judge notices whatever the rooms were told wrongly."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulation.demo import sample
from simulation.demo.acts import Ask, Decide, Say, Told
from simulation.demo.sample import BOATHOUSE, CONTROL, LOFT
from simulation.demo.verdict import LATE_AFTER
from tests.simulation.demo.rooms import BOT, SPEED, Rooms, told, wall, wrong

COMMANDS = [
    act for act in sample.SCRIPT if isinstance(act, Say | Ask | Decide) and act.answer is not None
]
CHAT = [act for act in sample.SCRIPT if isinstance(act, Say) and act.answer is None]


def test_all_is_well() -> None:
    verdict = Rooms().judged()
    assert (verdict.good, verdict.faults, wrong(verdict)) == (True, [], {})
    figures = verdict.as_json()
    assert (figures["talks"], figures["rooms"], figures["pins"]) == (8, 2, 8)
    assert figures["notices"] == {
        "announcement": 2,
        "change": 3,
        "countdown": 8,
        "heads_up": 4,
        "hint": 1,
        "letter": 1,
        "moderated": 2,
        "now": 8,
        "qa": 8,
        "qa_closed": 1,
        "recording": 1,
        "start": 1,
    }
    assert figures["lateness_seconds"] == {"p50": 0.1, "max": 0.1}
    assert figures["answer_seconds"] == {"p50": 0.1, "max": 0.1}
    assert figures["commands"] == figures["answers"] >= len(COMMANDS)


@pytest.mark.parametrize("item", sample.TOLD, ids=lambda item: f"{item.at}-{item.kind}")
def test_each_that_is_missing_is_lost(item: Told) -> None:
    verdict = Rooms(without=item).judged()
    if item.holds * 60 / SPEED < LATE_AFTER:
        assert wrong(verdict) == {"overtaken": 1}
        assert verdict.good
    else:
        assert wrong(verdict) == {"lost": 1}
        assert item.words in verdict.faults[0]


@pytest.mark.parametrize("item", sample.TOLD, ids=lambda item: f"{item.at}-{item.kind}")
def test_each_that_is_told_twice_is_doubled(item: Told) -> None:
    rooms = Rooms()
    rooms.tell(item, 5)
    assert wrong(rooms.judged()) == {"doubled": 1}


@pytest.mark.parametrize("item", [item for item in sample.TOLD if item.at], ids=lambda i: i.at)
def test_each_that_comes_late_is_late(item: Told) -> None:
    rooms = Rooms(without=item)
    rooms.tell(item, LATE_AFTER + 0.1)
    verdict = rooms.judged()
    assert wrong(verdict) == {"late": 1}
    assert verdict.as_json()["lateness_seconds"]["max"] == LATE_AFTER + 0.1


def test_what_comes_before_its_time_does_not_count() -> None:
    rooms = Rooms(without=told("qa"))
    rooms.tell(told("qa"), -0.2)
    assert wrong(rooms.judged()) == {"lost": 1, "unexpected": 1}


def test_a_change_is_not_late_before_the_schedule_was_looked_at() -> None:
    change = told("change")
    rooms = Rooms(without=change)
    rooms.tell(change, LATE_AFTER - 0.1)
    verdict = rooms.judged()
    assert wrong(verdict) == {}
    assert verdict.as_json()["lateness_seconds"]["max"] == LATE_AFTER - 0.1


def test_what_was_due_before_a_talk_was_moved_must_not_be_told() -> None:
    rooms = Rooms()
    closing = replace(told("now", BOATHOUSE), at="12:00", words='Now, until 12:30: "Closing')
    rooms.tell(closing)
    verdict = rooms.judged()
    assert wrong(verdict) == {"unexpected": 1}
    assert verdict.faults[0].startswith("Boathouse should not have been told: 12:00:06 Now, until")


def test_what_is_told_without_a_part_of_it_is_lost() -> None:
    item = told("recording")
    rooms = Rooms(without=item)
    rooms.tell(replace(item, also=""))
    assert wrong(rooms.judged()) == {"lost": 1, "unexpected": 1}


def test_told_in_the_wrong_room() -> None:
    item = told("qa")
    rooms = Rooms(without=item)
    rooms.tell(replace(item, room=CONTROL))
    assert wrong(rooms.judged()) == {"lost": 1, "unexpected": 1}


def test_a_countdown_is_an_edit_and_nothing_else_is() -> None:
    rooms = Rooms(without=told("countdown"))
    rooms.tell(replace(told("countdown"), kind="heads_up"))
    assert wrong(rooms.judged()) == {"lost": 1, "unexpected": 1}


def test_a_talk_that_is_on_is_pinned_and_nothing_beside_it() -> None:
    item = told("now")
    rooms = Rooms(without=item)
    event_id = rooms.tell(item, pin=False)
    assert wrong(rooms.judged()) == {"lost": 1}
    content = {"pinned": [event_id, "$before"]}
    rooms.send_event(LOFT, BOT, "m.room.pinned_events", content, wall("10:00"))
    assert wrong(rooms.judged()) == {"lost": 1}
    rooms.send_event(LOFT, BOT, "m.room.pinned_events", {"pinned": [event_id]}, wall("10:00"))
    assert wrong(rooms.judged()) == {}


def test_at_a_higher_speed_more_is_overtaken() -> None:
    rooms = Rooms(without=told("heads_up"))
    assert wrong(rooms.judged()) == {"lost": 1}
    assert wrong(rooms.judged(speed=240)) == {"overtaken": 1}


@pytest.mark.parametrize("act", COMMANDS, ids=lambda act: act.at)
def test_each_command_must_be_answered(act: Say) -> None:
    verdict = Rooms(without=act).judged()
    assert wrong(verdict) == {"lost": 1}
    assert verdict.answers == verdict.commands - 1


def test_a_command_with_another_answer() -> None:
    rooms = Rooms(without=COMMANDS[0])
    rooms.answer(COMMANDS[0], text="I do not know.")
    assert wrong(rooms.judged()) == {"lost": 1}


def test_a_command_that_is_answered_twice() -> None:
    rooms = Rooms()
    rooms.answer(COMMANDS[0], 1)
    assert wrong(rooms.judged()) == {"doubled": 1}


def test_a_command_that_is_answered_late() -> None:
    rooms = Rooms(without=COMMANDS[0])
    rooms.answer(COMMANDS[0], LATE_AFTER + 0.1)
    verdict = rooms.judged()
    assert wrong(verdict) == {"late": 1}
    assert verdict.as_json()["answer_seconds"]["max"] == LATE_AFTER + 0.1


def test_chat_is_not_answered() -> None:
    rooms = Rooms()
    rooms.answer(CHAT[0], text="Good morning.")
    assert wrong(rooms.judged()) == {"unexpected": 1}


def test_somebody_who_looks_on_may_ask_but_is_answered_once() -> None:
    rooms = Rooms()
    asked = rooms.send(LOFT, "@onlooker:x", "!next", wall("10:30"))
    rooms.reply(LOFT, asked, "Next, at 10:55", wall("10:30") + 0.1)
    assert wrong(rooms.judged()) == {}
    rooms.reply(LOFT, asked, "Next, at 10:55", wall("10:30") + 0.2)
    assert wrong(rooms.judged()) == {"doubled": 1}


def test_a_redacted_message_is_not_there() -> None:
    rooms = Rooms()
    rooms.send_event(LOFT, BOT, "m.room.message", {}, wall("10:30"))
    assert wrong(rooms.judged()) == {}


def test_times_in_faults_are_the_conferences() -> None:
    rooms = Rooms()
    rooms.send(LOFT, BOT, "Surprise\x1b[31m!", wall("10:30"))
    assert rooms.judged().faults == ["Sail Loft should not have been told: 10:30:00 Surprise[31m!"]
