"""Somebody wants the transcript of a talk."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Actor, Who
from fosdembot.actions.once import once
from fosdembot.actions.permissions import Permission
from fosdembot.changes import Changes
from fosdembot.conference import transcripts
from fosdembot.conference.question_rooms import room_at
from fosdembot.db.engine import WriteSession


@dataclass(frozen=True, slots=True)
class TranscriptActions:
    """`address` is that of the talk room."""

    access: Access
    changes: Changes

    async def may(self, session: AsyncSession, actor: Who, address: str) -> bool:
        """Whether the actor may have a transcript made."""
        room = await room_at(session, address)
        return await self.access.allows(session, actor, Permission.MAKE_TRANSCRIPT, room)

    @once
    async def make(self, session: WriteSession, actor: Actor, address: str, talk: str) -> None:
        """The transcript of a talk (its guid) is made now, whether it was made before or not.
        Raises `Refused`."""
        room = await room_at(session, address)
        await self.access.demand(session, actor, Permission.MAKE_TRANSCRIPT, room)
        await transcripts.want_now(session, self.changes, talk, room, actor.now)
