"""❓ on a message makes it a question.

The message may be older than anything that the bot remembers, so it is read first: what
waits for that is a row, and nothing is lost or done twice if the bot ends in between.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.chat.command import Place
from fosdembot.chat.incoming import Edit, Reaction, Redaction
from fosdembot.chat.places import Places
from fosdembot.chat.rate_limit import RateLimit
from fosdembot.chat.reactions.marked import MarkedMessages
from fosdembot.clock import Clock
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.errors import is_transient
from fosdembot.db.question_tables import Proposal
from fosdembot.db.tables import SeenEvent
from fosdembot.matrix.api import Api, HomeserverAway, Json, MatrixError
from fosdembot.matrix.request_pool import RequestPool
from fosdembot.matrix.wake import Wake
from fosdembot.questions import lookup
from fosdembot.questions.emoji import is_question_mark
from fosdembot.questions.retracting import retraction

AT_ONCE = 5
"""Messages that are read at the same time: one that takes long holds up no other."""
LONGEST_WAIT = 300.0
"""Seconds between two tries."""


class Proposals:
    """The only writer of `proposals`, except that a ❓ which is taken back takes its row along."""

    def __init__(
        self,
        marked: MarkedMessages,
        views: RoomViews,
        places: Places,
        api: Api,
        database: Database,
        rate_limit: RateLimit,
        clock: Clock,
        log: logging.Logger,
    ) -> None:
        self._marked = marked
        self._views = views
        self._places = places
        self._api = api
        self._database = database
        self._rate_limit = rate_limit
        self._clock = clock
        self._log = log
        self._reading: dict[str, str] = {}
        """Reaction → message."""
        self._outdated: set[str] = set()
        """Reactions whose message was edited or redacted while it was being read."""
        self.wake = Wake()
        self._requests = RequestPool(AT_ONCE, LONGEST_WAIT, self.wake.nudge, clock, log)

    # In the inbox's transaction.

    async def reacted(self, session: WriteSession, reaction: Reaction) -> bool:
        """Whether a reaction is a ❓."""
        if not is_question_mark(reaction.key):
            return False
        person, event_id = reaction.sender, reaction.event_id
        if await self._is_asked_for(session, reaction) and self._rate_limit.allows(
            person, event_id, reaction.at
        ):
            session.add(
                Proposal(
                    reaction=event_id,
                    event_id=reaction.target,
                    room_id=reaction.room,
                    person=person,
                    at=reaction.at,
                )
            )
            session.after_commit(self.wake.set)
        return True

    async def changed(self, session: WriteSession, change: Edit | Redaction) -> bool:
        """An edit or a redaction, perhaps of a message that is being read."""
        target = change.original if isinstance(change, Edit) else change.target
        touched = {reaction for reaction, read in self._reading.items() if read == target}
        if touched:
            session.after_commit(lambda: self._outdated.update(touched))
        return False

    async def _is_asked_for(self, session: AsyncSession, reaction: Reaction) -> bool:
        """Whether the message is worth reading."""
        room, target, person = reaction.room, reaction.target, reaction.sender
        if await self._places.of(session, room) is not Place.TALK_ROOM:
            return False
        if await self._views.address_of(session, room) is None:
            return False
        question = await lookup.by_event(session, target)
        if question is not None and await retraction(session, question) is None:
            return False
        seen = await session.get(SeenEvent, target)
        author = seen.sender if seen is not None else None
        if seen is not None and seen.room_id != room:
            return False
        return author is None or await self._marked.may(session, room, person, author)

    # Afterwards.

    async def step(self) -> float:
        """Begin to read what waits and is due. Returns the seconds until the next is."""
        self._requests.check()
        waits, waiting = [LONGEST_WAIT], await self._waiting()
        self._requests.keep({proposal.reaction for proposal in waiting})
        for proposal in waiting:
            key = proposal.reaction
            trying = partial(self._try, proposal)
            waits.append(await self._requests.start_if_due(key, key, trying))
        return min(waits)

    async def close(self) -> None:
        """End what is under way."""
        await self._requests.cancel()

    async def _waiting(self) -> Sequence[Proposal]:
        async with self._database.read() as session:
            query = select(Proposal).order_by(Proposal.at, Proposal.reaction)
            return (await session.scalars(query)).all()

    async def _try(self, proposal: Proposal) -> None:
        self._reading[proposal.reaction] = proposal.event_id
        try:
            await self._read(proposal)
        finally:
            del self._reading[proposal.reaction]
            self._outdated.discard(proposal.reaction)

    async def _read(self, proposal: Proposal) -> None:
        """Make the message a question, if it can be read and may be one."""
        event: Json | None = None
        try:
            event = await self._api.event(proposal.room_id, proposal.event_id)
        except HomeserverAway as err:
            self._later(proposal, err)
            return
        except MatrixError as err:
            if err.retry_after is not None or err.status == 401:
                self._later(proposal, err, err.retry_after or 0.0)
                return
            self._log.info("%s, marked with ❓, cannot be read: %s", proposal.event_id, err)
        try:
            await self._settle(proposal, event)
        except Exception as err:
            if is_transient(err):
                self._later(proposal, err)
                return
            self._log.exception("%s is not made a question", proposal.event_id)
            await self._settle(proposal, None)

    def _later(self, proposal: Proposal, err: Exception, at_least: float = 0.0) -> None:
        wait = max(self._requests.failed(proposal.reaction), at_least)
        self._requests.rest(proposal.reaction, wait)
        self._log.warning("A message with ❓ waits: %s; next try in %.0f s", err, wait)

    async def _settle(self, proposal: Proposal, event: Json | None) -> None:
        """One transaction: the question, and that nothing waits any more."""
        async with self._database.write() as session:
            waiting = await session.get(Proposal, proposal.reaction)
            # Taken back; or the message is another by now, and is read again.
            if waiting is None or proposal.reaction in self._outdated:
                return
            await session.delete(waiting)
            if event is not None:
                await self._marked.take(session, proposal, event)
