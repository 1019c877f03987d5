"""In which meetings the speakers of the talks are, and what is known of each: who is there, and
whether the bot is.

Which meeting is kept in the database, where somebody named one; who is there only in memory: it
is true only as long as the bot is there as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypedDict, Unpack

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.changes import Changes, MeetingNamed, MeetingsChanged, TalksChanged
from fosdembot.conference import meeting_removals
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import WriteSession
from fosdembot.db.meeting_tables import MeetingOfRoom
from fosdembot.db.prepared import Prepared
from fosdembot.meeting_url import MeetingUrl, NotAMeeting
from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.meeting_of import meeting_of
from fosdembot.talks.slots import is_talk

_NAMED = Prepared(select(MeetingOfRoom.address, MeetingOfRoom.url))
TalksOf = Mapping[MeetingUrl, Sequence[Talk]]
"""The talks of each meeting."""
MeetingsAt = Mapping[str, Sequence[MeetingUrl]]
"""The meetings of each room (its address), in the order of their talks."""


@dataclass(frozen=True, slots=True)
class MeetingState:
    """One meeting as the bot knows it now."""

    is_in: bool = False
    """Whether the bot is in it."""
    trouble: str = ""
    """Why it is not, by a word that faces put into a sentence; empty where it need not be there."""
    detail: str = ""
    """What the server said; one harmless line."""
    people: tuple[str, ...] = ()
    """What those call themselves who are there, without machines and visitors."""
    since: datetime | None = None
    """When `is_in` or `trouble` became so."""


UNKNOWN = MeetingState()
NOT_STARTED, KICKED, NOT_CONFIGURED = "not started", "kicked", "not configured"
"""Words for troubles that are more than a sentence; all are those of `jitsi/meeting.py`."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What came of a look at a meeting and its server, without going in."""

    trouble: str = ""
    """As in `MeetingState`; empty: it is on, and seems to be open."""
    detail: str = ""
    domain: str = ""
    """What the server is called inside; empty: that was not found out."""
    muc: str = ""


Probe = Callable[[MeetingUrl], Awaitable[Probed]]


class _News(TypedDict, total=False):
    """What is not as it was of a `MeetingState`."""

    is_in: bool
    trouble: str
    detail: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Planned:
    """What schedule and settings say. Worked out once for a programme: a thousand talks take
    30 ms, and each step of each meeting asks."""

    programme: Mapping[str, Talk]
    roles: frozenset[str]
    talks: Sequence[tuple[str, Talk, MeetingUrl | None]]
    """With the address of its room, and its meeting."""


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What that makes with what people named, by the address of a room."""

    planned: _Planned
    named: Mapping[str, str | None]
    talks: TalksOf
    rooms: MeetingsAt


@dataclass(slots=True)
class Meetings:
    """The only writer of `meetings_of_rooms`, and what faces know of meetings from each other."""

    programme: Programme
    settings: Settings
    changes: Changes
    _states: dict[MeetingUrl, MeetingState] = field(default_factory=dict)
    _planned: _Planned | None = None
    _known: _Known | None = None

    # Which one.

    async def of_talk(self, session: AsyncSession, talk: Talk) -> MeetingUrl | None:
        """The meeting of a talk: what somebody named for its room, else what schedule and settings
        say."""
        address = self.programme.address_for(talk)
        if address is not None and not self.settings.rehearsal.room:
            row = await session.get(MeetingOfRoom, address)
            named = _readable({address: row.url} if row is not None else {})
            if address in named:
                return named[address]
        return meeting_of(talk, self.settings)

    async def all(self, session: AsyncSession) -> TalksOf:
        """The talks of each meeting."""
        return (await self.all_with_rooms(session))[0]

    async def of_rooms(self, session: AsyncSession) -> MeetingsAt:
        return (await self.all_with_rooms(session))[1]

    async def all_with_rooms(self, session: AsyncSession) -> tuple[TalksOf, MeetingsAt]:
        """Both, asked for once."""
        named = await self._named(session)
        planned, known = self._plan(), self._known
        if known is None or known.planned is not planned or known.named != named:
            known = self._known = _known(planned, named)
        return known.talks, known.rooms

    async def named(self, session: AsyncSession, address: str) -> bool:
        """Whether somebody named a meeting for the talks at `address`, or that they have none."""
        row = await session.get(MeetingOfRoom, address)
        return row is not None and bool(_readable({address: row.url}))

    async def put(
        self, session: WriteSession, address: str, url: MeetingUrl | None, actor: str, at: datetime
    ) -> None:
        """The talks at `address` have this meeting from now on; None: they have none. The bot
        comes back there, even if somebody removed it."""
        row = MeetingOfRoom(address=address, url=str(url) if url else None, at=at, actor=actor)
        await session.merge(row)
        self.changes.publish(session, TalksChanged(frozenset({address})))
        if url is not None:
            await meeting_removals.forget(session, url)
            self.changes.publish(session, MeetingNamed(url))

    async def forget(self, session: WriteSession, address: str) -> bool:
        """The talks at `address` have the meeting of schedule and settings again. Returns whether
        that changed anything."""
        row = await session.get(MeetingOfRoom, address)
        if row is None:
            return False
        await session.delete(row)
        self.changes.publish(session, TalksChanged(frozenset({address})))
        return True

    async def _named(self, session: AsyncSession) -> Mapping[str, str | None]:
        if self.settings.rehearsal.room:
            return {}
        return dict(await _NAMED.find(session, {}))

    def _plan(self) -> _Planned:
        programme, roles, planned = self.programme.talks, self.programme.roles, self._planned
        if planned is None or planned.programme is not programme or planned.roles != roles:
            talks = [
                (address, talk, meeting_of(talk, self.settings))
                for address in self.programme.addresses()
                for talk in self.programme.talks_at(address)
                if is_talk(talk, self.settings)
            ]
            planned = self._planned = _Planned(programme, roles, talks)
        return planned

    # How it is.

    def state(self, meeting: MeetingUrl) -> MeetingState:
        return self._states.get(meeting, UNKNOWN)

    @property
    def states(self) -> Mapping[MeetingUrl, MeetingState]:
        """Of those in which the bot is, or should be."""
        return dict(self._states)

    def note(self, meeting: MeetingUrl, now: datetime, **fields: Unpack[_News]) -> None:
        """Some fields of its state are others now."""
        before = self.state(meeting)
        after = replace(before, **fields)
        is_new = (after.is_in, after.trouble) != (before.is_in, before.trouble)
        if is_new:
            after = replace(after, since=now)
        self._states[meeting] = after
        if is_new:
            self.changes.tell(MeetingsChanged())

    def gone(self, meeting: MeetingUrl) -> None:
        """The bot need not be there any more."""
        self._states.pop(meeting, None)


def _known(planned: _Planned, named: Mapping[str, str | None]) -> _Known:
    urls = _readable(named)
    talks: defaultdict[MeetingUrl, list[Talk]] = defaultdict(list)
    starts: defaultdict[str, dict[MeetingUrl, datetime]] = defaultdict(dict)
    for address, talk, url in planned.talks:
        meeting = urls.get(address, url)
        if meeting is not None:
            talks[meeting].append(talk)
            first = starts[address].get(meeting, talk.start)
            starts[address][meeting] = min(first, talk.start)
    rooms = {
        address: [meeting for meeting, _ in sorted(of.items(), key=lambda each: each[1])]
        for address, of in starts.items()
    }
    return _Known(planned, named, dict(talks), rooms)


def _readable(named: Mapping[str, str | None]) -> Mapping[str, MeetingUrl | None]:
    """The meetings that people named. One that cannot be read any more, which earlier versions
    took, counts as if nobody had named it: it must not keep us from the others."""
    urls: dict[str, MeetingUrl | None] = {}
    for address, url in named.items():
        with suppress(NotAMeeting):
            urls[address] = MeetingUrl.parse(url) if url else None
    return urls
