"""The demo's judge notices whatever the rooms were told wrongly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from fosdembot.clock import ScaledClock
from fosdembot.demo import sample
from fosdembot.demo.judge import LATE_SECONDS, Verdict, judge
from fosdembot.demo.sample import BOATHOUSE, CONTROL, LOFT, Room, Say, Told, moment

BOT = "@bot:conference.localhost"
SPEED = 60
POLL = 1.0
CLOCK = ScaledClock(moment(sample.OPENING), SPEED, datetime(2026, 1, 1, tzinfo=UTC))

COMMANDS = [act for act in sample.SCRIPT if isinstance(act, Say) and act.answer is not None]
CHAT = [act for act in sample.SCRIPT if isinstance(act, Say) and act.answer is None]


class Rooms:
    """Rooms in which all went well, 0.1 s after its time, until the test spoils something."""

    def __init__(self, *, without: Told | Say | None = None) -> None:
        self.events: dict[Room, list[dict[str, Any]]] = {room: [] for room in sample.ROOMS}
        self.said: list[tuple[Say, str]] = []
        self._ids = count(1)
        for item in sample.TOLD:
            if item is not without:
                self.tell(item)
        for act in (*COMMANDS, *CHAT):
            asked = self.send(act.room, f"@{act.who}:x", act.text, wall(act.at))
            self.said.append((act, asked))
            if act.answer is not None and act is not without:
                self.answer(act)

    def tell(self, item: Told, after: float = 0.1, *, pin: bool = True) -> str:
        """So many seconds after its time."""
        at = wall(item.at or sample.OPENING) + after + (POLL if item.kind == "change" else 0)
        event_id = self.send(item.room, BOT, item.words + " and so on", at)
        if item.kind == "countdown":
            content = self.events[item.room][-1]["content"]
            content["m.new_content"] = {"body": content["body"]}
            content["m.relates_to"] = {"rel_type": "m.replace", "event_id": "$any"}
            content["body"] = "* " + content["body"]
        if item.kind == "now" and pin:
            self.send_event(item.room, BOT, "m.room.pinned_events", {"pinned": [event_id]}, at)
        return event_id

    def answer(self, act: Say, after: float = 0.1, text: str | None = None) -> None:
        asked = next(event_id for said, event_id in self.said if said is act)
        said = text if text is not None else f"It is so: {act.answer}!"
        self.send(act.room, BOT, said, wall(act.at) + after)
        relation = {"m.in_reply_to": {"event_id": asked}}
        self.events[act.room][-1]["content"]["m.relates_to"] = relation

    def send(self, room: Room, sender: str, body: str, at: float) -> str:
        content = {"msgtype": "m.text", "body": body}
        return self.send_event(room, sender, "m.room.message", content, at)

    def send_event(
        self, room: Room, sender: str, kind: str, content: dict[str, Any], at: float
    ) -> str:
        event_id = f"${next(self._ids)}"
        self.events[room].append(
            {
                "event_id": event_id,
                "sender": sender,
                "type": kind,
                "origin_server_ts": round(at * 1000),
                "content": content,
            }
        )
        return event_id

    def judged(self, speed: float = SPEED) -> Verdict:
        return judge(self.events, self.said, sample.TOLD, BOT, CLOCK, speed, POLL)


def wall(clock: str) -> float:
    return CLOCK.to_wall(moment(clock)).timestamp()


def wrong(verdict: Verdict) -> dict[str, int]:
    """The counts that are not 0."""
    kinds = ("lost", "doubled", "late", "unexpected", "overtaken")
    return {kind: number for kind in kinds if (number := getattr(verdict, kind))}


def told(kind: str, room: Room = LOFT) -> Told:
    return next(item for item in sample.TOLD if item.kind == kind and item.room is room)


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
        "now": 8,
        "qa": 8,
        "start": 1,
    }
    assert figures["lateness_seconds"] == {"p50": 0.1, "max": 0.1}
    assert figures["answer_seconds"] == {"p50": 0.1, "max": 0.1}
    assert figures["commands"] == figures["answers"] == len(COMMANDS)


@pytest.mark.parametrize("item", sample.TOLD, ids=lambda item: f"{item.at}-{item.kind}")
def test_each_that_is_missing_is_lost(item: Told) -> None:
    verdict = Rooms(without=item).judged()
    if item.holds * 60 / SPEED < LATE_SECONDS:
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
    rooms.tell(item, LATE_SECONDS + 0.1)
    verdict = rooms.judged()
    assert wrong(verdict) == {"late": 1}
    assert verdict.as_json()["lateness_seconds"]["max"] == LATE_SECONDS + 0.1


def test_what_comes_before_its_time_does_not_count() -> None:
    rooms = Rooms(without=told("qa"))
    rooms.tell(told("qa"), -0.2)
    assert wrong(rooms.judged()) == {"lost": 1, "unexpected": 1}


def test_a_change_is_not_late_before_the_schedule_was_looked_at() -> None:
    change = told("change")
    rooms = Rooms(without=change)
    rooms.tell(change, LATE_SECONDS - 0.1)
    verdict = rooms.judged()
    assert wrong(verdict) == {}
    assert verdict.as_json()["lateness_seconds"]["max"] == LATE_SECONDS - 0.1


def test_what_was_due_before_a_talk_was_moved_must_not_be_told() -> None:
    rooms = Rooms()
    closing = replace(told("now", BOATHOUSE), at="12:00", words='Now, until 12:30: "Closing')
    rooms.tell(closing)
    verdict = rooms.judged()
    assert wrong(verdict) == {"unexpected": 1}
    assert verdict.faults[0].startswith("Boathouse should not have been told: 12:00:06 Now, until")


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


@pytest.mark.parametrize("act", COMMANDS, ids=lambda act: f"{act.at}-{act.text}")
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
    rooms.answer(COMMANDS[0], LATE_SECONDS + 0.1)
    verdict = rooms.judged()
    assert wrong(verdict) == {"late": 1}
    assert verdict.as_json()["answer_seconds"]["max"] == LATE_SECONDS + 0.1


def test_chat_is_not_answered() -> None:
    rooms = Rooms()
    rooms.answer(CHAT[0], text="Good morning.")
    assert wrong(rooms.judged()) == {"unexpected": 1}


def test_somebody_who_looks_on_may_ask_but_is_answered_once() -> None:
    rooms = Rooms()
    asked = rooms.send(LOFT, "@onlooker:x", "!next", wall("10:30"))
    for doubled in (0, 1):
        rooms.send(LOFT, BOT, "Next, at 10:55", wall("10:30") + 0.1)
        relation = {"m.in_reply_to": {"event_id": asked}}
        rooms.events[LOFT][-1]["content"]["m.relates_to"] = relation
        assert wrong(rooms.judged()) == ({"doubled": 1} if doubled else {})


def test_a_redacted_message_is_not_there() -> None:
    rooms = Rooms()
    rooms.send_event(LOFT, BOT, "m.room.message", {}, wall("10:30"))
    assert wrong(rooms.judged()) == {}


def test_times_in_faults_are_the_conferences() -> None:
    rooms = Rooms()
    rooms.send(LOFT, BOT, "Surprise\x1b[31m!", wall("10:30"))
    assert rooms.judged().faults == ["Sail Loft should not have been told: 10:30:00 Surprise[31m!"]
