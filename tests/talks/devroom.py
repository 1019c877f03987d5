"""A room's programme on which moderators decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import combinations

from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.delays import delay
from fosdembot.talks.slots import Override, Slot, StageSlot, build_slots

from .programme import at, talk

RULES = Settings()

Decision = Callable[[tuple[Slot, ...], Mapping[str, Override], str, datetime], dict[str, Override]]


class Devroom:
    """A programme and the decisions in force, told in clock times."""

    def __init__(self, *talks: Talk) -> None:
        self.talks = talks
        self.overrides: dict[str, Override] = {}

    @property
    def slots(self) -> tuple[StageSlot, ...]:
        return build_slots(self.talks, self.overrides, RULES)

    def decide(self, decision: Decision, guid: str, now: datetime | str) -> dict[str, Override]:
        moment = at(now) if isinstance(now, str) else now
        changes = decision(self.slots, self.overrides, guid, moment)
        self.overrides |= changes
        return changes

    def late(self, guid: str, minutes: int, now: datetime | str) -> dict[str, Override]:
        return self.decide(late(minutes), guid, now)

    def times(self) -> str:
        return ", ".join(
            f"{slot.talk.guid} {slot.start:%H:%M}-{slot.end:%H:%M}"
            for slot in self.slots
            if slot.takes_place
        )


def late(minutes: int) -> Decision:
    return lambda slots, overrides, guid, now: delay(slots, overrides, guid, minutes, now)


def devroom() -> Devroom:
    """Times in UTC, an hour behind Brussels: a 9:00, b 9:30, a gap of 10, c 10:10, d 10:40."""
    return Devroom(
        talk("a", "10:00", 30), talk("b", "10:30", 30), talk("c", "11:10", 30),
        talk("d", "11:40", 30),
    )  # fmt: skip


def check_no_overlap(room: Devroom) -> None:
    for one, other in combinations((slot for slot in room.slots if slot.takes_place), 2):
        apart = one.talk.end <= other.talk.start or other.talk.end <= one.talk.start
        if one.place == other.place and apart:
            assert one.end <= other.start or other.end <= one.start
