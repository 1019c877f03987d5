"""The talks whose speakers are in one meeting, whichever Matrix rooms they take place in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.meetings import Meetings
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_view import RoomViews
from fosdembot.meeting_url import MeetingUrl
from fosdembot.talks.room_talks import RoomTalks, StageTalks
from fosdembot.talks.slots import StageSlot

from . import moments


@dataclass(frozen=True, slots=True)
class Talks:
    """The talks of one meeting, in whichever Matrix rooms they take place."""

    stage: StageTalks
    """Without breaks, and without what does not take place."""
    addresses: Mapping[str, str]
    """Guid → address of its room; of all of them."""

    @property
    def on(self) -> tuple[StageSlot, ...]:
        """Mostly one; several where talks of different places meet in one meeting."""
        now = self.stage.at
        return tuple(slot for slot in self.stage.slots if slot.start <= now < slot.end)

    @property
    def just_over(self) -> tuple[StageSlot, ...]:
        """Those that have ended a moment ago."""
        now = self.stage.at
        return tuple(
            slot for slot in self.stage.slots if slot.end <= now < slot.end + moments.AFTER
        )

    @property
    def coming(self) -> StageSlot | None:
        """The talk that begins next."""
        coming = (slot for slot in self.stage.slots if slot.start > self.stage.at)
        return min(coming, key=lambda slot: slot.start, default=None)

    @property
    def shown(self) -> StageSlot | None:
        """The talk whose questions are shown; None where it is none, or not clear which."""
        candidates = self.on or self.just_over
        return candidates[0] if len(candidates) == 1 else None

    @property
    def commanded(self) -> Sequence[StageSlot]:
        """The talk that somebody means who commands: as in its Matrix room, the one that is on,
        else the one just over. All that it may be."""
        return [slot for slot in self.stage.current if slot.start <= self.stage.at]

    def delayed(self, before: timedelta) -> Sequence[StageSlot]:
        """The talk that somebody means who says how late it is: that may be known before it
        begins. Not one so far ahead (`before`) that its speaker is not awaited yet: then somebody
        wants more time whose talk is over."""
        if self.on:
            return self.on
        coming = self.coming
        if coming is None or self.stage.at < coming.start - before:
            return ()
        return (coming,)


@dataclass(frozen=True, slots=True)
class MeetingTalks:
    meetings: Meetings
    programme: Programme
    views: RoomViews

    async def __call__(self, session: AsyncSession, meeting: MeetingUrl, now: datetime) -> Talks:
        """Those of a meeting, as they really take place."""
        own = (await self.meetings.all(session)).get(meeting, ())
        addresses = {
            talk.guid: address for talk in own if (address := self.programme.address_for(talk))
        }
        slots: list[StageSlot] = []
        for address in sorted(set(addresses.values())):
            stage = await self.views.stage(session, address, now)
            slots += [
                slot
                for slot in stage.slots
                if slot.talk.guid in addresses and slot.takes_place and not slot.is_break
            ]
        slots.sort(key=lambda slot: slot.start)
        return Talks(RoomTalks(tuple(slots), now, self.programme.zone), addresses)
