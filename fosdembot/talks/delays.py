"""What moderators decide for a talk: `!talk delay`, `start`, `end`, `now` and so on.

Each function takes the slots (of at least the talk's place) and the overrides in
force, and returns the overrides that change, by guid: `Override()` for one that is
taken back, nothing at all where it is so already (a double tap). A talk that gets in
the way of those to come pushes them back, in the order of the programme, until a gap or
a break takes it up. What has begun, or is over, stays as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from fosdembot.schedule.model import Talk

from .overruns import Changes, push_back
from .phases import Phase, on_now, phase
from .slots import NOTHING, ZERO, Override, Slot, published_together, times_of

MOST_MINUTES = 12 * 60
"""A talk that is later than this is not delayed but another day's."""
_MUCH_TOO_EARLY = timedelta(minutes=15)


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
    if not 0 <= minutes <= MOST_MINUTES:
        raise Refused(Refusal.MINUTES)
    slot, place = _find(slots, guid)
    _refuse(slot, now, Phase.CANCELLED, Phase.OVER)
    return _replanned(place, overrides, slot, Override(shift=timedelta(minutes=minutes)), now)


def start(
    slots: Iterable[Slot], overrides: Mapping[str, Override], guid: str, now: datetime
) -> Changes:
    """The talk has begun this moment. Its end stays (`delay` moves that); what else is
    on in its place has ended. One that is much too early is moved as a whole."""
    slot, place = _find(slots, guid)
    if not slot.cancelled:
        slot = replace(slot, noshow=False)
    _refuse(slot, now, Phase.CANCELLED, Phase.OVER)
    if slot.start - now > _MUCH_TOO_EARLY:
        return on_instead(place, overrides, guid, now)
    current = overrides.get(guid, NOTHING)
    began = None if current.noshow else current.started
    changes = _others_end(place, overrides, slot, now)
    changes[guid] = replace(current, noshow=False, started=began or now)
    return push_back(place, overrides, changes, now)


def on_instead(
    slots: Iterable[Slot], overrides: Mapping[str, Override], guid: str, now: datetime
) -> Changes:
    """This talk is on now, whatever the programme says, for as long as published; what
    else is on in its place has ended. Also one that counts as over: it was swapped."""
    slot, place = _find(slots, guid)
    if slot.cancelled:
        raise Refused(Refusal.CANCELLED)
    changes = _others_end(place, overrides, slot, now)
    if phase(slot, now) not in (Phase.LIVE, Phase.QA):
        changes[guid] = Override(shift=now - slot.talk.start, started=now)
    return push_back(place, overrides, changes, now)


def end(
    slots: Iterable[Slot], overrides: Mapping[str, Override], guid: str, now: datetime
) -> Changes:
    """The talk has ended this moment. The next one still begins when the room was told."""
    slot, _ = _find(slots, guid)
    current = overrides.get(guid, NOTHING)
    if current.ended and slot.takes_place:
        return {}
    _refuse(slot, now, Phase.CANCELLED, Phase.OVER, Phase.UPCOMING)
    return {guid: _ended(slot, current, now)}


def cancel(
    slots: Iterable[Slot], overrides: Mapping[str, Override], guid: str, now: datetime
) -> Changes:
    """The talk does not take place, or not to its end. The others stay where they are."""
    slot, _ = _find(slots, guid)
    if slot.cancelled:
        return {}
    _refuse(slot, now, Phase.OVER)
    return {guid: replace(overrides.get(guid, NOTHING), cancelled=True)}


def noshow(
    slots: Iterable[Slot], overrides: Mapping[str, Override], guid: str, now: datetime
) -> Changes:
    """The speaker did not come. The others stay where they are."""
    slot, _ = _find(slots, guid)
    if slot.noshow and not slot.cancelled:
        return {}
    _refuse(slot, now, Phase.OVER, Phase.CANCELLED)
    return {guid: replace(overrides.get(guid, NOTHING), noshow=True)}


def reset(
    slots: Iterable[Slot], overrides: Mapping[str, Override], guid: str, now: datetime
) -> Changes:
    """Nothing is decided for the talk any more; what it pushed back returns with it."""
    slot, place = _find(slots, guid)
    if overrides.get(guid, NOTHING) == NOTHING:
        return {}
    return _replanned(place, overrides, slot, NOTHING, now)


def republished(
    slots: Iterable[Slot],
    overrides: Mapping[str, Override],
    retimed: Iterable[str],
    now: datetime,
) -> Changes:
    """What becomes of the decisions when a new schedule gives these talks another start.

    The newer word counts: a delay of theirs, which the schedule may just have taken
    in, is dropped, also that of one that is on; one that has yet to come at its new time
    has neither begun nor ended, and its speaker may come. `slots` are those of the new
    schedule with the old `overrides`.
    """
    places: defaultdict[str, list[Slot]] = defaultdict(list)
    for slot in slots:
        places[slot.place].append(slot)
    retimed = frozenset(retimed)
    found: Changes = {}
    for place in places.values():
        changes = {
            slot.talk.guid: _renewed(slot.talk, overrides.get(slot.talk.guid, NOTHING), now)
            for slot in place
            if slot.talk.guid in retimed
        }
        if changes:
            since = min(slot.talk.start for slot in place if slot.talk.guid in changes)
            returning = {guid for guid, override in changes.items() if override.started is None}
            found |= push_back(place, overrides, changes, now, returning=returning, since=since)
    return found


def moved(before: Iterable[Slot], after: Iterable[Slot]) -> tuple[tuple[Slot, Slot], ...]:
    """The talks that both know and that another decision changed, as (before, after)."""
    known = {slot.talk.guid: slot for slot in before}
    pairs = ((known[slot.talk.guid], slot) for slot in after if slot.talk.guid in known)
    return tuple(pair for pair in pairs if pair[0] != pair[1])


def _renewed(talk: Talk, current: Override, now: datetime) -> Override:
    if talk.start > now:
        return Override(cancelled=current.cancelled)
    return replace(current, shift=ZERO, pushed=ZERO, shortened=ZERO)


def _find(slots: Iterable[Slot], guid: str) -> tuple[Slot, tuple[Slot, ...]]:
    """The talk's slot, and all of its place."""
    slots = tuple(slots)
    for slot in slots:
        if slot.talk.guid == guid:
            return slot, tuple(other for other in slots if other.place == slot.place)
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


def _replanned(
    place: Iterable[Slot],
    overrides: Mapping[str, Override],
    slot: Slot,
    new: Override,
    now: datetime,
) -> Changes:
    guid = slot.talk.guid
    changes = push_back(place, overrides, {guid: new}, now, returning={guid}, since=slot.talk.end)
    _, its_end = times_of(slot.talk, changes.get(guid, overrides.get(guid, NOTHING)))
    if its_end <= now:
        raise Refused(Refusal.OVER if slot.end <= now else Refusal.WOULD_BE_OVER)
    return changes


def _others_end(
    place: Iterable[Slot], overrides: Mapping[str, Override], slot: Slot, now: datetime
) -> Changes:
    """The ends of what is on and was not meant to be on beside the slot."""
    return {
        other.talk.guid: _ended(other, overrides.get(other.talk.guid, NOTHING), now)
        for other in on_now(place, now)
        if other.talk.guid != slot.talk.guid and not published_together(other.talk, slot.talk)
    }


def _ended(slot: Slot, current: Override, now: datetime) -> Override:
    return replace(current, started=slot.start, ended=now)
