"""`!merge 12 14`: two questions are one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fosdembot.actions.deciding import Deciding
from fosdembot.chat.command import (
    Command,
    Commands,
    Declined,
    Entry,
    Quietly,
)
from fosdembot.chat.commands.undo_hint import UndoHint
from fosdembot.chat.meant.question import QuestionChoice, split_number
from fosdembot.db.question_tables import Question
from fosdembot.questions import lookup
from fosdembot.texts import questions as texts
from fosdembot.texts.render import say
from fosdembot.texts.words import count

_INTO = re.compile(r"^(?:into|in|to|with|and|->|→|&|\+)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MergeCommand:
    _deciding: Deciding
    _question_choice: QuestionChoice
    _hint: UndoHint
    _prefix: str

    def table(self) -> Commands:
        return {"merge": Entry(self._merge)}

    async def _merge(self, command: Command) -> Quietly:
        session = command.session
        question, into = await self._two_questions(command)
        await self._deciding.merge(session, command.actor, question, into)
        root = await session.get_one(Question, into.root)
        said = say(
            texts.MERGED,
            number=str(question.number),
            into=str(root.number),
            votes=count(root.votes, "vote"),
        )
        return Quietly(await self._hint.after(command, question, said))

    async def _two_questions(self, command: Command) -> tuple[Question, Question]:
        """`12 14`, or `14` as a reply to 12."""
        session = command.session
        named, rest = await self._question_choice.question(command)
        number, _ = split_number(_INTO.sub("", rest))
        if number is not None:
            into = await lookup.by_number(session, named.room_id, number)
            if into is None:
                raise Declined(say(texts.NO_SUCH_QUESTION, p=self._prefix, number=str(number)))
            return named, into
        replied = command.reply_to and await lookup.by_event(session, command.reply_to)
        if not replied or replied.id == named.id:
            raise Declined(say(texts.MERGE_USAGE, p=self._prefix))
        return replied, named
