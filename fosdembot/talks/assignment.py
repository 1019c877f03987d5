"""Which talk a question is for, by when it is asked. Pure.

`slots` are those of one Matrix room, in the time of the stage or of its audience.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Generic

from .phases import Phase, next_up, on_now, phase, programme_day
from .slots import S

STILL_ABOUT_IT = timedelta(minutes=10)
"""So long after a talk people ask about it, unless the next one starts."""


@dataclass(frozen=True, slots=True)
class Chosen(Generic[S]):
    slot: S
    in_doubt: bool
    """Whether another may be meant: the asker is told which it is, and how to move it."""


@dataclass(frozen=True, slots=True)
class Ambiguous(Generic[S]):
    """The asker must say for which it is."""

    slots: tuple[S, ...]
    """At least two, by place."""


def talk_for(slots: Sequence[S], now: datetime, zone: tzinfo) -> Chosen[S] | Ambiguous[S] | None:
    """The talk that is on; else the one just over; else the next of the day. None: there
    is none of these. During a break nobody is on."""
    slots = [slot for slot in slots if not slot.is_break]
    if current := on_now(slots, now):
        return _choice(current, in_doubt=False)
    today = programme_day(now, zone)
    coming = [slot for slot in next_up(slots, now) if programme_day(slot.start, zone) == today]
    if over := just_over(slots, now):
        return _choice(over, in_doubt=bool(coming))
    first = min((slot.start for slot in coming), default=None)
    return _choice([slot for slot in coming if slot.start == first], in_doubt=True)


def next_after(slots: Sequence[S], guid: str, zone: tzinfo) -> S | None:
    """The talk that comes after this one in the same place on the same day."""
    before = next((slot for slot in slots if slot.talk.guid == guid), None)
    if before is None:
        return None
    later = (
        slot
        for slot in slots
        if slot.takes_place
        and not slot.is_break
        and slot.place == before.place
        and slot.start > before.start
        and programme_day(slot.start, zone) == programme_day(before.start, zone)
    )
    return min(later, key=lambda slot: slot.start, default=None)


def just_over(slots: Sequence[S], now: datetime) -> list[S]:
    """Of each place the talk that ended last, if that is not long ago."""
    last: dict[str, S] = {}
    for slot in sorted(slots, key=lambda slot: slot.end):
        if phase(slot, now) is Phase.OVER and now - slot.end < STILL_ABOUT_IT:
            last[slot.place] = slot
    return list(last.values())


def _choice(slots: Sequence[S], *, in_doubt: bool) -> Chosen[S] | Ambiguous[S] | None:
    if len(slots) > 1:
        return Ambiguous(tuple(sorted(slots, key=lambda slot: slot.place)))
    return Chosen(slots[0], in_doubt) if slots else None
