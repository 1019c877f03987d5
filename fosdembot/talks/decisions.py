"""What moderators can decide for a talk, and which talk they mean where they name none. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from . import delays
from .overruns import Changes
from .phases import next_up, on_now, programme_day
from .slots import Override, Slot, StageSlot, times_of

AT_ONCE = timedelta(minutes=1)
"""Two moderators who take a talk off, or move a question to the next one, within this time did so
without knowing of each other, or one of them did not see that it was done."""


class Decision(StrEnum):
    """What each does, see `delays.py`."""

    DELAY = "delay"
    START = "start"
    END = "end"
    CANCEL = "cancel"
    NOSHOW = "noshow"
    NOW = "now"
    RESET = "reset"


TAKES_OFF = frozenset({Decision.END, Decision.CANCEL, Decision.NOSHOW})
"""What makes the next talk the one that is meant."""

_Decide = Callable[[Iterable[Slot], Mapping[str, Override], str, datetime], Changes]
_DECIDED: Mapping[Decision, _Decide] = {
    Decision.START: delays.start,
    Decision.END: delays.end,
    Decision.CANCEL: delays.cancel,
    Decision.NOSHOW: delays.noshow,
    Decision.NOW: delays.on_instead,
    Decision.RESET: delays.reset,
}


def decide(
    decision: Decision,
    slots: Iterable[Slot],
    overrides: Mapping[str, Override],
    guid: str,
    now: datetime,
    minutes: int = 0,
) -> Changes:
    """Returns the overrides that change. `minutes`: of a delay. Raises `delays.Refused`."""
    if decision is Decision.DELAY:
        return delays.delay(slots, overrides, guid, minutes, now)
    return _DECIDED[decision](slots, overrides, guid, now)


def meant(
    slots: Sequence[StageSlot],
    decided: Collection[str],
    now: datetime,
    zone: tzinfo,
    decision: Decision | None = None,
) -> tuple[StageSlot, ...]:
    """The talk that is meant where none is named, or all that may be: the one that is on, else
    today's next; for some decisions another. `decided`: the guids of the talks about which
    something is decided that can be taken back. Nobody means tomorrow's talk without saying
    so."""
    if decision is Decision.RESET:
        return tuple(slot for slot in slots if slot.talk.guid in decided and slot.end > now)[:1]
    day = programme_day(now, zone)
    today = [slot for slot in slots if programme_day(slot.start, zone) <= day]
    if decision is Decision.START:
        return _about_to_start(today, now)
    return on_now(today, now) or next_up(today, now)


def is_again(
    slots: Sequence[StageSlot],
    guid: str,
    before: Override,
    then: datetime,
    zone: tzinfo,
    decision: Decision,
) -> bool:
    """Whether a decision that took the talk off at the time `then`, when `before` was decided for
    it, was about the talk that who names none meant: who says the same a moment later means it,
    too, and not the next one."""
    as_before = [_undecided(slot, before) if slot.talk.guid == guid else slot for slot in slots]
    return [slot.talk.guid for slot in meant(as_before, (), then, zone, decision)] == [guid]


def _undecided(slot: StageSlot, before: Override) -> StageSlot:
    start, end = times_of(slot.talk, before)
    was: Slot = replace(
        slot, start=start, end=end, cancelled=before.cancelled, noshow=before.noshow
    )
    return StageSlot(was)


def _about_to_start(slots: Sequence[StageSlot], now: datetime) -> tuple[StageSlot, ...]:
    """Of each place the talk whose start is nearest: speakers begin early and late. Also
    one whose speaker did not come, as long as its time is not over."""
    nearest: dict[str, StageSlot] = {}
    late = (slot for slot in slots if slot.noshow and slot.start <= now < slot.end)
    for slot in (*on_now(slots, now), *late, *next_up(slots, now)):
        other = nearest.setdefault(slot.place, slot)
        if abs(slot.start - now) < abs(other.start - now):
            nearest[slot.place] = slot
    return tuple(nearest.values())
