"""Notices are held for a while, for a room, a track, or the whole conference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Actor, Who
from fosdembot.actions.once import once
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.changes import Changes, TalksChanged
from fosdembot.conference import pauses
from fosdembot.conference.events import Hears, NoticesPaused
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import WriteSession


@dataclass(frozen=True, slots=True)
class PauseActions:
    """`scope`: see `conference/pauses.py`. Each method raises `Refused` before it changes
    anything."""

    programme: Programme
    access: Access
    changes: Changes
    hears: Hears

    @once
    async def pause(self, session: WriteSession, actor: Actor, scope: str) -> Sequence[str]:
        """No notice is told in the rooms of a scope until it is resumed; what waits to be sent is
        taken back. Returns their addresses."""
        await self._check(session, actor)
        if not await pauses.is_scope(session, scope, self.programme):
            raise Refused(Denial.NO_SUCH_SCOPE, address=scope)
        await pauses.put(session, scope, actor.at, actor.person)
        addresses = pauses.addresses_in(self.programme, scope)
        self.changes.publish(session, TalksChanged(frozenset(addresses)))
        await self.hears(session, NoticesPaused(tuple(addresses)))
        return addresses

    @once
    async def resume(self, session: WriteSession, actor: Actor, scope: str) -> Sequence[str]:
        """Notices are told again; returns the scopes whose pause ends so, none where there is no
        such pause."""
        await self._check(session, actor)
        ended = await pauses.lift(session, scope)
        if ended:
            addresses = pauses.addresses_in(self.programme, scope)
            self.changes.publish(session, TalksChanged(frozenset(addresses)))
        return ended

    async def _check(self, session: AsyncSession, actor: Who) -> None:
        await self.access.demand(session, actor, Permission.RUN_CONFERENCE, None)
