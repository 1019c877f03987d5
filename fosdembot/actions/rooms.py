"""Decisions about the questions of a talk or a room: whether they are taken, whether a moderator
sees each first, and who may neither ask nor vote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.access import About, Access, TalkIn
from fosdembot.actions.actor import Actor, Who
from fosdembot.actions.once import once
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.conference.events import Hears, QaClosed, QaModerated
from fosdembot.conference.question_rooms import room_at
from fosdembot.conference.relays import is_relay
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.questions.desk import LIFTED_BY_UNMUTE, Desk
from fosdembot.questions.scopes import scope_of
from fosdembot.settings import Settings
from fosdembot.talks import delays
from fosdembot.talks.slots import StageSlot


@dataclass(frozen=True, slots=True)
class RoomActions:
    """`address` is that of the talk room; `answered_there`: see `TalkDecided`. Each method raises
    `Refused` before it changes anything."""

    desk: Desk
    access: Access
    views: RoomViews
    settings: Settings
    hears: Hears

    async def room(
        self, session: AsyncSession, actor: Who, address: str, permission: Permission
    ) -> str:
        """The Matrix room (its id) of the talks at `address`, in which the actor may do that."""
        room = await room_at(session, address)
        await self.access.demand(session, actor, permission, room)
        if room is None:
            raise Refused(Denial.NOT_IN_ROOM, address=address)
        return room

    async def talk_meant(self, session: AsyncSession, room: str, at: datetime) -> StageSlot:
        """The talk that is meant where none is named: the one that questions are for now."""
        slots = (await self.views.stage_of_room(session, room, at)).current
        if not slots:
            raise Refused(Denial.NO_TALK_ASKED_ABOUT)
        if len(slots) > 1:
            raise Refused(Denial.WHICH_TALK, slots=slots)
        return slots[0]

    @once
    async def set_closed(
        self,
        session: WriteSession,
        actor: Actor,
        address: str,
        talk: str,
        closed: bool,
        *,
        answered_there: bool = False,
    ) -> QaClosed | None:
        """No more questions to a talk (its guid) of the room are taken, or they are again; None
        where it is so already."""
        room = await room_at(session, address)
        about = TalkIn(talk, room) if room is not None else None
        await self.access.demand(session, actor, Permission.OPEN_OR_CLOSE_QA, about)
        if room is None:
            raise Refused(Denial.NOT_IN_ROOM, address=address)
        slot = (await self.views.stage_of_room(session, room, actor.at)).of(talk)
        if slot is None:
            raise Refused(delays.Refusal.UNKNOWN)
        if await self.desk.is_closed(session, talk) == closed:
            return None
        await self.desk.set_closed(session, room, talk, closed, actor.by)
        event = QaClosed(room, slot.talk, closed, actor.cause, answered_there)
        await self.hears(session, event)
        return event

    @once
    async def set_moderated(
        self,
        session: WriteSession,
        actor: Actor,
        address: str,
        moderated: bool,
        *,
        answered_there: bool = False,
    ) -> QaModerated | None:
        """A moderator sees each question of the room first from now on, or no more; None where it
        is so already."""
        room = await self.room(session, actor, address, Permission.MODERATE_QA)
        if await self.desk.is_moderated(session, room) == moderated:
            return None
        await self.desk.set_moderated(session, room, moderated, actor.by)
        event = QaModerated(room, moderated, actor.cause, answered_there)
        await self.hears(session, event)
        return event

    # People. Nobody else is told of that.

    async def check_mute(self, session: AsyncSession, actor: Who, about: About) -> None:
        """Raises `Refused` where the actor may not mute anybody there."""
        await self.access.demand(session, actor, Permission.MUTE, about)

    @once
    async def mute(
        self, session: WriteSession, actor: Actor, room: str, person: str, mute: bool
    ) -> bool:
        """A person may neither ask nor vote in a Matrix room (its id), or may again. Returns
        whether that is new."""
        await self.check_mute(session, actor, room)
        return await self._mute(session, actor, room, person, mute)

    @once
    async def mute_asker(
        self, session: WriteSession, actor: Actor, question: Question, mute: bool
    ) -> bool:
        """The same of who asked a question, and need not be named for it."""
        # Whoever is muted is muted in all of the room.
        about = question if actor.bound_to is None else question.room_id
        await self.check_mute(session, actor, about)
        if question.asker is None:
            raise Refused(Denial.ASKER_FORGOTTEN, question=question)
        if mute and question.relayed and is_relay(question.asker, self.settings):
            raise Refused(Denial.ASKED_BY_RELAY, question=question)
        return await self._mute(session, actor, question.room_id, question.asker, mute)

    async def _mute(
        self, session: WriteSession, actor: Actor, room: str, person: str, mute: bool
    ) -> bool:
        scope = await scope_of(session, room)
        bars = await self.desk.votes.bars(session, scope, person)
        if mute:
            if "muted" in bars:
                return False
            await self.desk.mute(session, room, person, actor.by)
            return True
        if not bars.intersection(LIFTED_BY_UNMUTE):
            return False
        await self.desk.unmute(session, room, person, actor.by)
        return True
