"""What moderators decide for a talk: `!talk delay`, `start`, `end`, `now` and so on.

Each function takes the slots (of at least the talk's place) and the overrides in
force, and returns the overrides that change, by guid: `Override()` for one that is
taken back, nothing at all where it is so already (a double tap). What it means for
the talks behind follows from `build_slots` with the new overrides, see `moved`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from .phases import Phase, on_now, phase
from .slots import NOTHING, Override, Slot, published_together, timings

MOST_MINUTES = 12 * 60
"""A talk that is later than this is not delayed but another day's."""
_MUCH_TOO_EARLY = timedelta(minutes=15)

Changes = dict[str, Override]


class Refusal(StrEnum):
    """Why a decision makes no sense for this talk."""

    UNKNOWN = "unknown"
    """There is no such talk here."""
    MINUTES = "minutes"
    """Not between 0 and `MOST_MINUTES`."""
    OVER = "over"
    """The talk is over."""
    WOULD_BE_OVER = "would_be_over"
    """With so small a delay the talk would have been over by now."""
    NOT_STARTED = "not_started"
    CANCELLED = "cancelled"
    """The talk is cancelled, or its speaker did not come: `reset` takes that back."""


class Refused(Exception):
    def __init__(self, why: Refusal) -> None:
        super().__init__(why.value)
        self.why = why


def delay(
    slots: Iterable[Slot],
    overrides: Mapping[str, Override],
    guid: str,
    minutes: int,
    now: datetime,
) -> Changes:
    """The talk begins so many minutes later than published; 0: on time again."""
    slots = tuple(slots)
    slot = _find(slots, guid)
    if not 0 <= minutes <= MOST_MINUTES:
        raise Refused(Refusal.MINUTES)
    _refuse(slot, now, Phase.CANCELLED, Phase.OVER)
    new = Override(shift=timedelta(minutes=minutes))
    if _end_with(slots, overrides, guid, new) <= now:
        raise Refused(Refusal.WOULD_BE_OVER)
    return _changed(overrides, {guid: new})


def start(
    slots: Iterable[Slot], overrides: Mapping[str, Override], guid: str, now: datetime
) -> Changes:
    """The talk has begun this moment. Its end stays (`delay` moves that); what else is
    on in its place has ended. One that is much too early is moved as a whole."""
    slots = tuple(slots)
    slot = _find(slots, guid)
    current = overrides.get(guid, NOTHING)
    if slot.noshow and not slot.cancelled and now < slot.end:
        slot = replace(slot, noshow=False)
    _refuse(slot, now, Phase.CANCELLED, Phase.OVER)
    if current.started and not current.noshow:
        return {}
    if slot.start - now > _MUCH_TOO_EARLY:
        return on_instead(slots, overrides, guid, now)
    new = Override(shift=slot.end - slot.talk.end, started=now)
    return _changed(overrides, _others_end(slots, overrides, slot, now) | {guid: new})


def on_instead(
    slots: Iterable[Slot], overrides: Mapping[str, Override], guid: str, now: datetime
) -> Changes:
    """This talk is on now, whatever the programme says, for as long as published; what
    else is on in its place has ended. Also one that counts as over: it was swapped."""
    slots = tuple(slots)
    slot = _find(slots, guid)
    if slot.cancelled:
        raise Refused(Refusal.CANCELLED)
    changes = _others_end(slots, overrides, slot, now)
    if phase(slot, now) not in (Phase.LIVE, Phase.QA):
        changes[guid] = Override(shift=now - slot.talk.start, started=now)
    return _changed(overrides, changes)


def end(
    slots: Iterable[Slot], overrides: Mapping[str, Override], guid: str, now: datetime
) -> Changes:
    """The talk has ended this moment; those behind it do not wait for it any longer."""
    slot = _find(slots, guid)
    current = overrides.get(guid, NOTHING)
    if current.ended and slot.takes_place:
        return {}
    _refuse(slot, now, Phase.CANCELLED, Phase.OVER, Phase.UPCOMING)
    return {guid: _ended(slot, current, now)}


def cancel(
    slots: Iterable[Slot], overrides: Mapping[str, Override], guid: str, now: datetime
) -> Changes:
    """The talk does not take place, or not to its end."""
    slot = _find(slots, guid)
    if slot.cancelled:
        return {}
    _refuse(slot, now, Phase.OVER)
    return {guid: replace(overrides.get(guid, NOTHING), cancelled=True)}


def noshow(
    slots: Iterable[Slot], overrides: Mapping[str, Override], guid: str, now: datetime
) -> Changes:
    """The speaker did not come."""
    slot = _find(slots, guid)
    if slot.noshow and not slot.cancelled:
        return {}
    _refuse(slot, now, Phase.OVER, Phase.CANCELLED)
    return {guid: replace(overrides.get(guid, NOTHING), noshow=True)}


def reset(
    slots: Iterable[Slot], overrides: Mapping[str, Override], guid: str, now: datetime
) -> Changes:
    """Everything as published again, unless it is too late for that."""
    slots = tuple(slots)
    slot = _find(slots, guid)
    if overrides.get(guid, NOTHING) == NOTHING:
        return {}
    if slot.end <= now and _end_with(slots, overrides, guid, NOTHING) <= now:
        raise Refused(Refusal.OVER)
    return {guid: NOTHING}


def moved(before: Iterable[Slot], after: Iterable[Slot]) -> tuple[tuple[Slot, Slot], ...]:
    """The talks that both know and that another decision changed, as (before, after)."""
    known = {slot.talk.guid: slot for slot in before}
    pairs = ((known[slot.talk.guid], slot) for slot in after if slot.talk.guid in known)
    return tuple(pair for pair in pairs if pair[0] != pair[1])


def _find(slots: Iterable[Slot], guid: str) -> Slot:
    for slot in slots:
        if slot.talk.guid == guid:
            return slot
    raise Refused(Refusal.UNKNOWN)


def _refuse(slot: Slot, now: datetime, *phases: Phase) -> None:
    reasons = {
        Phase.CANCELLED: Refusal.CANCELLED,
        Phase.OVER: Refusal.OVER,
        Phase.UPCOMING: Refusal.NOT_STARTED,
    }
    current = phase(slot, now)
    if current in phases:
        raise Refused(reasons[current])


def _end_with(
    slots: Iterable[Slot], overrides: Mapping[str, Override], guid: str, new: Override
) -> datetime:
    return timings((slot.talk for slot in slots), {**overrides, guid: new})[guid][1]


def _others_end(
    slots: Iterable[Slot], overrides: Mapping[str, Override], slot: Slot, now: datetime
) -> Changes:
    """The ends of what is on in the slot's place and was not meant to be on beside it."""
    return {
        other.talk.guid: _ended(other, overrides.get(other.talk.guid, NOTHING), now)
        for other in on_now(slots, now)
        if other.talk.guid != slot.talk.guid
        and other.place == slot.place
        and not published_together(other.talk, slot.talk)
    }


def _ended(slot: Slot, current: Override, now: datetime) -> Override:
    return replace(current, started=slot.start, ended=now)


def _changed(overrides: Mapping[str, Override], changes: Changes) -> Changes:
    return {guid: new for guid, new in changes.items() if new != overrides.get(guid, NOTHING)}
