"""What guests in the hall do, who have no account, and whether they may.

A guest came in for one talk, and does nothing outside it. What they ask is without a name and waits
for a moderator, in every room. Their votes are counted apart from those of persons.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.actor import Actor
from fosdembot.actions.asking import Accepted, Ask, Asking
from fosdembot.actions.once import once
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.actions.rooms import RoomActions
from fosdembot.changes import Changes
from fosdembot.conference.programme import Programme
from fosdembot.conference.question_rooms import room_at
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.questions import lookup
from fosdembot.questions.guests import LONGEST, Guests, guests_in, is_guest, set_guests
from fosdembot.questions.states import HIDDEN, State


@dataclass(frozen=True, slots=True)
class HallActions:
    """`talk` is the one (its guid) for which a guest came in. Each method raises `Refused` before
    it changes anything."""

    rooms: RoomActions
    asking: Asking
    programme: Programme
    changes: Changes

    async def guests(self, session: AsyncSession, room: str) -> Guests:
        """What guests may do in a Matrix room (its id)."""
        return await guests_in(session, room, self.rooms.settings.pages.guests)

    @once
    async def set_guests(
        self, session: WriteSession, actor: Actor, address: str, guests: Guests
    ) -> bool:
        """What guests may do in the room of the talks at `address` from now on. Returns whether
        that is new. Nobody else is told: whom it concerns is in the hall, and sees the stage."""
        room = await self.rooms.room(session, actor, address, Permission.LET_GUESTS_IN)
        if await self.guests(session, room) is guests:
            return False
        await set_guests(session, room, guests, actor.by, self.changes)
        return True

    @once
    async def ask(self, session: WriteSession, actor: Actor, talk: str, text: str) -> Accepted:
        room, guests = await self._hall(session, actor, talk)
        if not guests.may_ask:
            raise Refused(Denial.NO_GUESTS)
        length = len(self.asking.checked(text))
        if length > LONGEST:
            raise Refused(Denial.TOO_LONG_FOR_GUEST, number=length)
        ask = Ask(room=room, text=text, name="", talk=talk, hall=True)
        return await self.asking.ask(session, actor, ask)

    @once
    async def vote(
        self, session: WriteSession, actor: Actor, talk: str, question: Question
    ) -> None:
        root = await self._votable(session, actor, talk, question)
        if root.state in HIDDEN:
            raise Refused(Denial.NO_VOTES, question=question, state=State(root.state))
        if not self.rooms.settings.questions.count_own_votes:
            asked = await lookup.askers(session, root)
            if any(asker == actor.person for asker, _ in asked):
                raise Refused(Denial.OWN_VOTE, question=question)
        await self.rooms.desk.hall_vote(session, question, actor.person, True)

    @once
    async def unvote(
        self, session: WriteSession, actor: Actor, talk: str, question: Question
    ) -> None:
        root = await self._votable(session, actor, talk, question)
        if not await self.rooms.desk.votes.hall.has_voted(session, root, actor.person):
            raise Refused(Denial.NOT_VOTED, question=question)
        await self.rooms.desk.hall_vote(session, root, actor.person, False)

    async def _hall(self, session: AsyncSession, actor: Actor, talk: str) -> tuple[str, Guests]:
        """The Matrix room (its id) of a talk, and what guests may do there."""
        if not is_guest(actor.person):
            raise Refused(Denial.NO_GUEST)
        address = self.programme.address_by_guid(talk)
        room = await room_at(session, address) if address is not None else None
        if address is None or room is None:
            raise Refused(Denial.NOT_IN_ROOM, address=address or "")
        return room, await self.guests(session, room)

    async def _votable(
        self, session: WriteSession, actor: Actor, talk: str, question: Question
    ) -> Question:
        """The question that a guest's vote counts for."""
        _, guests = await self._hall(session, actor, talk)
        if not guests.may_vote:
            raise Refused(Denial.GUESTS_ONLY_ASK if guests.may_ask else Denial.NO_GUESTS)
        if question.talk != talk:
            raise Refused(Denial.OTHER_TALK_THAN_GUEST_S, question=question)
        if await self.rooms.desk.votes.bars(session, question.scope, actor.person):
            raise Refused(Denial.VOTE_BARRED, question=question)
        root = await session.get_one(Question, question.root)
        if root.asker is None:  # Forgotten, as the voters are; see db/retention.py.
            raise Refused(Denial.VOTES_FINAL, question=question)
        return root
