"""A written answer follows the edits of its message."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.answering import AnswerActions
from fosdembot.chat.acting import actor_of
from fosdembot.chat.commands.answer import WORD, replied_to
from fosdembot.chat.edits import versions
from fosdembot.chat.incoming import Edit
from fosdembot.chat.meant.question import split_number
from fosdembot.chat.reading.parser import Call, answer_in
from fosdembot.chat.runner import CommandRunner
from fosdembot.clock import Clock
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Answer, Question
from fosdembot.notifications.answer_news import AnswerNews
from fosdembot.questions import answers


@dataclass(frozen=True, slots=True)
class AnswerEdits:
    _runner: CommandRunner
    _answers: AnswerActions
    _answer_news: AnswerNews
    _clock: Clock

    async def edited(self, session: WriteSession, edit: Edit) -> bool:
        """Whether it edits an answer that was said in a talk room. One that was turned into
        another command is none any more, and is obeyed."""
        answer = await answers.by_cause(session, edit.original)
        if answer is None or edit.said is None:
            return False
        if await self._answer_news.was_posted(session, answer):
            return False
        # Homeservers let anybody send one; it counts only from whoever wrote the message.
        if answer.author == edit.sender:
            return await self._follow(session, edit, answer, edit.said.text)
        return True

    async def _follow(self, session: WriteSession, edit: Edit, answer: Answer, text: str) -> bool:
        """The message of an answer says something else now: whether it is one still."""
        actor = actor_of(edit, self._clock)
        call = await self._runner.call(session, edit)
        if call is not None and call.word != WORD and self._runner.knows(call.word):
            await self._answers.take_back(session, actor, answer)
            return False
        marked = answer_in(text)
        if call is not None:
            number, marked = await _named(session, edit, call)
            question = await session.get_one(Question, answer.question_id)
            if number not in (None, question.number):
                # `!answer 12 …` was edited into `!answer 14 …`.
                original = answer.cause
                await self._answers.remove(session, actor, answer)
                await self._runner.obey(session, edit, call, original)
                return True
        says_so, text = marked is not None, text if marked is None else marked
        await self._answers.edit(session, actor, answer, text, says_so=says_so)
        return True


async def _named(session: AsyncSession, edit: Edit, call: Call) -> tuple[int | None, str]:
    """Of `!answer …`, into which a message was edited: the number of the question that it
    names, and the answer. In reply to a question all of it is the answer."""
    first = await versions.find(session, edit.original)
    number, rest = split_number(call.arguments)
    if first is None or number is None:
        return None, call.text
    said = versions.says(first)
    if await replied_to(session, said.reply_to, said.thread) is not None:
        return None, call.text
    return number, rest
