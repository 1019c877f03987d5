"""`!move 12 next` by the asker, who needs no power for it."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.actions.moving_on import MovingOn
from fosdembot.chat.command import Command, Quietly
from fosdembot.db.question_tables import Question
from fosdembot.talks.naming import title_of
from fosdembot.texts import questions as texts
from fosdembot.texts.render import say


@dataclass(frozen=True, slots=True)
class MoveNext:
    _moving: MovingOn

    async def move(self, command: Command, question: Question) -> Quietly:
        """Move the sender's question to the next talk. Raises `Refused`."""
        talk = await self._moving.move_on(command.session, command.actor, question)
        return Quietly(say(texts.MOVED, number=str(question.number), title=title_of(talk)))
