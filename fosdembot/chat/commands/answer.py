"""Written answers: said in the talk room in reply to a question, edited, marked. What is one,
see `actions/answering.py`; those that speakers give to a letter are in `letters/replies.py`.

The words of a moderator say that they answer if they begin with `!answer` or `A:`; a mark is ✅
or 💬.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.answering import AnswerActions
from fosdembot.actions.refused import Refused
from fosdembot.chat.acting import actor_of
from fosdembot.chat.command import Command, Commands, Declined, Entry, Place, Quietly
from fosdembot.chat.edits import versions
from fosdembot.chat.incoming import Edit, Message, Reaction, Redaction
from fosdembot.chat.meant.question import QuestionChoice, split_number
from fosdembot.chat.reading.parser import Call, answer_in
from fosdembot.chat.relating import may_take_out
from fosdembot.chat.runner import CommandRunner
from fosdembot.clock import Clock
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Answer, Question
from fosdembot.matrix.members import display_name
from fosdembot.matrix.power import is_bridged_by
from fosdembot.notifications.written import Written
from fosdembot.questions import answers, lookup
from fosdembot.questions.emoji import is_answer_mark
from fosdembot.texts import questions as texts
from fosdembot.texts.render import say

WORD = "answer"


@dataclass(frozen=True)
class Answering:
    _runner: CommandRunner
    _question_choice: QuestionChoice
    _answers: AnswerActions
    _written: Written
    _relays: Sequence[str]
    _clock: Clock

    def table(self) -> Commands:
        return {WORD: Entry(self._command)}

    async def _command(self, command: Command) -> Quietly:
        """`!answer It is 4 kB` in reply to a question, where all of the text is the answer, or
        `!answer 12 It is 4 kB`."""
        session = command.session
        if command.place is not Place.TALK_ROOM:
            raise Declined(say(texts.ANSWER_IN_ROOM))
        replied = await _replied(session, command.reply_to, command.thread)
        if replied is not None:
            question, text = replied, command.text
        else:
            question, text = await self._question_choice.question(command)
        name = await display_name(session, command.room, command.sender)
        await self._answers.answer(session, command.actor, question, text, name)
        return Quietly(say(texts.ANSWER_KEPT, number=str(question.number)))

    async def replied(self, session: WriteSession, message: Message) -> bool:
        """A message that is no command: whether it is an answer, or a moderator's remark that
        may become one."""
        room, sender, said = message.room, message.sender, message.said
        if said is None:
            return False
        question = await _replied(session, message.reply_to, message.thread)
        # Elsewhere than where it was asked, as in a hosts' room, people talk about it.
        if question is None or question.room_id != room:
            return False
        actor = actor_of(message, self._clock, relayed=said.nick is not None)
        marked, name = answer_in(said.text), await display_name(session, room, sender)
        answer = await self._answers.reply(
            session,
            actor,
            question,
            room,
            marked or said.text,
            name,
            says_so=marked is not None,
        )
        return answer is not None

    # Marked with a tap.

    async def marked(self, session: WriteSession, reaction: Reaction) -> bool:
        """Whether a moderator made a moderator's remark an answer by a reaction."""
        if not is_answer_mark(reaction.key) or is_bridged_by([reaction.sender], self._relays):
            return False
        answer = await answers.by_cause(session, reaction.target)
        if answer is None:
            return False
        try:
            return await self._answers.mark(session, actor_of(reaction, self._clock), answer)
        except Refused:
            return False

    async def unmarked(self, session: WriteSession, redaction: Redaction) -> bool:
        """Whether a redaction takes such a mark back."""
        room, sender, target = redaction.room, redaction.sender, redaction.target
        answer = await answers.by_mark(session, target)
        if answer is None or not await may_take_out(session, room, sender, target):
            return False
        await self._answers.redact_mark(session, actor_of(redaction, self._clock), answer)
        return True

    # Edited.

    async def edited(self, session: WriteSession, edit: Edit) -> bool:
        """Whether it edits an answer that was said in a talk room. One that was turned into
        another command is none any more, and is obeyed."""
        answer = await answers.by_cause(session, edit.original)
        if answer is None or edit.said is None:
            return False
        if await self._written.was_posted(session, answer):
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
    if await _replied(session, said.reply_to, said.thread) is not None:
        return None, call.text
    return number, rest


async def _replied(session: AsyncSession, *events: str | None) -> Question | None:
    """The question about which the first of these events is that is about one."""
    for event in events:
        question = await lookup.by_event(session, event) if event is not None else None
        if question is not None:
            return question
    return None
