"""`!dismiss 12 REASON`: a question is not taken, perhaps for a reason."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.chat.command import (
    PRIVATE,
    Command,
    Commands,
    Entry,
    Quietly,
)
from fosdembot.chat.commands.decisions import Decisions
from fosdembot.chat.meant.question import QuestionChoice
from fosdembot.questions.states import Action
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say, sentences


@dataclass(frozen=True, slots=True)
class DismissCommand:
    _decisions: Decisions
    _question_choice: QuestionChoice

    def table(self) -> Commands:
        return {"dismiss": Entry(self._dismiss)}

    async def _dismiss(self, command: Command) -> Text | Quietly:
        question, reason = await self._question_choice.question(command)
        if not reason:
            return Quietly(await self._decisions.decide(command, question, Action.DISMISS))
        if command.place in PRIVATE:
            return await self._decisions.decide(command, question, Action.DISMISS, reason)
        said = await self._decisions.decide(command, question, Action.DISMISS)
        return sentences([said, say(texts.REASON_ELSEWHERE)])
