"""How talks make way for one another: a late one pushes back those behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from fosdembot.schedule.model import Talk

from .phases import Phase, phase
from .slots import NOTHING, ZERO, Override, Slot, published_together, times_of

Changes = dict[str, Override]
_Taken = Sequence[tuple[datetime, datetime, Talk]]


def push_back(
    place: Iterable[Slot],
    overrides: Mapping[str, Override],
    changes: Mapping[str, Override],
    now: datetime,
    *,
    returning: Collection[str] = (),
    since: datetime | None = None,
) -> Changes:
    """`changes`, and what follows from them for the talks to come in the same place.

    Afterwards talks that were published for different times do not overlap. A break takes
    up what it can: it begins later, and ends as planned if anything of it is left. Only
    those in `returning`, and those published at `since` or later, become less late
    where they can; of all others, what has begun stays as it was.
    """
    found = {**overrides, **changes}
    taken: list[tuple[datetime, datetime, Talk]] = []
    waiting: list[Slot] = []
    for slot in place:
        guid = slot.talk.guid
        override = found.get(guid, NOTHING)
        if override.cancelled or override.noshow:
            continue
        if guid in returning or (guid not in changes and phase(slot, now) is Phase.UPCOMING):
            waiting.append(slot)
        else:
            taken.append((*times_of(slot.talk, override), slot.talk))

    before: list[tuple[datetime, datetime, Talk]] = []
    for slot in sorted(waiting, key=lambda slot: (slot.talk.start, slot.talk.guid)):
        talk = slot.talk
        override = found.get(talk.guid, NOTHING)
        planned = talk.start + override.shift
        begins = slot.start
        if talk.guid in returning:
            begins = planned
        elif since is not None and talk.start >= since:
            begins = planned if _free(planned, talk, before, taken) > now else begins
        begins = _free(begins, talk, before, taken)
        late, ends = begins - planned, planned + talk.duration
        if slot.is_break and begins < ends:
            found[talk.guid] = replace(override, pushed=ZERO, shortened=late)
        else:
            found[talk.guid] = replace(override, pushed=late, shortened=ZERO)
            ends += late
        before.append((begins, ends, talk))
    return {
        guid: override
        for guid, override in found.items()
        if override != overrides.get(guid, NOTHING)
    }


def clashes(slots: Iterable[Slot]) -> set[frozenset[str]]:
    """The pairs of talks (their guids) that were not published side by side, and would be on at
    the same time in the same place."""
    found: set[frozenset[str]] = set()
    on: list[Slot] = []
    for slot in sorted(slots, key=lambda slot: (slot.start, slot.talk.guid)):
        if slot.takes_place and slot.start < slot.end:
            on = [other for other in on if other.end > slot.start]
            found |= {
                frozenset((other.talk.guid, slot.talk.guid))
                for other in on
                if other.place == slot.place and not published_together(other.talk, slot.talk)
            }
            on.append(slot)
    return found


def _free(start: datetime, talk: Talk, before: _Taken, taken: _Taken) -> datetime:
    """The first moment from `start` on at which the talk is in nobody's way."""
    for _, its_end, other in before:
        if not published_together(talk, other):
            start = max(start, its_end)
    for its_start, its_end, other in taken:
        in_the_way = its_start < start + talk.duration and start < its_end
        if in_the_way and not published_together(talk, other):
            start = its_end
    return start
