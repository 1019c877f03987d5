"""`!answer`, and other answers that are said in the talk room in reply to a question. What is
one, see `actions/answering.py`; those that speakers give to a letter are in `letters/replies.py`.

The words of a moderator say that they answer if they begin with `!answer` or `A:`; or they are
marked, see `reactions/answers.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.answering import AnswerActions
from fosdembot.chat.acting import actor_of
from fosdembot.chat.command import Command, Commands, Declined, Entry, Place, Quietly
from fosdembot.chat.incoming import Message
from fosdembot.chat.meant.question import QuestionChoice
from fosdembot.chat.reading.parser import answer_in
from fosdembot.clock import Clock
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.matrix.members import display_name
from fosdembot.questions import lookup
from fosdembot.texts import questions as texts
from fosdembot.texts.render import say

WORD = "answer"


@dataclass(frozen=True, slots=True)
class Answering:
    _question_choice: QuestionChoice
    _answers: AnswerActions
    _clock: Clock

    def table(self) -> Commands:
        return {WORD: Entry(self._command)}

    async def _command(self, command: Command) -> Quietly:
        """`!answer It is 4 kB` in reply to a question, where all of the text is the answer, or
        `!answer 12 It is 4 kB`."""
        session = command.session
        if command.place is not Place.TALK_ROOM:
            raise Declined(say(texts.ANSWER_IN_ROOM))
        replied = await replied_to(session, command.reply_to, command.thread)
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
        question = await replied_to(session, message.reply_to, message.thread)
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


async def replied_to(session: AsyncSession, *events: str | None) -> Question | None:
    """The question about which the first of these events is that is about one."""
    for event in events:
        question = await lookup.by_event(session, event) if event is not None else None
        if question is not None:
            return question
    return None
