"""Talks as they will really take place: what was published, and what moderators decided.

A talk that is late holds up those behind it in the same place. That is worked out
here each time, and nowhere stored: take the delay back, and they are back as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush

from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings

ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Override:
    """What moderators decided for one talk. `Override()` is: nothing."""

    shift: timedelta = ZERO
    """So much later than published (`!talk now` on a later talk: earlier)."""
    started: datetime | None = None
    """When it really began: from then on nothing moves it."""
    ended: datetime | None = None
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
    stream_delay: timedelta = ZERO
    """Already in the times above, see `as_streamed`."""

    @property
    def takes_place(self) -> bool:
        return not (self.cancelled or self.noshow)

    @property
    def place(self) -> str:
        """Talks of one place come one after another."""
        return place_of(self.talk)


def place_of(talk: Talk) -> str:
    """The name of the place; where none is published, the track stands for it."""
    return talk.room or talk.track


def is_talk(talk: Talk, settings: Settings) -> bool:
    """Whether an entry gets notices and Q&A: neither endless (info desks) nor of no length."""
    return ZERO < talk.duration < settings.longest_talk


def build_slots(
    talks: Iterable[Talk], overrides: Mapping[str, Override], settings: Settings
) -> tuple[Slot, ...]:
    """The talks as they will take place, by start, place and guid.

    `overrides` is by guid. Give it all talks of a place: who is not among them
    neither holds up others nor is held up.
    """
    talks = [talk for talk in talks if is_talk(talk, settings)]
    times = timings(talks, overrides)
    slots = []
    for talk in talks:
        start, end = times[talk.guid]
        override = overrides.get(talk.guid, NOTHING)
        slots.append(
            Slot(
                talk,
                start,
                end,
                _qa_start(talk, start, end, settings),
                override.cancelled,
                override.noshow,
            )
        )
    return tuple(sorted(slots, key=_order))


def as_streamed(slots: Iterable[Slot], settings: Settings, room: str) -> tuple[Slot, ...]:
    """The slots at the times at which those who watch the stream see them.

    The delay is set for the place, else for the Matrix room, else for all.
    """
    notices = settings.notices
    by_room = notices.stream_delay_by_room
    default = by_room.get(room, notices.stream_delay_seconds)
    streamed = (_later(slot, timedelta(seconds=by_room.get(slot.place, default))) for slot in slots)
    return tuple(sorted(streamed, key=_order))


def timings(
    talks: Iterable[Talk], overrides: Mapping[str, Override]
) -> dict[str, tuple[datetime, datetime]]:
    """Start and end of each talk, by guid.

    A talk waits for those before it, as published, in its place, and for one that
    a moderator started; a gap takes the delay up. Talks that were published for
    the same time do not wait for one another.
    """
    places: defaultdict[str, list[Talk]] = defaultdict(list)
    for talk in talks:
        places[place_of(talk)].append(talk)
    times: dict[str, tuple[datetime, datetime]] = {}
    for place in places.values():
        times.update(_place_timings(place, overrides))
    return times


def _place_timings(
    talks: Sequence[Talk], overrides: Mapping[str, Override]
) -> dict[str, tuple[datetime, datetime]]:
    times: dict[str, tuple[datetime, datetime]] = {}
    waiting: list[Talk] = []
    started: list[Talk] = []
    for talk in talks:
        override = overrides.get(talk.guid, NOTHING)
        start, end = talk.start + override.shift, talk.end + override.shift
        if override.cancelled or override.noshow:
            times[talk.guid] = start, end
        elif override.started or override.ended:
            start = override.started or start
            times[talk.guid] = start, max(start, override.ended or end)
            started.append(talk)
        else:
            waiting.append(talk)
    started.sort(key=lambda talk: times[talk.guid])

    # (published end, real end) of those that may still be on as published.
    before: list[tuple[datetime, datetime]] = []
    free: datetime | None = None
    for talk in sorted(waiting, key=lambda talk: (talk.start, talk.guid)):
        while before and before[0][0] <= talk.start:
            end = heappop(before)[1]
            free = end if free is None else max(free, end)
        start = talk.start + overrides.get(talk.guid, NOTHING).shift
        if free is not None:
            start = max(start, free)
        for other in started:
            its_start, its_end = times[other.guid]
            if its_start <= start < its_end and not published_together(talk, other):
                start = its_end
        times[talk.guid] = start, start + talk.duration
        heappush(before, (talk.end, start + talk.duration))
    return times


def published_together(one: Talk, other: Talk) -> bool:
    """Whether the programme has them on at the same time."""
    return one.start < other.end and other.start < one.end


def _qa_start(talk: Talk, start: datetime, end: datetime, settings: Settings) -> datetime | None:
    recorded = settings.prerecorded
    video = recorded.talks.get(talk.guid, recorded.talks.get(talk.id))
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


def _later(slot: Slot, delay: timedelta) -> Slot:
    if not delay:
        return slot
    return replace(
        slot,
        start=slot.start + delay,
        end=slot.end + delay,
        qa_start=slot.qa_start and slot.qa_start + delay,
        stream_delay=slot.stream_delay + delay,
    )


def _order(slot: Slot) -> tuple[datetime, str, str]:
    return slot.start, slot.place, slot.talk.guid
