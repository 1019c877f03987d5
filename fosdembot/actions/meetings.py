"""Decisions about speakers' meetings: which one the talks of a room have."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Actor, Who
from fosdembot.actions.once import once
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.conference import check_in_rows
from fosdembot.conference.meetings import Meetings
from fosdembot.conference.question_rooms import room_at
from fosdembot.db.engine import WriteSession
from fosdembot.meeting_url import MeetingUrl
from fosdembot.settings import Settings


@dataclass(frozen=True, slots=True)
class MeetingActions:
    """`address` is that of the talk room. Each method raises `Refused` before it changes
    anything. Nobody else is told: the address of a meeting is the way into the broadcast."""

    meetings: Meetings
    access: Access
    settings: Settings

    async def check(self, session: AsyncSession, actor: Who, address: str) -> None:
        """Raises `Refused` where the actor may not see to the meetings of the room."""
        room = await room_at(session, address)
        await self.access.demand(session, actor, Permission.SEE_TO_MEETING, room)

    async def may(self, session: AsyncSession, actor: Who, address: str) -> bool:
        """Whether the actor may."""
        room = await room_at(session, address)
        return await self.access.allows(session, actor, Permission.SEE_TO_MEETING, room)

    def check_server(self, meeting: MeetingUrl) -> None:
        """Raises `Refused` where the bot never connects to the server of a meeting."""
        if meeting.host not in self.settings.jitsi.servers:
            raise Refused(Denial.UNKNOWN_SERVER, address=meeting.host)

    @once
    async def name(
        self, session: WriteSession, actor: Actor, address: str, meeting: MeetingUrl
    ) -> None:
        """The talks of a room have this meeting from now on. The bot comes there, even if
        somebody removed it."""
        await self._check_change(session, actor, address)
        self.check_server(meeting)
        await self.meetings.put(session, address, meeting, actor.person, actor.at)

    @once
    async def turn_off(self, session: WriteSession, actor: Actor, address: str) -> None:
        """The talks of a room have no meeting from now on."""
        await self._check_change(session, actor, address)
        await self.meetings.put(session, address, None, actor.person, actor.at)

    @once
    async def reset(self, session: WriteSession, actor: Actor, address: str) -> bool:
        """The talks of a room have the meetings again that schedule and settings name. Returns
        whether that changed anything."""
        await self._check_change(session, actor, address)
        return await self.meetings.forget(session, address)

    @once
    async def hush(self, session: WriteSession, actor: Actor, talk: str) -> None:
        """Nobody is told any more that the speaker of a talk (its guid) is not in the meeting."""
        address = self.meetings.programme.address_by_guid(talk)
        room = await room_at(session, address) if address is not None else None
        await self.access.demand(session, actor, Permission.SEE_TO_MEETING, room)
        await check_in_rows.hush(session, talk, actor.cause, actor.now)

    async def unhush(self, session: WriteSession, cause: str) -> bool:
        """What was wanted by that cause, is taken back. Returns whether there was anything."""
        return await check_in_rows.unhush(session, cause)

    async def _check_change(self, session: AsyncSession, actor: Who, address: str) -> None:
        await self.check(session, actor, address)
        if self.settings.rehearsal.room:
            raise Refused(Denial.REHEARSAL)
