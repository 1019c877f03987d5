"""Takes back a decision for a room, whether about a talk or about a question: the last of whoever
wants that, else the last of anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

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
from fosdembot.db.tables import TalkLog
from fosdembot.questions import log
from fosdembot.questions.desk import Desk
from fosdembot.questions.scopes import scope_of
from fosdembot.questions.states import Action

OWN_FIRST = timedelta(minutes=10)
"""For so long somebody's own last decision goes before what others decided since: whoever undoes
what they have just done knows nothing of that. Later they mean the last one, which all see."""


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
        """Take back the actor's own last decision in the room at `address`, if that is not long
        ago; else the last one. Returns what was taken back; None where there was nothing.
        `answered_there`: see `TalkDecided`. Raises `Refused`."""
        room = await room_at(session, address)
        last = await self._own(session, actor, room, address)
        last = last or await self._last(session, room, address)
        if isinstance(last, QuestionLog):
            await self._access.demand(session, actor, Permission.UNDO, room)
            return await self._questions(session, actor, last)
        return await self._talks.take_back(
            session, actor, address, last, answered_there=answered_there
        )

    @once
    async def undo_about(
        self, session: WriteSession, actor: Actor, question: Question
    ) -> QuestionsUndone | None:
        """Take back the last decision about this question, whoever made it; None where there is
        none. Raises `Refused`."""
        await self._access.demand(session, actor, Permission.UNDO, question)
        last = await log.last_about(session, question)
        if last is None:
            return None
        # Of all that were approved at once, the others stay.
        alone = last.action == Action.APPROVE
        return await self._questions(session, actor, last, question if alone else None)

    @once
    async def undo_in_talk(
        self, session: WriteSession, actor: Actor, talk: TalkIn
    ) -> QuestionsUndone | None:
        """Take back a decision about the questions of a talk: who is no moderator, only their own
        last one, however long ago; a moderator, as by `undo`. Returns as that. Raises `Refused`."""
        may_all = await self._access.allows(session, actor, Permission.UNDO, talk)
        last = await log.last_of_talk(session, talk.talk, actor.person)
        if may_all and last is not None and _is_recent(last, actor):
            last = await log.last_about_same(session, last)
        elif may_all:
            last = await log.last_of_talk(session, talk.talk)
        if last is None:
            return None
        for entry in await log.decided_by(session, last.cause):
            question = await session.get_one(Question, entry.question_id)
            await self._access.demand(session, actor, _needed(entry, may_all), question)
            # One that came from another talk goes back there.
            if actor.bound_to is not None and "talk" in (entry.before or {}):
                raise Refused(Denial.NOT_ALLOWED, permission=Permission.UNDO, question=question)
        return await self._questions(session, actor, last)

    async def _own(
        self, session: WriteSession, actor: Actor, room: str | None, address: str
    ) -> QuestionLog | TalkLog | None:
        """The actor's own last decision, if it goes first."""
        last = await self._last(session, room, address, actor.person)
        if last is None or not _is_recent(last, actor):
            return None
        # What another decided since about the same question, or talk, stands on it; or with which
        # talk they filled the time.
        if isinstance(last, QuestionLog):
            return await log.last_about_same(session, last)
        programme = self._talks.programme
        stands_alone = await programme.is_untouched(session, last)
        if stands_alone and not await programme.would_clash(session, address, last):
            return last
        return await programme.last_decision(session, address)

    async def _last(
        self, session: WriteSession, room: str | None, address: str, actor: str | None = None
    ) -> QuestionLog | TalkLog | None:
        """The newest decision; by whom, where that is given."""
        talk = await self._talks.programme.last_decision(session, address, actor)
        if room is None:
            return talk
        question = await log.last_decision(session, await scope_of(session, room), actor)
        if question is None or (talk is not None and talk.at > question.at):
            return talk
        return question

    async def _questions(
        self, session: WriteSession, actor: Actor, last: QuestionLog, alone: Question | None = None
    ) -> QuestionsUndone:
        """Takes back all that the same cause decided; with `alone` only what is about this one."""
        entries = await log.decided_by(session, last.cause)
        if alone is not None:
            entries = [entry for entry in entries if entry.question_id == alone.id]
        moved = {entry.question_id for entry in entries if "talk" in (entry.before or {})}
        restored = await self._desk.undo(session, entries, actor.by)
        question = await session.get_one(Question, last.question_id)
        return QuestionsUndone(question, restored, frozenset(id_ for id_ in moved if id_))


def _is_recent(last: QuestionLog | TalkLog, actor: Actor) -> bool:
    return actor.now - last.at < OWN_FIRST


def _needed(entry: QuestionLog, may_all: bool) -> Permission:
    if may_all:
        return Permission.UNDO
    return Permission.MOVE if entry.action == log.MOVE else Permission[Action(entry.action).name]
