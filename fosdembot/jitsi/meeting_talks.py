"""The talks whose speakers are in one meeting, whichever Matrix rooms they take place in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

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
    addresses: Mapping[str, str]
    """Guid → address of its room."""

    @property
    def on(self) -> StageSlot | None:
        """The talk that is on, or was until a moment ago; None where it is none, or not clear
        which."""
        now = self.stage.at
        held = [
            slot
            for slot in self.stage.slots
            if slot.takes_place
            and not slot.is_break
            and slot.start <= now < slot.end + moments.AFTER
        ]
        on = [slot for slot in held if now < slot.end] or held
        return on[-1] if len(on) == 1 or (on and now >= on[-1].end) else None

    @property
    def coming(self) -> StageSlot | None:
        """The talk that begins next."""
        coming = (
            slot
            for slot in self.stage.slots
            if slot.takes_place and not slot.is_break and slot.start > self.stage.at
        )
        return min(coming, key=lambda slot: slot.start, default=None)


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
            slots += [slot for slot in stage.slots if slot.talk.guid in addresses]
        slots.sort(key=lambda slot: slot.start)
        return Talks(RoomTalks(tuple(slots), now, self.programme.zone), addresses)
