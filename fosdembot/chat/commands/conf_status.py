"""How the conference stands, for those who run it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.chat.meant.scope import shown
from fosdembot.conference.addresses import short_name
from fosdembot.conference.meeting_words import state_words
from fosdembot.conference.meetings import Meetings
from fosdembot.conference.pauses import paused_scopes
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_view import Overview, RoomViews
from fosdembot.conference.schedule_warnings import number_of
from fosdembot.db.tables import FailedEvent, Outgoing, ScheduleCopy
from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.naming import is_called, place_named, talk_named
from fosdembot.talks.slots import is_talk
from fosdembot.texts import commands as texts
from fosdembot.texts import jitsi as meeting_texts
from fosdembot.texts import warnings as news
from fosdembot.texts.render import Text, clean, lines, link, room_link, say
from fosdembot.texts.words import clock_time, count, day_name, end_time, hour

Troubles = Callable[[tzinfo], Sequence[Text]]
"""What is in trouble as a whole, see `conference/troubles.py`."""


class Status:
    def __init__(
        self,
        programme: Programme,
        views: RoomViews,
        settings: Settings,
        troubles: Troubles,
        meetings: Meetings,
    ) -> None:
        self._programme = programme
        self._views = views
        self._settings = settings
        self._troubles = troubles
        self._meetings = meetings

    async def overview(self, session: AsyncSession, now: datetime) -> Text:
        """`!conf status`."""
        view = await self._views.overview(session, now)
        said = [
            *await self._programme_lines(session, view, now),
            *self._question_lines(view),
            await self._queue_line(session),
            *await self._schedule_lines(session, now),
        ]
        paused = [shown(scope) for scope in sorted(await paused_scopes(session))]
        if paused:
            said.append(say(texts.STATUS_PAUSED, scopes=", ".join(paused)))
        said += self._troubles(self._programme.zone)
        return lines(said)

    async def talk(self, session: AsyncSession, name: str, now: datetime) -> Text:
        """`!conf talk 12`: when and where a talk takes place, and how far it is."""
        talks = self._programme.talks.values()
        talk = next((talk for talk in talks if is_called(talk, name)), None)
        if talk is None:
            return say(texts.NO_TALK_ANYWHERE, id=clean(name, 60))
        address, zone = self._programme.address_for(talk), self._programme.zone
        room = await self._views.stage(session, address, now) if address else None
        slot = room.of(talk.guid) if room is not None else None
        start, end = (slot.start, slot.end) if slot is not None else (talk.start, talk.end)
        card = say(
            texts.TALK_CARD,
            id=clean(talk.id, 40),
            talk=talk_named(talk, with_speakers=True),
            day=day_name(start, zone),
            start=hour(start, zone),
            end=end_time(start, end, zone),
            place=place_named(talk) or "–",
            phase=room.phase(slot).value if room is not None and slot is not None else "–",
        )
        where = room_link(address) if address else None
        meeting = await self._meeting(session, talk, short_name(address or ""))
        said = (card, where, link(talk.url), meeting)
        return lines(line for line in said if line is not None)

    async def _meeting(self, session: AsyncSession, talk: Talk, room: str) -> Text | None:
        """Who is in a talk's meeting; never which it is."""
        meeting = await self._meetings.of_talk(session, talk)
        if meeting is None:
            return None
        how = state_words(self._meetings.state(meeting), room, self._prefix)
        return say(meeting_texts.OF_TALK, how=how or say(meeting_texts.NOT_TRIED))

    async def _programme_lines(
        self, session: AsyncSession, view: Overview, now: datetime
    ) -> list[Text]:
        if not self._programme.talks:
            return [say(texts.STATUS_NONE)]
        # Without those that vanished: with new ids each would count twice.
        published = (await self._programme.schedule(session)).entries
        talks = [talk for talk in published if is_talk(talk, self._settings)]
        rooms = count(view.rooms, "room")
        title = self._programme.title or "–"
        start, zone = view.next_start, self._programme.zone
        soonest = clock_time(start, zone, now) if start is not None else texts.NOBODY_NEXT
        return [
            say(texts.STATUS, title=title, talks=count(len(talks), "talk"), rooms=rooms),
            say(texts.STATUS_ALL_JOINED, rooms=rooms)
            if view.joined == view.rooms
            else say(texts.STATUS_ROOMS, joined=view.joined, rooms=rooms, p=self._prefix),
            say(texts.STATUS_ON, on=view.on, next=soonest),
        ]

    def _question_lines(self, view: Overview) -> list[Text]:
        if not view.asked:
            return []
        return [say(texts.STATUS_QUESTIONS, open=view.waiting, pending=view.pending)]

    async def _queue_line(self, session: AsyncSession) -> Text:
        rows = await session.execute(
            select(Outgoing.state, func.count().label("number")).group_by(Outgoing.state)
        )
        states = {row.state: row.number for row in rows}
        errors = await session.scalar(select(func.count()).select_from(FailedEvent))
        waiting = states.get("queued", 0) + states.get("sending", 0)
        failed = states.get("failed", 0)
        return say(texts.STATUS_QUEUE, waiting=waiting, failed=failed, errors=errors or 0)

    async def _schedule_lines(self, session: AsyncSession, now: datetime) -> list[Text]:
        copies = {copy.standing: copy for copy in await session.scalars(select(ScheduleCopy))}
        zone = self._programme.zone
        said = []
        if (current := copies.get("in_force")) is not None:
            said.append(say(texts.STATUS_SCHEDULE, at=clock_time(current.at, zone, now)))
            if odd := number_of(current.note):
                said.append(say(news.WARNED, warnings=count(odd, "warning"), p=self._prefix))
        if (held := copies.get("held")) is not None:
            said.append(say(texts.STATUS_HELD, why=held.note, p=self._prefix))
        if (refused := copies.get("refused")) is not None:
            said.append(say(texts.STATUS_REFUSED, note=refused.note))
        return said

    @property
    def _prefix(self) -> str:
        return self._settings.command_prefix
