"""What of a chat stays where the homeserver has it no more: which lines, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fosdembot.transcripts import model_file
from fosdembot.transcripts.model import Gap, Line, Quote, Span, Transcript
from fosdembot.transcripts.past import (
    AT_ONCE,
    MOST_ASKED,
    Kept,
    kept,
    lost,
    may_stay,
    past,
    placed,
)
from fosdembot.transcripts.times import LAST_SEQ
from fosdembot.transcripts.window import Window

from .samples import at, message, transcript

TALK = Window(at(0), at(30))
FOLLOW = timedelta(hours=2)
ROOM = "!hall:example.org"


class Homeserver:
    """Has these events no more."""

    def __init__(self, lost: Iterable[str]) -> None:
        self.lost = set(lost)
        self.asked: list[str] = []

    async def is_lost(self, event: str) -> bool:
        self.asked.append(event)
        return event in self.lost


def ids(count: int) -> list[str]:
    return [f"${number}" for number in range(count)]


# Which.


@pytest.mark.parametrize("count", [0, 1, 2, AT_ONCE])
async def test_each_of_a_few_is_asked_for(count: int) -> None:
    events = ids(count)
    server = Homeserver(events[::2])
    assert await lost(events, server.is_lost) == set(events[::2])
    assert sorted(server.asked) == sorted(events)


@pytest.mark.parametrize("until", [0, 1, 777, 79_999, 80_000])
async def test_of_many_it_is_found_up_to_which_they_are_gone(until: int) -> None:
    events = ids(80_000)
    server = Homeserver(events[:until])
    assert await lost(events, server.is_lost) == set(events[:until])
    assert len(server.asked) <= AT_ONCE + 12


async def test_a_homeserver_that_says_now_this_now_that_is_not_asked_without_end() -> None:
    events = ids(80_000)
    server = Homeserver(events[::800])
    await lost(events, server.is_lost)
    assert len(server.asked) <= MOST_ASKED


def test_what_is_of_another_time_now_does_not_stay() -> None:
    quote = Quote(id="$x")
    for minute, given, stays in (
        (-1, {}, False),
        (0, {}, True),
        (29, {}, True),
        (30, {}, False),
        (31, {"reply_to": quote}, True),
        (31, {"thread": "$x"}, True),
        (150, {"thread": "$x"}, False),
    ):
        line = message("a", "a", at=at(minute), **given)
        assert may_stay(line, TALK, FOLLOW) == stays, (minute, given)


def of(window: Window, room: str | None = ROOM) -> Transcript:
    span = Span(start=window.start, end=window.end)
    return transcript().model_copy(update={"window": span, "room_id": room})


def test_only_the_chat_of_the_same_room_and_time_stays(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    line = message("a", "a")
    model_file.write(path, of(TALK), [line])
    later = Window(at(30), at(60))
    for old, window, found in (
        (None, TALK, []),
        (of(TALK), TALK, [line]),
        (of(TALK), Window(at(-10), at(25)), [line]),
        (of(TALK), later, []),
        (of(TALK, "!other:example.org"), TALK, []),
        (of(TALK, None), TALK, []),
    ):
        assert list(past(old, path, ROOM, window, FOLLOW)()) == found


def test_a_model_that_breaks_off_keeps_nothing_from_being_made(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    model_file.write(path, of(TALK), [message("a", "a"), message("b", "b")])
    path.write_text("\n".join(path.read_text().split("\n")[:2]))
    assert len(list(past(of(TALK), path, ROOM, TALK, FOLLOW)())) == 1


# Where.


def ms(moment: datetime) -> int:
    return round((moment - at(0)).total_seconds() * 1000)


def said(id_: str, minute: float, **more: Any) -> Kept:
    return Kept(f"${id_}", ms(at(minute)), message(id_, id_, at=at(minute), **more))


def order(lines: list[Kept], read: dict[str, float]) -> list[str]:
    """Of what stays, among what was `read` (its minutes)."""
    places = {event: number for number, event in enumerate(read, start=1)}
    dates = iter([(places[event], ms(at(minute))) for event, minute in read.items()])
    found = list(placed(lines, dates, places.get, len(lines)))
    keys: dict[tuple[float, int], str] = {(place, place): event for event, place in places.items()}
    keys |= {(each.place, each.seq): each.kept.id for each in found}
    assert len(keys) == len(read) + len(lines)
    return [keys[key] for key in sorted(keys)]


def test_lines_stand_where_their_time_is() -> None:
    first, second, last = said("a", 1), said("b", 2), said("c", 9)
    assert order([first, second], {"$x": 5, "$y": 6}) == ["$a", "$b", "$x", "$y"]
    assert order([last], {"$x": 5, "$y": 6}) == ["$x", "$y", "$c"]
    assert order([first, said("d", 5.5), last], {"$x": 5, "$y": 6}) == (
        ["$a", "$x", "$d", "$y", "$c"]
    )


def test_threads_stay_together() -> None:
    reply = said("r", 8, thread="$a")
    assert order([said("a", 1), reply, said("b", 2)], {"$x": 5}) == ["$a", "$r", "$b", "$x"]
    assert order([said("r", 8, thread="$x")], {"$x": 5, "$y": 6}) == ["$x", "$r", "$y"]


def test_what_replied_in_a_thread_whose_beginning_is_gone_stands_for_itself() -> None:
    (found,) = placed([said("r", 8, thread="$gone")], iter([]), lambda event: None, 1)
    assert found.thread is None
    assert found.seq > -LAST_SEQ


def test_a_gap_beside_what_stays_stays() -> None:
    gap = Gap(after=at(2), why="lost")
    lines: list[Line] = [gap, message("a", "a"), gap, message("b", "b"), gap]
    found = [each.line for each in kept(iter(lines), {"$a"}, ms)]
    assert found == [gap, lines[1], gap]
    assert list(kept(iter(lines), set(), ms)) == []
