"""The talks of one Matrix room at one moment: what is on, what comes next, which one questions
are for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Generic, TypeAlias

from .assignment import STILL_ABOUT_IT, Ambiguous, Chosen, just_over, next_after, talk_for
from .phases import Phase, next_up, on_now, phase, programme_day
from .slots import AudienceSlot, S, StageSlot


@dataclass(frozen=True, slots=True)
class RoomTalks(Generic[S]):
    """`S` says in whose time: see `StageTalks` and `AudienceTalks`."""

    slots: tuple[S, ...]
    """All of them, with those that are cancelled."""
    at: datetime
    zone: tzinfo
    """In which people read the times."""

    @property
    def on(self) -> tuple[S, ...]:
        """The talks and breaks that are on; several where places overlap."""
        return on_now(self.slots, self.at)

    @property
    def has_talk_on(self) -> bool:
        """Whether something other than a break is on."""
        return any(not slot.is_break for slot in self.on)

    @property
    def next(self) -> tuple[S, ...]:
        """Of each place the talk or break that comes next."""
        return next_up(self.slots, self.at)

    @property
    def asked_about(self) -> Chosen[S] | Ambiguous[S] | None:
        """The talk that a question is for, where none is named: the one that is on, else the
        one just over, else today's next. This is the only place that says so."""
        return talk_for(self.slots, self.at, self.zone)

    @property
    def current(self) -> tuple[S, ...]:
        """The same as slots: none, one, or all that it may be, by place."""
        match self.asked_about:
            case Chosen(slot=slot):
                return (slot,)
            case Ambiguous(slots=several):
                return several
        return ()

    @property
    def of_day(self) -> tuple[S, ...]:
        """The talks of today, with those that are cancelled; where there are none, those of the
        next day that has some, else of the last."""
        by_day: dict[date, list[S]] = {}
        for slot in self.slots:
            if not slot.is_break:
                by_day.setdefault(programme_day(slot.start, self.zone), []).append(slot)
        today = programme_day(self.at, self.zone)
        from_today = [day for day in sorted(by_day) if day >= today]
        day = next(iter(from_today), max(by_day, default=today))
        return tuple(by_day.get(day, ()))

    @property
    def overrunning(self) -> tuple[S, ...]:
        """The talks just over that questions are not for any more, as others are on: their
        speakers may still be answering."""
        talks = [slot for slot in self.slots if not slot.is_break]
        return tuple(slot for slot in just_over(talks, self.at) if slot not in self.current)

    @property
    def next_change(self) -> datetime | None:
        """When something begins or ends next, or a talk is not just over any more."""
        moments = (
            moment
            for slot in self.slots
            for moment in (slot.start, slot.qa_start, slot.end, slot.end + STILL_ABOUT_IT)
            if moment is not None and moment > self.at
        )
        return min(moments, default=None)

    def phase(self, slot: S) -> Phase:
        """The phase in which one of these talks is."""
        return phase(slot, self.at)

    def of(self, talk: str) -> S | None:
        """The slot of a talk (its guid)."""
        return next((slot for slot in self.slots if slot.talk.guid == talk), None)

    def after(self, talk: str) -> S | None:
        """The talk that comes after this one (its guid) in the same place on the same day."""
        return next_after(self.slots, talk, self.zone)


StageTalks: TypeAlias = RoomTalks[StageSlot]
"""As those see it who run the room: speakers, hosts and moderators."""

AudienceTalks: TypeAlias = RoomTalks[AudienceSlot]
"""As those see it who watch the stream: later by its delay."""
