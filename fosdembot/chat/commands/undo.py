"""`!undo`: the last decision for a room, whether about a talk or about a question."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.actions.undoing import QuestionsUndone, Undoing
from fosdembot.chat.command import Command, Commands, Declined, Entry, Place
from fosdembot.chat.commands.talk import ModerationCommands
from fosdembot.chat.meant.talk import TalkChoice
from fosdembot.chat.question_status import with_status
from fosdembot.conference.events import TalkDecided
from fosdembot.conference.programme import Programme
from fosdembot.db.question_tables import Question
from fosdembot.talks.naming import title_of
from fosdembot.texts import commands as command_texts
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say, sentences
from fosdembot.texts.words import names

MOST_SENTENCES = 2
"""Questions that are told of one by one, of those that one event decided about."""


@dataclass(frozen=True)
class UndoCommand:
    _undoing: Undoing
    _moderation: ModerationCommands
    _choice: TalkChoice
    _programme: Programme

    def table(self) -> Commands:
        return {"undo": Entry(self._undo)}

    async def _undo(self, command: Command) -> Text:
        case = await self._choice.case(command)
        undone = await self._undoing.undo(
            command.session,
            command.actor,
            case.room.address,
            answered_there=command.place is Place.TALK_ROOM,
        )
        match undone:
            case TalkDecided():
                return self._moderation.told(undone)
            case QuestionsUndone():
                return self._questions(undone)
        raise Declined(self._choice.say(command_texts.NOTHING_TO_UNDO, case))

    def _questions(self, undone: QuestionsUndone) -> Text:
        if not undone.restored:
            return with_status(texts.NOT_UNDONE, undone.last)
        said = [say(command_texts.UNDONE)]
        if len(undone.restored) > MOST_SENTENCES:
            numbers = names([str(question.number) for question in reversed(undone.restored)])
            return sentences([*said, say(texts.MANY_AGAIN, numbers=numbers)])
        said += [self._again(each, each.id in undone.moved) for each in undone.restored]
        return sentences(said)

    def _again(self, question: Question, moved: bool) -> Text:
        if not moved:
            return with_status(texts.AGAIN, question)
        talk = self._programme.talks.get(question.talk)
        title = title_of(talk) if talk is not None else question.talk
        return say(texts.AGAIN_FOR, number=str(question.number), title=title)
