"""`!undo`: the last decision for a room, whether about a talk or about a question; `!undo 12`: the
last about that question."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.actions.undoing import QuestionsUndone, Undoing
from fosdembot.chat.command import Command, Commands, Declined, Entry, Place
from fosdembot.chat.commands.talk import ModerationCommands
from fosdembot.chat.meant.question import QuestionChoice, split_number
from fosdembot.chat.meant.talk import Case, TalkChoice
from fosdembot.chat.question_status import with_status
from fosdembot.conference.events import TalkDecided
from fosdembot.conference.programme import Programme
from fosdembot.db.question_tables import Question
from fosdembot.questions import lookup
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
    _question_choice: QuestionChoice
    _programme: Programme

    def table(self) -> Commands:
        return {"undo": Entry(self._undo)}

    async def _undo(self, command: Command) -> Text:
        if split_number(command.arguments)[0] is not None or await self._replies(command):
            return await self._undo_about(command)
        case = await self._choice.case(command)
        if split_number(case.found.rest)[0] is not None:
            return await self._undo_about(command)
        if case.found.rest:
            raise Declined(self._choice.say(command_texts.UNDO_USAGE, case))
        return await self._undo_last(case)

    async def _replies(self, command: Command) -> bool:
        """Whether that is all, in a reply to a question."""
        if command.reply_to is None or command.arguments:
            return False
        return await lookup.by_event(command.session, command.reply_to) is not None

    async def _undo_about(self, command: Command) -> Text:
        question, rest = await self._question_choice.question(command)
        undone = await self._undoing.undo_about(command.session, command.actor, question)
        if undone is None:
            raise Declined(with_status(texts.NOTHING_TO_UNDO, question))
        only_one = self._question_choice.only_one(command, question, rest)
        return sentences([self._questions(undone), *only_one])

    async def _undo_last(self, case: Case) -> Text:
        command = case.command
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
