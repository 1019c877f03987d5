"""Check-in: hosts are told in time where nobody is in the meeting of a talk that is about to begin.

What was seen to is a row in the transaction of what is said, so a crash neither loses nor doubles
it. Memory only says when to look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.conference import check_in_rows as rows
from fosdembot.conference.addresses import names_of, short_name
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.meeting_words import trouble_words
from fosdembot.conference.meetings import (
    KICKED,
    NOT_CONFIGURED,
    NOT_STARTED,
    Meetings,
    MeetingState,
)
from fosdembot.conference.pauses import covers, paused_scopes
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database, WriteSession
from fosdembot.matrix.content import notice
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.room_addresses import role_room_of
from fosdembot.matrix.wake import Wake
from fosdembot.meeting_url import MeetingUrl
from fosdembot.settings import Settings
from fosdembot.talks.naming import title_of
from fosdembot.talks.slots import StageSlot
from fosdembot.texts import jitsi as texts
from fosdembot.texts.render import Text, clean, say
from fosdembot.texts.words import clock_time

LOOK_AGAIN = 60.0
"""Seconds after which talks are looked at even if nothing seems to be due."""
SETTLES = timedelta(seconds=15)
"""A meeting counts once it has been as it is for so long: people reload their page, servers are
restarted, and who is there comes a moment after the bot does."""
EARLY, LATE = timedelta(minutes=30), timedelta(hours=3)
"""A talk takes place at most so much before and after the time that is published for it, as far as
check-in goes: moderators let a talk begin early at once, and delays are seldom longer."""
HUSH = "🔕"


@dataclass(frozen=True, slots=True)
class _Talk:
    address: str
    """Of its Matrix room."""
    slot: StageSlot

    @property
    def room(self) -> str:
        """As people call it."""
        return short_name(self.address)


@dataclass(frozen=True, slots=True)
class _Due:
    """What is to be seen to of a talk."""

    talk: _Talk
    since: datetime
    """The start for which it is; of a bot that was removed, when that was."""
    about: str
    text: Text | None
    """What hosts are told; None: nothing, somebody is there."""

    @property
    def mark(self) -> tuple[str, datetime, str]:
        """It is seen to once."""
        return self.talk.slot.talk.guid, self.since, self.about


@dataclass(slots=True)
class CheckIn:
    meetings: Meetings
    programme: Programme
    hosts: Hosts
    outbox: Outbox
    database: Database
    settings: Settings
    clock: Clock
    wake: Wake = field(default_factory=Wake)

    async def step(self) -> float:
        """Tell what is due. Returns the seconds until the next look."""
        async with self.database.read() as session:
            due, again = await self._look(session, self.clock.now())
        if due:
            async with self.database.write() as session:
                due, again = await self._look(session, self.clock.now())
                for each in due:
                    await self._see_to(session, each)
        if again is None:
            return LOOK_AGAIN
        until = self.clock.to_wall(again) - self.clock.to_wall(self.clock.now())
        return min(LOOK_AGAIN, max(0.1, until.total_seconds()))

    async def _look(
        self, session: AsyncSession, now: datetime
    ) -> tuple[Sequence[_Due], datetime | None]:
        """What is due, and when to look again if nothing happens before."""
        near = {
            talk.guid: meeting
            for meeting, talks in (await self.meetings.all(session)).items()
            for talk in talks
            if talk.start - self._early <= now < talk.end + LATE
        }
        if not near:
            return [], None
        hushed = await rows.hushed(session, near.keys())
        known = await rows.seen(session, near.keys())
        # Told with whichever talk: with the end of one, or a 🔕, another comes first.
        told = {(near[talk], since) for talk, since, about in known if about == rows.KICKED}
        due: list[_Due] = []
        again: list[datetime] = []
        coming: defaultdict[MeetingUrl, list[_Talk]] = defaultdict(list)
        for talk in await self._talks(session, near.keys() - hushed):
            if talk.slot.takes_place and not talk.slot.is_break and talk.slot.end > now:
                coming[near[talk.slot.talk.guid]].append(talk)
        for meeting, talks in coming.items():
            state = self.meetings.state(meeting)
            if state.trouble == KICKED and (meeting, state.since) not in told:
                due.append(self._removed(talks, state))
            for talk in talks:
                found, later = self._missing(talk, state, now)
                due += [found] if found is not None else []
                again += [later] if later is not None else []
        return [each for each in due if each.mark not in known], min(again, default=None)

    async def _talks(self, session: AsyncSession, guids: Collection[str]) -> Sequence[_Talk]:
        """As they really take place, but for those in rooms that are paused."""
        found = {self.programme.address_by_guid(guid) for guid in guids}
        scopes = await paused_scopes(session)
        addresses = []
        for address in sorted(address for address in found if address is not None):
            names = await names_of(session, [address]) if scopes else []
            if not covers(scopes, names, self.programme):
                addresses.append(address)
        rooms = await self.programme.rooms(session, addresses)
        return [
            _Talk(address, slot)
            for address, room in rooms.items()
            for slot in room.slots
            if slot.talk.guid in guids
        ]

    def _missing(
        self, talk: _Talk, state: MeetingState, now: datetime
    ) -> tuple[_Due | None, datetime | None]:
        """What is to be seen to now before a talk, and when there is something again."""
        start = talk.slot.start
        moments = {
            start - timedelta(minutes=minutes): minutes
            for minutes in self.settings.jitsi.check_in_minutes
        }
        later = min((moment for moment in moments if moment > now), default=None)
        passed = [moment for moment in moments if moment <= now]
        if not passed or now >= start or state.trouble in (KICKED, NOT_CONFIGURED):
            # What is wrong is told when it comes about: with the removal, or with the settings.
            return None, later
        if state.since is None or not (state.is_in or state.trouble):
            return None, now + SETTLES
        if state.since <= now < state.since + SETTLES:  # Later, where the clock was set back.
            return None, state.since + SETTLES
        about = str(moments[max(passed)])
        if state.people:
            return _Due(talk, start, about, None), later
        if state.is_in or state.trouble == NOT_STARTED:
            return _Due(talk, start, about, self._say(texts.NOBODY_CAME, talk)), later
        why = trouble_words(state.trouble, state.detail, talk.room, self._prefix)
        return _Due(talk, start, rows.TROUBLE, self._say(texts.CANNOT_SEE, talk, why=why)), later

    def _removed(self, talks: Sequence[_Talk], state: MeetingState) -> _Due:
        """Somebody removed the bot, which those hear of whose talk is on or comes next."""
        talk = min(talks, key=lambda each: each.slot.start)
        why = trouble_words(state.trouble, state.detail, talk.room, self._prefix)
        since = state.since or talk.slot.start
        return _Due(talk, since, rows.KICKED, say(texts.KICKED, room=talk.room, why=why))

    def _say(self, template: str, talk: _Talk, **values: Text) -> Text:
        return say(
            template,
            p=self._prefix,
            title=title_of(talk.slot.talk),
            start=clock_time(talk.slot.start, self.programme.zone, self.clock.now()),
            room=talk.room,
            id=clean(talk.slot.talk.id, 40),
            **values,
        )

    async def _see_to(self, session: WriteSession, due: _Due) -> None:
        id_ = await rows.put(session, *due.mark)
        if due.text is None:
            return
        rooms = await self.hosts.rooms_of(session, due.talk.address)
        control = self.settings.control_room
        if not rooms and control:
            rooms = [await role_room_of(session, control) or control]
        for room in rooms:
            key, expires = rows.key(id_, room), due.talk.slot.end
            content = notice(due.text)
            await self.outbox.message(session, key, room, content, Urgency.CONTROL, expires=expires)
            if due.about.isdecimal():
                tap = f"{key}/tap"
                await self.outbox.react(
                    session, tap, room, HUSH, target=key, urgency=Urgency.BUTTON
                )

    @property
    def _early(self) -> timedelta:
        """Talks that begin later concern nobody yet."""
        minutes = max(self.settings.jitsi.check_in_minutes, default=0)
        return timedelta(minutes=minutes) + EARLY

    @property
    def _prefix(self) -> str:
        return self.settings.command_prefix
