"""Decisions about questions: what moderators and speakers do, and what askers take back."""

from __future__ import annotations

from collections.abc import Sequence

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Actor, Who
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused, about
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, QuestionLog
from fosdembot.questions import log
from fosdembot.questions.desk import Desk
from fosdembot.questions.states import Action


class Deciding:
    """Each method raises `Refused` before it changes anything."""

    def __init__(self, desk: Desk, access: Access) -> None:
        self._desk = desk
        self._access = access

    async def check(
        self, session: WriteSession, actor: Who, question: Question, permission: Permission
    ) -> None:
        """Raises `Refused` where the actor may not do that to the question."""
        if not await self._access.allows(session, actor, permission, question):
            raise Refused(Denial.NOT_ALLOWED, permission=permission, question=question)

    async def decide(
        self, session: WriteSession, actor: Actor, question: Question, action: Action
    ) -> Sequence[Question]:
        """Returns the questions that stand otherwise now, that one first; none, where it stood
        so already."""
        await self.check(session, actor, question, Permission[action.name])
        with about(question):
            return await self._desk.act(session, question, action, actor.by)

    async def merge(
        self, session: WriteSession, actor: Actor, question: Question, into: Question
    ) -> None:
        """The votes for a question, and those who asked it, count for another one."""
        await self.check(session, actor, question, Permission.MERGE)
        with about(question):
            await self._desk.merge(session, question, into, actor.by)

    async def move(
        self, session: WriteSession, actor: Actor, question: Question, talk: str
    ) -> None:
        """The question is for another talk (its guid) of the room."""
        await self.check(session, actor, question, Permission.MOVE)
        with about(question):
            await self._desk.move(session, question, talk, actor.by, decided=True)

    async def undo(
        self, session: WriteSession, actor: Actor, entries: Sequence[QuestionLog]
    ) -> list[Question]:
        """Take decisions back; returns the questions that stand as before."""
        return await self._desk.undo(session, entries, actor.by)

    async def undo_cause(self, session: WriteSession, actor: Actor, cause: str) -> list[Question]:
        """What this caused is taken back, as far as it still stands."""
        return await self.undo(session, actor, await log.caused_by(session, cause))
