"""Who somebody is: by power level, hosts' room, settings and claims, never by name."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.hosts import Hosts
from fosdembot.conference.programme import Programme
from fosdembot.conference.question_rooms import rooms_of
from fosdembot.conference.speakers import speakers_of
from fosdembot.db.question_tables import Question
from fosdembot.matrix.power import power_of
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.questions.permissions import Role
from fosdembot.settings import Settings

MODERATOR_POWER = 50


class Roles:
    def __init__(self, settings: Settings, programme: Programme, hosts: Hosts) -> None:
        self._settings = settings
        self._programme = programme
        self._hosts = hosts

    async def of(
        self,
        session: AsyncSession,
        user: str,
        room: str | None,
        relayed: bool = False,
        talk: str | None = None,
    ) -> Role:
        """The role of `user` in what concerns the Matrix `room` (None: no room in
        particular) and the `talk`.

        A relay's account may have power; the people it speaks for have none.
        """
        if relayed:
            return Role.ATTENDEE
        if user in self._settings.organisers:
            return Role.ORGANISER
        if user in self._settings.moderators:
            return Role.MODERATOR
        if room is not None and await self._moderates(session, user, room):
            return Role.MODERATOR
        if talk is not None and await self.speaks(session, user, talk):
            return Role.SPEAKER
        return Role.ATTENDEE

    async def about(
        self, session: AsyncSession, user: str, question: Question, relayed: bool = False
    ) -> Role:
        """The role of `user` in what concerns a question, in whichever of its rooms."""
        rooms = await rooms_of(session, self._programme, question)
        return max([await self.of(session, user, room, relayed, question.talk) for room in rooms])

    async def _moderates(self, session: AsyncSession, user: str, room: str) -> bool:
        if await power_of(session, room, user) >= MODERATOR_POWER:
            return True
        for address in await addresses_of(session, room):
            if await self._hosts.is_host(session, user, address):
                return True
        return False

    async def speaks(self, session: AsyncSession, user: str, talk: str) -> bool:
        """Whether `user` is known as a speaker of the talk (its guid)."""
        return await self.speaks_in(session, user, [talk])

    async def speaks_in(self, session: AsyncSession, user: str, talks: Sequence[str]) -> bool:
        """Whether that is so of any of these talks."""
        known = await speakers_of(session, self._programme, self._settings, talks)
        return any(user in speakers for speakers in known.values())
