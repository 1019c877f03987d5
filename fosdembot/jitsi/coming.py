"""When the bot is to be in a meeting. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fosdembot.conference.meeting_removals import Removal
from fosdembot.talks.slots import StageSlot

LINGER = timedelta(minutes=60)
"""After its last talk a meeting in which people stay is left all the same."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Of one meeting, at one moment."""

    talk: StageSlot | None = None
    """For which the bot is to be there; None: it need not be."""
    stays_out: bool = False
    """Whether it would be, if nobody had removed it."""
    again: datetime | None = None
    """When that may be otherwise, if nothing else changes."""


def plan(
    slots: Sequence[StageSlot],
    now: datetime,
    before: timedelta,
    *,
    lingers: bool,
    removed: Removal | None = None,
) -> Plan:
    """`slots`: the talks of the meeting. `lingers`: whether people are there, or were until a
    moment ago. `removed`: from which talk somebody removed the bot."""
    held = [slot for slot in slots if slot.takes_place and not slot.is_break]
    again = min((moment for moment in _moments(held, before) if moment > now), default=None)
    wanted = [slot for slot in held if slot.start - before <= now < _end(slot, lingers=lingers)]
    allowed = wanted
    talk = removed.talk if removed is not None else None
    left = next((slot for slot in held if slot.talk.guid == talk), None)
    if left is not None and removed is not None:
        # Not before it is over, even if the next speaker is on at once: who removed the bot would
        # have it back in the same minute.
        allowed = [
            slot
            for slot in wanted
            if (now >= left.end and slot.end > left.end)
            # It was put off until after this one.
            or removed.at < slot.start <= now < slot.end <= left.start
        ]
    if allowed:
        return Plan(_main(allowed, now), again=again)
    return Plan(stays_out=bool(wanted), again=again)


def removed_from(slots: Sequence[StageSlot], now: datetime, before: timedelta) -> StageSlot | None:
    """The talk that somebody means who removes the bot now: what is on, else what comes, else what
    is over."""
    held = [slot for slot in slots if slot.takes_place and not slot.is_break]
    near = [slot for slot in held if slot.start - before <= now < _end(slot, lingers=True)]
    return _main(near, now) if near else None


def _main(slots: Sequence[StageSlot], now: datetime) -> StageSlot:
    """Of several talks the one that is on (the last of them to end), else the next, else the
    last."""
    on = [slot for slot in slots if slot.start <= now < slot.end]
    coming = [slot for slot in slots if slot.start > now]
    if coming and not on:
        return min(coming, key=lambda slot: slot.start)
    return max(on or slots, key=lambda slot: slot.end)


def _end(slot: StageSlot, *, lingers: bool) -> datetime:
    return slot.end + LINGER if lingers else slot.end


def _moments(slots: Sequence[StageSlot], before: timedelta) -> Iterator[datetime]:
    for slot in slots:
        yield slot.start - before
        yield slot.end
        yield slot.end + LINGER
