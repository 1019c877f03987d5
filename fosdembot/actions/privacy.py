"""Who does not want to be named in transcripts says so. The one writer of `opt_outs`.

It is about what is published of the talks, from then on and backwards; in the rooms, where
everybody reads who says what, nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.actions.actor import Actor
from fosdembot.actions.once import once
from fosdembot.actions.refused import Denial, Refused
from fosdembot.changes import Changes, PrivacyChanged
from fosdembot.conference import transcripts
from fosdembot.conference.opt_outs import has_opted_out, rooms_with, talks_with
from fosdembot.conference.programme import Programme
from fosdembot.conference.relays import is_named_relay
from fosdembot.conference.speakers import is_account
from fosdembot.db.engine import WriteSession
from fosdembot.db.transcript_tables import OptOut
from fosdembot.settings import Settings


@dataclass(frozen=True, slots=True)
class PrivacyActions:
    """Each method raises `Refused` before it changes anything, and returns whether that is new.
    Everybody may, for themselves."""

    programme: Programme
    settings: Settings
    changes: Changes

    @once
    async def opt_out(self, session: WriteSession, actor: Actor) -> bool:
        """The actor is not named in any transcript."""
        self._check(actor)
        if await has_opted_out(session, actor.person):
            return False
        session.add(OptOut(person=actor.person, at=actor.now))
        await self._make_anew(session, actor)
        return True

    @once
    async def opt_in(self, session: WriteSession, actor: Actor) -> bool:
        """The actor is named as others are."""
        self._check(actor)
        row = await session.get(OptOut, actor.person)
        if row is None:
            return False
        await session.delete(row)
        await self._make_anew(session, actor)
        return True

    def _check(self, actor: Actor) -> None:
        if not is_account(actor.person):
            raise Refused(Denial.NO_ACCOUNT)
        if actor.relayed or is_named_relay(actor.person, self.settings):
            raise Refused(Denial.OPT_OUT_RELAYED)

    async def _make_anew(self, session: WriteSession, actor: Actor) -> None:
        """Transcripts that name the actor do so no more, or do again."""
        person, now = actor.person, actor.now
        if self.programme.names_before() is not None:
            # Who was where is being forgotten.
            await transcripts.mark_due(session, self.changes, now)
        else:
            rooms, talks = await rooms_with(session, person), await talks_with(session, person)
            await transcripts.mark_due(session, self.changes, now, rooms=rooms)
            await transcripts.mark_due(session, self.changes, now, talks=talks)
        self.changes.publish(session, PrivacyChanged(person))
