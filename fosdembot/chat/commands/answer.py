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
from fosdembot.chat.meant.question import QuestionChoice, split_number
from fosdembot.chat.reading.parser import Call, answer_in
from fosdembot.chat.relating import may_take_out
from fosdembot.chat.router import Router
from fosdembot.clock import Clock
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Answer, Question
from fosdembot.matrix.api import Json
from fosdembot.matrix.members import display_name
from fosdembot.matrix.power import is_bridged_by
from fosdembot.matrix.relations import annotation, redacts, replaced, replied_to, thread_root
from fosdembot.notifications.written import Written
from fosdembot.questions import answers, lookup
from fosdembot.questions.emoji import is_answer_mark
from fosdembot.texts import questions as texts
from fosdembot.texts.render import say

WORD = "answer"


@dataclass(frozen=True)
class Answering:
    _router: Router
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

    async def replied(self, session: WriteSession, room: str, event: Json) -> bool:
        """A message that is no command: whether it is an answer, or a moderator's remark that
        may become one."""
        content, sender = event["content"], event["sender"]
        message = self._router.messages.message(sender, content)
        if message is None or replaced(content) is not None:
            return False
        question = await _of_message(session, content)
        # Elsewhere than where it was asked, as in a hosts' room, people talk about it.
        if question is None or question.room_id != room:
            return False
        actor = actor_of(event, self._clock, relayed=message.nick is not None)
        marked, name = answer_in(message.text), await display_name(session, room, sender)
        answer = await self._answers.reply(
            session,
            actor,
            question,
            room,
            marked or message.text,
            name,
            says_so=marked is not None,
        )
        return answer is not None

    # Marked with a tap.

    async def marked(self, session: WriteSession, room: str, event: Json) -> bool:
        """A reaction: whether by it a moderator made a moderator's remark an answer."""
        found, person = annotation(event), event["sender"]
        if found is None or not is_answer_mark(found[1]) or is_bridged_by([person], self._relays):
            return False
        answer = await answers.by_cause(session, found[0])
        if answer is None:
            return False
        try:
            return await self._answers.mark(session, actor_of(event, self._clock), answer)
        except Refused:
            return False

    async def unmarked(self, session: WriteSession, room: str, event: Json) -> bool:
        """A redaction: whether it takes such a mark back."""
        target = redacts(event)
        answer = await answers.by_mark(session, target) if target is not None else None
        if answer is None or target is None:
            return False
        if not await may_take_out(session, room, event["sender"], target):
            return False
        await self._answers.unmark(session, actor_of(event, self._clock), answer)
        return True

    # Edited.

    async def edited(self, session: WriteSession, room: str, event: Json) -> bool:
        """An edit of an answer that was said in a talk room: whether it was that. One into
        another command is none any more, and is obeyed."""
        content, sender = event["content"], event["sender"]
        original, message = replaced(content), self._router.messages.message(sender, content)
        answer = await answers.by_cause(session, original) if original is not None else None
        if answer is None or message is None:
            return False
        if await self._written.was_posted(session, answer):
            return False
        # Homeservers let anybody send one; it counts only from whoever wrote the message.
        if answer.author == sender:
            return await self._follow(session, room, event, answer, message.text)
        return True

    async def _follow(
        self, session: WriteSession, room: str, event: Json, answer: Answer, text: str
    ) -> bool:
        """The message of an answer says something else now: whether it is one still."""
        actor = actor_of(event, self._clock)
        call = await self._router.call(session, room, event)
        if call is not None and call.word != WORD and self._router.knows(call.word):
            await self._answers.take_back(session, actor, answer)
            return False
        marked = answer_in(text)
        if call is not None:
            number, marked = await _named(session, event, call)
            question = await session.get_one(Question, answer.question_id)
            if number not in (None, question.number):
                # `!answer 12 …` was edited into `!answer 14 …`.
                original = answer.cause
                await self._answers.remove(session, actor, answer)
                await self._router.obey(session, room, event, call, original)
                return True
        says_so, text = marked is not None, text if marked is None else marked
        await self._answers.edit(session, actor, answer, text, says_so=says_so)
        return True


async def _named(session: AsyncSession, edit: Json, call: Call) -> tuple[int | None, str]:
    """Of `!answer …`, into which a message was edited: the number of the question that it
    names, and the answer. In reply to a question all of it is the answer."""
    first = await versions.find(session, replaced(edit["content"]) or "")
    number, rest = split_number(call.arguments)
    if first is None or number is None or await _of_message(session, first.content) is not None:
        return None, call.text
    return number, rest


async def _of_message(session: AsyncSession, content: Json) -> Question | None:
    """The question that a message answers."""
    return await _replied(session, replied_to(content), thread_root(content))


async def _replied(session: AsyncSession, *events: str | None) -> Question | None:
    """The question about which the first of these events is that is about one."""
    for event in events:
        question = await lookup.by_event(session, event) if event is not None else None
        if question is not None:
            return question
    return None
