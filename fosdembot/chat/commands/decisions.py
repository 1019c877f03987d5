"""Decides about a question, and words what came of it: for all commands that do."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.actions.deciding import Deciding
from fosdembot.chat.command import (
    Command,
)
from fosdembot.chat.commands.undo_hint import UndoHint
from fosdembot.chat.question_status import with_status
from fosdembot.db.question_tables import Question
from fosdembot.notifications.reasons import Reasons
from fosdembot.questions.states import Action
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, sentences


@dataclass(frozen=True, slots=True)
class Decisions:
    _deciding: Deciding
    _reasons: Reasons
    _hint: UndoHint

    async def decide(
        self, command: Command, question: Question, action: Action, reason: str = ""
    ) -> Text:
        session = command.session
        changed = await self._deciding.decide(session, command.actor, question, action)
        if not changed:
            return with_status(texts.ALREADY, question)
        said = [with_status(texts.NOW, each) for each in changed]
        if reason:
            said += await self._reasons.give(
                command.session, question, reason, cause=command.event_id, room=command.room
            )
        return await self._hint.after(command, question, sentences(said))
