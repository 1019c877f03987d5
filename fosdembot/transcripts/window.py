"""Which part of a room's chat belongs to which talk. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fosdembot.setting_sections import TranscriptSettings
from fosdembot.talks.slots import Slot


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` on, until before `end`; the same moment where there is no chat for a talk."""

    start: datetime
    end: datetime


def windows(slots: Sequence[Slot], settings: TranscriptSettings) -> dict[str, Window]:
    """By guid the windows of all talks of a room that take place; breaks are none. `slots` are by
    start.

    They never overlap: a talk's chat goes on after its end for `after_minutes`, but not beyond the
    next one's start, and begins `before_minutes` before its start, but not before that. Where talks
    are on at the same time, all that is said belongs to the one that began last, and of those that
    begin at the same moment to the first.
    """
    before = timedelta(minutes=settings.before_minutes)
    after = timedelta(minutes=settings.after_minutes)
    talks = [slot for slot in slots if slot.takes_place and not slot.is_break]
    found: dict[str, Window] = {}
    free = None
    for slot in talks:
        if slot.start in (other.start for other in talks[: len(found)]):
            found[slot.talk.guid] = Window(slot.start, slot.start)
            continue
        together = max(s.end for s in talks if s.start <= slot.start)
        following = min((s.start for s in talks if s.start > slot.start), default=None)
        start = max(slot.start - before, free) if free is not None else slot.start - before
        end = together + after if following is None else min(together + after, following)
        found[slot.talk.guid] = Window(start, end)
        free = end
    return found
