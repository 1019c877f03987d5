"""Decisions about questions: what moderators and speakers do, and what askers take back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Actor, Who
from fosdembot.actions.current import CurrentQuestion
from fosdembot.actions.once import once
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused, about
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.questions import board, log
from fosdembot.questions.desk import Desk
from fosdembot.questions.events import DismissedFor
from fosdembot.questions.states import Action, State


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about the question that was meant."""

    question: Question
    changed: Sequence[Question]
    """The questions that stand otherwise now, that one first; none, where it stood so already."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """Each method raises `Refused` before it changes anything."""

    desk: Desk
    access: Access
    views: RoomViews

    async def check(
        self, session: WriteSession, actor: Who, question: Question, permission: Permission
    ) -> None:
        """Raises `Refused` where the actor may not do that to the question."""
        await self.access.demand(session, actor, permission, question)

    @once
    async def decide(
        self, session: WriteSession, actor: Actor, question: Question, action: Action
    ) -> Sequence[Question]:
        """Returns the questions that stand otherwise now, that one first; none, where it stood
        so already."""
        await self.check(session, actor, question, Permission[action.name])
        with about(question):
            return await self.desk.act(session, question, action, actor.by)

    @once
    async def decide_current(
        self,
        session: WriteSession,
        actor: Actor,
        room: str,
        action: Action,
        talk: str | None = None,
    ) -> Decided:
        """Take the next question of a Matrix room (its id), or of one `talk` there (its guid),
        close the one that is being answered, or skip the best one (see `current.py`). Of two
        actors who do so at once, the second does nothing."""
        current = CurrentQuestion(self.views)
        question = await current.find(session, room, actor, action, talk)
        return Decided(question, await self.decide(session, actor, question, action))

    @once
    async def approve_all(
        self, session: WriteSession, actor: Actor, room: str
    ) -> Sequence[Question]:
        """Let in all that wait for a moderator, of the talk that questions are for now in a Matrix
        room (its id). Returns them."""
        await self.access.demand(session, actor, Permission.APPROVE, room)
        talks = await self.views.stage_of_room(session, room, actor.at)
        waiting = [
            question
            for slot in talks.current
            for question in await board.in_state(session, slot.talk.guid, State.PENDING)
        ]
        for question in waiting:
            await self.decide(session, actor, question, Action.APPROVE)
        return waiting

    @once
    async def dismiss(
        self, session: WriteSession, actor: Actor, question: Question, reason: str
    ) -> Sequence[Question]:
        """As `decide`; its askers are told the reason, and nobody else."""
        changed = await self.decide(session, actor, question, Action.DISMISS)
        if changed:
            await self.desk.hears(session, DismissedFor(question, reason, actor.cause))
        return changed

    @once
    async def merge(
        self, session: WriteSession, actor: Actor, question: Question, into: Question
    ) -> None:
        """The votes for a question, and those who asked it, count for another one."""
        await self.check(session, actor, question, Permission.MERGE)
        await self.check(session, actor, into, Permission.MERGE)
        with about(question):
            await self.desk.merge(session, question, into, actor.by)

    @once
    async def move(
        self, session: WriteSession, actor: Actor, question: Question, talk: str
    ) -> None:
        """The question is for another talk (its guid) of the room, to which others may be bound."""
        await self.check(session, actor, question, Permission.MOVE)
        if actor.bound_to not in (None, talk):
            raise Refused(Denial.NOT_ALLOWED, permission=Permission.MOVE, question=question)
        with about(question):
            await self.desk.move(session, question, talk, actor.by, decided=True)

    @once
    async def take_back(
        self, session: WriteSession, actor: Actor, cause: str
    ) -> Sequence[Question]:
        """What was decided by a cause that is taken back itself, where the decision stands only as
        long (see `Actor.revocable`); by somebody who may decide the same. Returns the questions
        that stand as before."""
        entries = await log.decided_by(session, cause, revocable=True)
        for entry in entries:
            question = await session.get_one(Question, entry.question_id)
            await self.check(session, actor, question, Permission[Action(entry.action).name])
        return await self.desk.undo(session, entries, actor.by)
