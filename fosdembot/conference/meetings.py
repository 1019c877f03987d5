"""In which meetings the speakers of the talks are, and what is known of each: who is there, and
whether the bot is.

Which meeting is kept in the database, where somebody named one; who is there only in memory: it
is true only as long as the bot is there as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.changes import Changes, TalksChanged
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import WriteSession
from fosdembot.db.meeting_tables import MeetingOfRoom
from fosdembot.meeting_url import MeetingUrl
from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.meeting_of import meeting_of
from fosdembot.talks.slots import is_talk


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


@dataclass(slots=True)
class Meetings:
    """The only writer of `meetings_of_rooms`, and what faces know of meetings from each other."""

    programme: Programme
    settings: Settings
    changes: Changes
    _states: dict[MeetingUrl, MeetingState] = field(default_factory=dict)

    # Which one.

    async def of_talk(self, session: AsyncSession, talk: Talk) -> MeetingUrl | None:
        """The meeting of a talk: what somebody named for its room, else what schedule and settings
        say."""
        address = self.programme.address_for(talk)
        if address is not None:
            row = await session.get(MeetingOfRoom, address)
            if row is not None:
                return MeetingUrl.parse(row.url) if row.url else None
        return meeting_of(talk, self.settings)

    async def all(self, session: AsyncSession) -> Mapping[MeetingUrl, Collection[Talk]]:
        """The talks of each meeting."""
        rows = await session.scalars(select(MeetingOfRoom))
        named = {row.address: MeetingUrl.parse(row.url) if row.url else None for row in rows}
        found: dict[MeetingUrl, list[Talk]] = {}
        for talk in self.programme.talks.values():
            if not is_talk(talk, self.settings):
                continue
            address = self.programme.address_for(talk)
            if address is None:
                continue
            url = named.get(address, meeting_of(talk, self.settings))
            if url is not None:
                found.setdefault(url, []).append(talk)
        return found

    async def put(
        self, session: WriteSession, address: str, url: MeetingUrl | None, actor: str, at: datetime
    ) -> None:
        """The talks at `address` have this meeting from now on; None: they have none."""
        row = MeetingOfRoom(address=address, url=str(url) if url else None, at=at, actor=actor)
        await session.merge(row)
        self.changes.publish(session, TalksChanged(frozenset({address})))

    async def forget(self, session: WriteSession, address: str) -> bool:
        """The talks at `address` have the meeting of schedule and settings again. Returns whether
        that changed anything."""
        row = await session.get(MeetingOfRoom, address)
        if row is None:
            return False
        await session.delete(row)
        self.changes.publish(session, TalksChanged(frozenset({address})))
        return True

    # How it is.

    def state(self, meeting: MeetingUrl) -> MeetingState:
        return self._states.get(meeting, UNKNOWN)

    @property
    def states(self) -> Mapping[MeetingUrl, MeetingState]:
        """Of those in which the bot is, or should be."""
        return dict(self._states)

    def note(self, meeting: MeetingUrl, now: datetime, **fields: object) -> None:
        """Some fields of its state are others now."""
        before = self.state(meeting)
        after = replace(before, **fields)  # type: ignore[arg-type]
        if (after.is_in, after.trouble) != (before.is_in, before.trouble):
            after = replace(after, since=now)
        self._states[meeting] = after

    def gone(self, meeting: MeetingUrl) -> None:
        """The bot need not be there any more."""
        self._states.pop(meeting, None)
