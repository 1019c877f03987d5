"""What the demo tells in the terminal."""

from __future__ import annotations

from typing import Any

import click
import pytest

from simulation.demo import sample
from simulation.demo.acts import Room
from simulation.demo.narrator import Narrator
from simulation.demo.sample import BOATHOUSE, CONTROL, LOFT, moment
from simulation.demo.sample_meeting import MEETING

BOT = f"@{sample.BOT}:x"


class Terminal:
    def __init__(self, width: int | None = None) -> None:
        self.written: list[str] = []
        self._narrator = Narrator(self.written.append, width)

    @property
    def lines(self) -> list[str]:
        return [click.unstyle(line) for line in self.written]

    def direction(self, text: str) -> None:
        self._narrator.direction(moment("11:05"), text)

    def event(self, kind: str, content: dict[str, Any], room: Room = LOFT, **more: Any) -> None:
        event = {"type": kind, "sender": "@lena:x", "event_id": "$1", "content": content} | more
        self._narrator.event(moment("10:06"), room, event)

    def said(
        self,
        body: Any,
        event_id: str = "$1",
        sender: str = "@lena:x",
        room: Room = LOFT,
        **content: Any,
    ) -> None:
        content["body"] = body
        self.event("m.room.message", content, room, event_id=event_id, sender=sender)

    def react(
        self, to: str, key: str, sender: str = "@lena:x", event_id: str = "$reaction"
    ) -> None:
        relation = {"rel_type": "m.annotation", "event_id": to, "key": key}
        self.event("m.reaction", {"m.relates_to": relation}, sender=sender, event_id=event_id)

    def said_by(self) -> list[tuple[str, str]]:
        """Of each line who, and what."""
        return [(line[18:27].strip(), line[29:]) for line in self.lines]


def test_time_room_person_and_words_stand_below_one_another() -> None:
    terminal = Terminal()
    terminal.said("Good morning!\nAll of you.")
    terminal.direction("A newer schedule is published.")
    assert terminal.lines == [
        "10:06  Sail Loft  lena       Good morning!",
        "                             All of you.",
        "11:05                        A newer schedule is published.",
    ]


def test_of_an_edit_only_that_which_is_new_is_told() -> None:
    terminal = Terminal()
    for body in (
        "Now\n1 Why?\n2 How?",
        "Now\n2 How!\n1 Why?\n3 Who?",
        "Now\n1 Why?",
        "1 Why?\nNow",
    ):
        terminal.said(body, **edit(body) if terminal.written else {})
    assert terminal.lines[3:] == [
        "10:06  Sail Loft  lena       (edited) 2 How!",
        "                             3 Who?",
        "10:06  Sail Loft  lena       (edited) gone: 2 How!",
        "                             gone: 3 Who?",
        "10:06  Sail Loft  lena       (edited) 1 Why?",
    ]


def test_an_edit_of_something_unknown() -> None:
    terminal = Terminal()
    terminal.said("* in 5 minutes", **edit("in 5 minutes"))
    assert terminal.lines == ["10:06  Sail Loft  lena       (edited) in 5 minutes"]


def test_reactions_name_what_they_are_to() -> None:
    terminal = Terminal()
    terminal.said("!ask How small can it possibly get, please?", event_id="$asked")
    terminal.react("$asked", "👍", "@yuki:x")
    terminal.react("$asked", "Q12", BOT)
    terminal.react("$asked", "👍🏽", "@tomas:x", event_id="$vote")
    terminal.event("m.room.redaction", {"redacts": "$vote"}, sender="@tomas:x")
    terminal.react("$before", "👍")
    assert terminal.said_by() == [
        ("lena", "!ask How small can it possibly get, please?"),
        ("yuki", '👍  "!ask How small can it possibly get,…"'),
        ("fosdembot", 'Q12  "!ask How small can it possibly get,…"'),
        ("tomas", "👍🏽  Q12"),
        ("tomas", "takes back 👍🏽  Q12"),
        ("lena", '👍  "an earlier message"'),
    ]


def test_cards_are_called_by_room_and_number_and_their_buttons_not_told() -> None:
    terminal = Terminal()
    terminal.said("sail-loft 12 ⭐ next: How small?", event_id="$card", sender=BOT)
    terminal.react("$card", "✅", BOT)
    terminal.react("$card", "✅", "@sanne:x")
    terminal.event(
        "m.room.message",
        {"body": "done", "m.relates_to": {"m.in_reply_to": {"event_id": "$card"}}},
        sender="@sanne:x",
    )
    assert terminal.said_by()[1:] == [
        ("sanne", "✅  sail-loft 12"),
        ("sanne", "done  (to sail-loft 12)"),
    ]


def test_what_is_deleted_is_told() -> None:
    terminal = Terminal()
    terminal.said("How small?", event_id="$said")
    terminal.event("m.room.redaction", {"redacts": "$said"})
    terminal.event("m.room.redaction", {"redacts": "$other"})
    assert terminal.lines[1:] == ['10:06  Sail Loft  lena       deletes "How small?"']


def test_people_come_in_once() -> None:
    terminal = Terminal()
    terminal.event("m.room.member", {"membership": "join"}, CONTROL)
    renamed = {"prev_content": {"membership": "join"}}
    terminal.event("m.room.member", {"membership": "join"}, unsigned=renamed)
    terminal.event("m.room.member", {"membership": "leave"})
    assert terminal.lines == ["10:06  Control    lena       comes in"]


def test_of_a_meeting_is_told_who_leaves() -> None:
    terminal = Terminal()
    terminal.said("!next", room=MEETING)
    terminal.event("m.room.member", {"membership": "leave"}, MEETING)
    assert terminal.lines == [
        "10:06  Meeting    lena       !next",
        "10:06  Meeting    lena       leaves",
    ]


def edit(body: Any) -> dict[str, Any]:
    """Of an edit that turns message `$1` into this."""
    relation = {"rel_type": "m.replace", "event_id": "$1"}
    return {"m.new_content": {"body": body}, "m.relates_to": relation}


@pytest.mark.parametrize("body", [None, 7, {}])
def test_other_events_pass_in_silence(body: Any) -> None:
    terminal = Terminal()
    terminal.said(body)
    terminal.said("x", **edit(body))
    terminal.event("m.room.pinned_events", {"pinned": ["$1"]})
    assert terminal.written == []


def test_nothing_that_is_said_commands_the_terminal() -> None:
    terminal = Terminal()
    terminal.said("red \x1b[31m, gone \x1b[2J\r\x07\x9b\u202e" + "x" * 5000)
    (line,) = terminal.lines
    assert line.startswith("10:06  Sail Loft  lena       red [31m, gone [2J xxx")
    assert line.isprintable()
    assert len(line) < 1100


def test_long_lines_are_broken_below_where_they_began() -> None:
    terminal = Terminal(width=60)
    terminal.said("one two three four five six seven eight nine ten")
    assert terminal.lines == [
        "10:06  Sail Loft  lena       one two three four five six",
        "                             seven eight nine ten",
    ]


def test_rooms_differ_in_colour() -> None:
    terminal = Terminal()
    terminal.said("x")
    terminal.event("m.room.message", {"body": "x"}, BOATHOUSE)
    loft, boathouse = terminal.written
    assert loft.partition(LOFT.name)[0] != boathouse.partition(BOATHOUSE.name)[0]
