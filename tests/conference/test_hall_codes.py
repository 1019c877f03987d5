"""The code that lets people in the hall in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fosdembot.clock import Clock, ScaledClock
from fosdembot.conference.hall_codes import ALPHABET, HallCodes
from simulation.conference import START
from simulation.parts import SetClock

KERNEL, CLOUD = "#kernel:example.org", "#cloud:example.org"


@dataclass
class Rooms:
    names: list[str]

    def addresses(self) -> list[str]:
        return self.names


def codes(clock: Clock, secret: str = "s", rooms: list[str] | None = None) -> HallCodes:
    return HallCodes(secret, 5, Rooms(rooms or [KERNEL, CLOUD]), clock)


def test_a_code_is_short_and_has_nothing_that_looks_like_something_else() -> None:
    code = codes(SetClock()).code(KERNEL)
    assert re.fullmatch(f"[{ALPHABET}]{{6}}", code)
    assert not set(ALPHABET) & set("0O1ILU")


def test_it_is_taken_in_its_step_and_the_next_one_however_it_is_typed() -> None:
    clock = SetClock()
    hall = codes(clock)
    code = hall.code(KERNEL)
    for typed in (code, code.lower(), f" {code[:3]}-{code[3:]} "):
        assert hall.room_of(typed) == KERNEL
    assert hall.changes_at() == START + timedelta(minutes=5)
    clock.set(9.9)
    assert hall.code(KERNEL) != code
    assert hall.room_of(code) == KERNEL
    clock.set(10)
    assert hall.room_of(code) is None


def test_it_is_of_one_room_and_one_bot() -> None:
    clock = SetClock()
    hall, other = codes(clock), codes(clock, "another secret")
    assert hall.room_of(hall.code(CLOUD)) == CLOUD
    assert hall.code(KERNEL) != hall.code(CLOUD)
    assert other.room_of(hall.code(KERNEL)) is None


def test_nothing_else_is_a_code() -> None:
    hall = codes(SetClock())
    for typed in ("", "BCDFGH", "B" * 10_000, "🙂", "\x00", hall.code(KERNEL)[:5]):
        assert hall.room_of(typed) is None


def test_a_room_that_is_new_in_the_schedule_has_one_at_once() -> None:
    rooms = [KERNEL]
    hall = codes(SetClock(), rooms=rooms)
    assert hall.room_of(hall.code(CLOUD)) is None
    rooms.append(CLOUD)
    assert hall.room_of(hall.code(CLOUD)) == CLOUD


def test_people_have_as_long_where_the_conference_goes_faster() -> None:
    start = datetime(2026, 1, 31, 9, tzinfo=UTC)
    hall = codes(ScaledClock(start, 60, datetime.now(UTC)))
    until = hall.changes_at() - hall.clock.now()
    assert timedelta(0) < until <= timedelta(minutes=5) * 60
