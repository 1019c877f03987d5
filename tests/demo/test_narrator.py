"""What the demo tells in the terminal."""

from __future__ import annotations

from typing import Any

import click
import pytest

from fosdembot.demo.narrator import Narrator
from fosdembot.demo.sample import BOATHOUSE, CONTROL, LOFT, Room, moment


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
        event = {"type": kind, "sender": "@lena:x", "content": content, **more}
        self._narrator.event(moment("10:06"), room, event)

    def said(self, body: Any, **content: Any) -> None:
        self.event("m.room.message", {"body": body, **content})


def test_time_room_person_and_words_stand_below_one_another() -> None:
    terminal = Terminal()
    terminal.said("Good morning!\nAll of you.")
    terminal.direction("A newer schedule is published.")
    assert terminal.lines == [
        "10:06  Sail Loft  lena       Good morning!",
        "                             All of you.",
        "11:05                        A newer schedule is published.",
    ]


def test_an_edit_is_told_with_its_new_words() -> None:
    terminal = Terminal()
    terminal.said("* in 5 minutes", **{"m.new_content": {"body": "in 5 minutes"}})
    assert terminal.lines == ["10:06  Sail Loft  lena       (edited) in 5 minutes"]


def test_people_come_in_once() -> None:
    terminal = Terminal()
    terminal.event("m.room.member", {"membership": "join"}, CONTROL)
    renamed = {"prev_content": {"membership": "join"}}
    terminal.event("m.room.member", {"membership": "join"}, unsigned=renamed)
    terminal.event("m.room.member", {"membership": "leave"})
    assert terminal.lines == ["10:06  Control    lena       comes in"]


@pytest.mark.parametrize("body", [None, 7, {}])
def test_other_events_pass_in_silence(body: Any) -> None:
    terminal = Terminal()
    terminal.said(body)
    terminal.said("x", **{"m.new_content": {"body": body}})
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
