"""Takes back the last decision for a room, whether about a talk or about a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fosdembot.actions.access import Access, TalkIn
from fosdembot.actions.actor import Actor
from fosdembot.actions.once import once
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.actions.talks import TalkActions
from fosdembot.conference.events import TalkDecided
from fosdembot.conference.question_rooms import room_at
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, QuestionLog
from fosdembot.questions import log
from fosdembot.questions.desk import Desk
from fosdembot.questions.scopes import scope_of
from fosdembot.questions.states import Action


@dataclass(frozen=True, slots=True)
class QuestionsUndone:
    """What one cause had decided about questions."""

    last: Question
    """The one that it decided about last."""
    restored: Sequence[Question]
    """Those that stand as before; none where something else became of all of them since."""
    moved: frozenset[int]
    """The ids of those that had been given to another talk."""


@dataclass(frozen=True, slots=True)
class Undoing:
    _desk: Desk
    _access: Access
    _talks: TalkActions

    @once
    async def undo(
        self, session: WriteSession, actor: Actor, address: str, *, answered_there: bool = False
    ) -> TalkDecided | QuestionsUndone | None:
        """Take back the newest decision in the room at `address`. Returns what was taken back;
        None where there was nothing. `answered_there`: see `TalkDecided`. Raises `Refused`."""
        room = await room_at(session, address)
        question = await log.last_decision(session, await scope_of(session, room)) if room else None
        talk = await self._talks.programme.last_decision(session, address)
        if question is not None and (talk is None or talk.at <= question.at):
            await self._access.demand(session, actor, Permission.UNDO, room)
            return await self._questions(session, actor, question)
        return await self._talks.take_back(session, actor, address, answered_there=answered_there)

    @once
    async def undo_in_talk(
        self, session: WriteSession, actor: Actor, talk: TalkIn
    ) -> QuestionsUndone | None:
        """Take back the newest decision about the questions of a talk: of a moderator, whoever
        decided it; else the actor's own. Returns as `undo`. Raises `Refused`."""
        may_all = await self._access.allows(session, actor, Permission.UNDO, talk)
        last = await log.last_of_talk(session, talk.talk, None if may_all else actor.person)
        if last is None:
            return None
        for entry in await log.decided_by(session, last.cause):
            question = await session.get_one(Question, entry.question_id)
            await self._access.demand(session, actor, _needed(entry, may_all), question)
            # One that came from another talk goes back there.
            if actor.bound_to is not None and "talk" in (entry.before or {}):
                raise Refused(Denial.NOT_ALLOWED, permission=Permission.UNDO, question=question)
        return await self._questions(session, actor, last)

    async def _questions(
        self, session: WriteSession, actor: Actor, last: QuestionLog
    ) -> QuestionsUndone:
        entries = await log.decided_by(session, last.cause)
        moved = {entry.question_id for entry in entries if "talk" in (entry.before or {})}
        restored = await self._desk.undo(session, entries, actor.by)
        question = await session.get_one(Question, last.question_id)
        return QuestionsUndone(question, restored, frozenset(id_ for id_ in moved if id_))


def _needed(entry: QuestionLog, may_all: bool) -> Permission:
    return Permission.UNDO if may_all else Permission[Action(entry.action).name]
