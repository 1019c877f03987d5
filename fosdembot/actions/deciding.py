"""Decisions about questions: what moderators and speakers do, and what askers take back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Actor, Who
from fosdembot.actions.current import CurrentQuestion
from fosdembot.actions.once import once
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import about
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, QuestionLog
from fosdembot.questions import board, log
from fosdembot.questions.desk import Desk
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

    _desk: Desk
    _access: Access
    _views: RoomViews

    async def check(
        self, session: WriteSession, actor: Who, question: Question, permission: Permission
    ) -> None:
        """Raises `Refused` where the actor may not do that to the question."""
        await self._access.demand(session, actor, permission, question)

    @once
    async def decide(
        self, session: WriteSession, actor: Actor, question: Question, action: Action
    ) -> Sequence[Question]:
        """Returns the questions that stand otherwise now, that one first; none, where it stood
        so already."""
        await self.check(session, actor, question, Permission[action.name])
        with about(question):
            return await self._desk.act(session, question, action, actor.by)

    @once
    async def decide_current(
        self, session: WriteSession, actor: Actor, room: str, action: Action
    ) -> Decided:
        """Take the next question of a Matrix room (its id), close the one that is being answered,
        or skip the best one (see `current.py`). Of two actors who do so at once, the second does
        nothing."""
        current = CurrentQuestion(self._views)
        question = await current.find(session, room, actor.at, action)
        return Decided(question, await self.decide(session, actor, question, action))

    @once
    async def approve_all(
        self, session: WriteSession, actor: Actor, room: str
    ) -> Sequence[Question]:
        """Let in all that wait for a moderator, of the talk that questions are for now in a Matrix
        room (its id). Returns them."""
        await self._access.demand(session, actor, Permission.APPROVE, room)
        talks = await self._views.stage_of_room(session, room, actor.at)
        waiting = [
            question
            for slot in talks.current
            for question in await board.in_state(session, slot.talk.guid, State.PENDING)
        ]
        for question in waiting:
            await self.decide(session, actor, question, Action.APPROVE)
        return waiting

    @once
    async def merge(
        self, session: WriteSession, actor: Actor, question: Question, into: Question
    ) -> None:
        """The votes for a question, and those who asked it, count for another one."""
        await self.check(session, actor, question, Permission.MERGE)
        with about(question):
            await self._desk.merge(session, question, into, actor.by)

    @once
    async def move(
        self, session: WriteSession, actor: Actor, question: Question, talk: str
    ) -> None:
        """The question is for another talk (its guid) of the room."""
        await self.check(session, actor, question, Permission.MOVE)
        with about(question):
            await self._desk.move(session, question, talk, actor.by, decided=True)

    @once
    async def undo(
        self, session: WriteSession, actor: Actor, entries: Sequence[QuestionLog]
    ) -> list[Question]:
        """Take decisions back; returns the questions that stand as before."""
        return await self._desk.undo(session, entries, actor.by)

    @once
    async def undo_cause(self, session: WriteSession, actor: Actor, cause: str) -> list[Question]:
        """What this caused is taken back, as far as it still stands."""
        return await self.undo(session, actor, await log.caused_by(session, cause))
