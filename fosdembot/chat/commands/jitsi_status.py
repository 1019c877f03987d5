"""How the speakers' meetings are, for those who see to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.addresses import short_name
from fosdembot.conference.meeting_words import state_words
from fosdembot.conference.meetings import NOT_STARTED, Meetings, MeetingState
from fosdembot.conference.programme import Programme
from fosdembot.meeting_url import MeetingUrl
from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.texts import jitsi as texts
from fosdembot.texts.render import Text, lines, link, literal, say
from fosdembot.texts.words import clock_time, count

MOST_LINES = 20
_LONGEST_URL = 450


@dataclass(frozen=True, slots=True)
class MeetingStatus:
    _meetings: Meetings
    _programme: Programme
    _settings: Settings

    async def has_meeting(self, session: AsyncSession, address: str) -> bool:
        """Whether any talk of a room has one."""
        return address in await self._meetings.of_rooms(session)

    async def of_rooms(
        self, session: AsyncSession, addresses: Sequence[str], now: datetime
    ) -> Text:
        """A line for each of these rooms whose talks have a meeting; those in trouble first."""
        known = await self._meetings.of_rooms(session)
        found = []
        for address in addresses:
            if address in known:
                meeting = await self._near(session, address, known[address], now)
                state = self._meetings.state(meeting)
                found.append((_rank(state), address, meeting))
        if not found:
            return say(texts.NONE_AT_ALL)
        found.sort(key=lambda each: each[0])
        said = [await self._line(session, address, meeting, now) for _, address, meeting in found]
        if len(said) > MOST_LINES:
            left = count(len(said) - MOST_LINES, "more room")
            said[MOST_LINES:] = [say(texts.AND_MORE, rooms=left, p=self._prefix)]
        return lines(said)

    async def of_room(self, session: AsyncSession, address: str, now: datetime) -> Text:
        """How the meeting of a room is, and where: only for those who see to it."""
        known = (await self._meetings.of_rooms(session)).get(address)
        room = short_name(address)
        if known is None:
            off = await self._meetings.named(session, address)
            how = say(texts.TURNED_OFF if off else texts.NO_MEETING)
            return say(texts.LINE, room=room, how=how)
        meeting = await self._near(session, address, known, now)
        url = str(meeting)
        shown = link(url) or literal(url, _LONGEST_URL)
        return lines(
            [await self._line(session, address, meeting, now), say(texts.ADDRESS, url=shown)]
        )

    async def _line(
        self, session: AsyncSession, address: str, meeting: MeetingUrl, now: datetime
    ) -> Text:
        room = short_name(address)
        how = state_words(self._meetings.state(meeting), room, self._prefix)
        if how is None:
            how = self._before(await self._talks(session, address, meeting), now)
        return say(texts.LINE, room=room, how=how)

    def _before(self, talks: Sequence[Talk], now: datetime) -> Text:
        """When the bot comes."""
        coming = [talk.start for talk in talks if talk.end > now]
        if not coming:
            return say(texts.NO_MORE)
        at = min(coming) - timedelta(minutes=self._settings.jitsi.before_minutes)
        if at <= now:
            return say(texts.COMES_NOW)
        return say(texts.COMES, time=clock_time(at, self._programme.zone, now))

    async def _near(
        self, session: AsyncSession, address: str, meetings: Sequence[MeetingUrl], now: datetime
    ) -> MeetingUrl:
        """Of the meetings of a room the one in which the bot is or should be, else that of the
        next talk."""
        if len(meetings) == 1:
            return meetings[0]
        attended = [meeting for meeting in meetings if meeting in self._meetings.states]
        if attended:
            return attended[-1]
        for meeting in meetings:
            if any(talk.end > now for talk in await self._talks(session, address, meeting)):
                return meeting
        return meetings[-1]

    async def _talks(
        self, session: AsyncSession, address: str, meeting: MeetingUrl
    ) -> Sequence[Talk]:
        talks = (await self._meetings.all(session)).get(meeting, ())
        return [talk for talk in talks if self._programme.address_for(talk) == address]

    @property
    def _prefix(self) -> str:
        return self._settings.command_prefix


def _rank(state: MeetingState) -> int:
    """What needs somebody comes first."""
    if state.trouble and state.trouble != NOT_STARTED:
        return 0
    return 1 if state.is_in or state.trouble else 2
