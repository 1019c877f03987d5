"""What is on in a room, what comes next, and which talks make a session."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from .slots import S, Slot

_DAY_CHANGE = timedelta(hours=4)


class Phase(StrEnum):
    UPCOMING = "upcoming"
    LIVE = "live"
    QA = "qa"
    OVER = "over"
    CANCELLED = "cancelled"


def phase(slot: Slot, now: datetime) -> Phase:
    """The phase of a talk. A phase begins at its moment and lasts until the next."""
    if not slot.takes_place:
        return Phase.CANCELLED
    if now < slot.start:
        return Phase.UPCOMING
    if now >= slot.end:
        return Phase.OVER
    if slot.qa_start is not None and now >= slot.qa_start:
        return Phase.QA
    return Phase.LIVE


def on_now(slots: Iterable[S], now: datetime) -> tuple[S, ...]:
    """The talks that are live or in their Q&A, in the order of `slots`."""
    return tuple(slot for slot in slots if phase(slot, now) in (Phase.LIVE, Phase.QA))


def coming(slots: Iterable[S], now: datetime) -> tuple[S, ...]:
    """The talks that are still to come, in the order of `slots`."""
    return tuple(slot for slot in slots if phase(slot, now) is Phase.UPCOMING)


def next_up(slots: Iterable[S], now: datetime) -> tuple[S, ...]:
    """Of each place the talk that comes next."""
    first: dict[str, S] = {}
    for slot in sorted(coming(slots, now), key=lambda slot: slot.start):
        first.setdefault(slot.place, slot)
    return tuple(first.values())


def sessions(slots: Iterable[S], gap: timedelta) -> tuple[tuple[S, ...], ...]:
    """Runs of talks without a gap (of this length or more) in which nothing is on."""
    found: list[list[S]] = []
    busy_until: datetime | None = None
    for slot in sorted(slots, key=lambda slot: slot.start):
        if not slot.takes_place:
            continue
        if busy_until is None or slot.start - busy_until >= gap:
            found.append([])
        found[-1].append(slot)
        busy_until = slot.end if busy_until is None else max(busy_until, slot.end)
    return tuple(tuple(session) for session in found)


def programme_day(moment: datetime, zone: tzinfo) -> date:
    """The day to which people count a talk: those before 4 in the morning, to the day before."""
    return (moment.astimezone(zone).replace(tzinfo=None) - _DAY_CHANGE).date()
