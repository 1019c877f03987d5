"""Who somebody is: by power level, hosts' room, settings and claims, never by name.

What a role may do stands in `actions/permissions.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.hosts import Hosts
from fosdembot.conference.programme import Programme
from fosdembot.conference.question_rooms import rooms_of
from fosdembot.conference.roles import Role
from fosdembot.conference.speakers import is_account, speakers_of
from fosdembot.db.question_tables import Question
from fosdembot.matrix.power import power_of
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.settings import Settings

MODERATOR_POWER = 50


class People:
    def __init__(self, settings: Settings, programme: Programme, hosts: Hosts) -> None:
        self._settings = settings
        self._programme = programme
        self._hosts = hosts

    async def role(
        self, session: AsyncSession, user: str, room: str | None, talk: str | None = None
    ) -> Role:
        """The role of `user` in what concerns the Matrix `room` (None: no room in
        particular) and the `talk` (its guid)."""
        if not is_account(user):
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

    async def role_about(self, session: AsyncSession, user: str, question: Question) -> Role:
        """The role of `user` in what concerns a question, in whichever of its rooms."""
        rooms = await rooms_of(session, self._programme, question)
        return max([await self.role(session, user, room, question.talk) for room in rooms])

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
