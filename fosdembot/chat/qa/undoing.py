"""`!undo`: the last decision for a room, whether about a talk or about a question."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.deciding import Deciding
from fosdembot.actions.permissions import Permission
from fosdembot.chat.command import Command, Commands, Entry
from fosdembot.chat.moderation import ModerationCommands
from fosdembot.chat.qa.standing import standing
from fosdembot.chat.talk_choice import TalkChoice
from fosdembot.conference.programme import Programme
from fosdembot.db.question_tables import Question, QuestionLog
from fosdembot.matrix.room_addresses import room_of
from fosdembot.questions import log
from fosdembot.questions.scopes import scope_of
from fosdembot.talks.naming import title_of
from fosdembot.texts import commands as command_texts
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say, sentences
from fosdembot.texts.words import names

MOST_SENTENCES = 2
"""Questions that are told of one by one, of those that one event decided about."""


class UndoCommand:
    def __init__(
        self,
        moderation: ModerationCommands,
        choice: TalkChoice,
        deciding: Deciding,
        programme: Programme,
    ) -> None:
        self._moderation = moderation
        self._choice = choice
        self._deciding = deciding
        self._programme = programme

    def table(self) -> Commands:
        return {"undo": Entry(self._undo)}

    async def _undo(self, command: Command) -> Text:
        case = await self._choice.case(command)
        await self._moderation.check(case, Permission.UNDO)
        address = case.room.address
        question = await _last_about_question(command.session, address)
        talk = await self._programme.last_decision(command.session, address)
        if question is None or (talk is not None and talk.at > question.at):
            return await self._moderation.undo(case)
        return await self._undo_question(command, question)

    async def _undo_question(self, command: Command, last: QuestionLog) -> Text:
        session = command.session
        entries = await log.caused_by(session, last.cause)
        moved = {entry.question_id for entry in entries if "talk" in (entry.before or {})}
        restored = await self._deciding.undo(session, command.actor, entries)
        if not restored:
            question = await session.get_one(Question, last.question_id)
            return standing(texts.NOT_UNDONE, question)
        said = [say(command_texts.UNDONE)]
        if len(restored) > MOST_SENTENCES:
            numbers = names([str(question.number) for question in reversed(restored)])
            return sentences([*said, say(texts.MANY_AGAIN, numbers=numbers)])
        said += [self._again(question, question.id in moved) for question in restored]
        return sentences(said)

    def _again(self, question: Question, moved: bool) -> Text:
        if not moved:
            return standing(texts.AGAIN, question)
        talk = self._programme.talks.get(question.talk)
        title = title_of(talk) if talk is not None else question.talk
        return say(texts.AGAIN_FOR, number=str(question.number), title=title)


async def _last_about_question(session: AsyncSession, address: str) -> QuestionLog | None:
    room = await room_of(session, address)
    return await log.last_decision(session, await scope_of(session, room)) if room else None
