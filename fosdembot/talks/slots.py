"""Talks as they will really take place: what was published, and what moderators decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NewType, TypeVar

from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings

from .breaks import is_break

ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Override:
    """What moderators decided for one talk. `Override()` is: nothing.

    Made by `delays.py` alone, which sees to it that talks do not overlap.
    """

    shift: timedelta = ZERO
    """So much later than published (`!talk now` on a later talk: earlier)."""
    pushed: timedelta = ZERO
    """So much later again, because of the talks before it."""
    shortened: timedelta = ZERO
    """So much later it begins because of the talks before it, and ends no later: a break."""
    started: datetime | None = None
    """When it really began; its end stays where it was."""
    ended: datetime | None = None
    """When it really ended; `started` is set as well."""
    cancelled: bool = False
    noshow: bool = False
    """The speaker did not come."""


NOTHING = Override()


@dataclass(frozen=True, slots=True)
class Slot:
    """A talk as it will really take place, or will not. `start <= qa_start < end`."""

    talk: Talk
    start: datetime
    end: datetime
    qa_start: datetime | None = None
    """When the speaker begins to take questions; None: the talk has no such part."""
    cancelled: bool = False
    noshow: bool = False
    is_break: bool = False
    """Nobody speaks, and nobody is asked."""
    stream_delay: timedelta = ZERO
    """Already in the times above, see `as_streamed`."""

    @property
    def takes_place(self) -> bool:
        return not (self.cancelled or self.noshow)

    @property
    def place(self) -> str:
        """Talks of one place come one after another."""
        return place_of(self.talk)


StageSlot = NewType("StageSlot", Slot)
"""With the times on the stage: what speakers, hosts and moderators go by."""

AudienceSlot = NewType("AudienceSlot", Slot)
"""With the times at which those who watch the stream see it, later by its delay."""

S = TypeVar("S", bound=Slot)
"""The time of either: what goes in comes out."""


def place_of(talk: Talk) -> str:
    """The name of the place; where none is published, the track stands for it."""
    return talk.room or talk.track


def is_talk(talk: Talk, settings: Settings) -> bool:
    """Whether an entry gets notices and Q&A: neither endless (info desks) nor of no length."""
    return ZERO < talk.duration < settings.longest_talk


def build_slots(
    talks: Iterable[Talk], overrides: Mapping[str, Override], settings: Settings
) -> tuple[StageSlot, ...]:
    """The talks as they will take place, by start, place and guid. `overrides` is by guid."""
    slots = []
    for talk in talks:
        if not is_talk(talk, settings):
            continue
        override = overrides.get(talk.guid, NOTHING)
        start, end = times_of(talk, override)
        rests = is_break(talk, settings.notices.breaks)
        qa_start = None if rests else _qa_start(talk, start, end, settings)
        slot = Slot(talk, start, end, qa_start, override.cancelled, override.noshow, rests)
        slots.append(StageSlot(slot))
    return tuple(sorted(slots, key=_order))


def as_streamed(
    slots: Iterable[StageSlot], settings: Settings, room: str
) -> tuple[AudienceSlot, ...]:
    """The slots at the times at which those who watch the stream see them.

    The delay is set for the place, else for the Matrix room, else for all.
    """
    notices = settings.notices
    by_room = notices.stream_delay_by_room
    default = by_room.get(room, notices.stream_delay_seconds)
    streamed = (_later(slot, timedelta(seconds=by_room.get(slot.place, default))) for slot in slots)
    return tuple(sorted(streamed, key=_order))


def times_of(talk: Talk, override: Override) -> tuple[datetime, datetime]:
    """When a talk really starts and ends."""
    late = override.shift + override.pushed
    start = override.started or talk.start + late + override.shortened
    return start, max(start, override.ended or talk.end + late)


def published_together(one: Talk, other: Talk) -> bool:
    """Whether the programme has them on at the same time."""
    return one.start < other.end and other.start < one.end


def _qa_start(talk: Talk, start: datetime, end: datetime, settings: Settings) -> datetime | None:
    recorded = settings.prerecorded
    video = next((recorded.talks[name] for name in talk.called if name in recorded.talks), None)
    if video is not None:
        begins = start + timedelta(minutes=video)
    else:
        minutes = (
            recorded.qa_minutes if talk.track in recorded.tracks else settings.notices.qa_minutes
        )
        shortest = timedelta(minutes=settings.notices.shortest_qa_talk_minutes)
        if talk.duration < shortest:
            return None
        begins = end - timedelta(minutes=minutes)
    return begins if start <= begins < end else None


def _later(slot: StageSlot, delay: timedelta) -> AudienceSlot:
    if not delay:
        return AudienceSlot(slot)
    later: Slot = replace(
        slot,
        start=slot.start + delay,
        end=slot.end + delay,
        qa_start=slot.qa_start and slot.qa_start + delay,
        stream_delay=slot.stream_delay + delay,
    )
    return AudienceSlot(later)


def _order(slot: Slot) -> tuple[datetime, str, str]:
    return slot.start, slot.place, slot.talk.guid
