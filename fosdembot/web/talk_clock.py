"""What a talk's big clock counts down to: the start, the Q&A, the end. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fosdembot.talks.phases import Phase, phase
from fosdembot.talks.slots import Slot

WARNING = timedelta(minutes=2)
"""So long before the end a speaker is asked to come to it (FOSDEM, guide for session hosts)."""
LONGEST_OVERTIME = timedelta(minutes=15)
"""Who still speaks then looks at no clock."""


class Next(StrEnum):
    """What happens at the next moment of a talk."""

    START = "start"
    QA = "qa"
    END = "end"
    """The speaker is cut."""
    OVERTIME = "overtime"
    """It was to be over by now, and nothing else is on in its place."""
    OVER = "over"
    CANCELLED = "cancelled"
    AWAY = "away"
    """The speaker did not come."""


@dataclass(frozen=True, slots=True)
class Moment:
    what: Next
    at: datetime | None = None
    """Of `OVERTIME` the end, from which it is counted up; None where nothing is counted."""
    warns_at: datetime | None = None
    changes_at: datetime | None = None
    """When another moment is the next one."""


def next_moment(slot: Slot, others: Iterable[Slot], now: datetime) -> Moment:
    """The next moment of a talk. `others`: those in its room."""
    if slot.cancelled:
        return Moment(Next.CANCELLED)
    if slot.noshow:
        return Moment(Next.AWAY)
    match phase(slot, now):
        case Phase.UPCOMING:
            return Moment(Next.START, slot.start, changes_at=slot.start)
        case Phase.LIVE if slot.qa_start is not None:
            return Moment(Next.QA, slot.qa_start, changes_at=slot.qa_start)
        case Phase.LIVE | Phase.QA:
            # A talk of five minutes warns in its last.
            warns_at = slot.end - min(WARNING, (slot.end - slot.start) / 5)
            return Moment(Next.END, slot.end, warns_at, changes_at=slot.end)
    given_up = min([slot.end + LONGEST_OVERTIME, *_begin_after(slot, others)])
    if now < given_up:
        return Moment(Next.OVERTIME, slot.end, warns_at=slot.end, changes_at=given_up)
    return Moment(Next.OVER)


def _begin_after(slot: Slot, others: Iterable[Slot]) -> list[datetime]:
    """When those begin that follow in the same place."""
    return [
        other.start
        for other in others
        if other.takes_place and other.place == slot.place and other.start >= slot.end
    ]
