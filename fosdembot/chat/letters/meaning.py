"""Which question an answer to a letter is about, and what to type where that is unclear."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from fosdembot.chat.command import Declined
from fosdembot.chat.direct.conversations import current, draft_of
from fosdembot.chat.letters.reading import LetterReply
from fosdembot.chat.meant.question import split_number
from fosdembot.chat.meant.room import Finder, some_names
from fosdembot.chat.reading.parser import command_in, first_word
from fosdembot.chat.runner import CommandRunner
from fosdembot.conference.addresses import short_name
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Answer, Letter, Question
from fosdembot.notifications.answer_news import AnswerNews
from fosdembot.questions import answers
from fosdembot.talks.naming import title_of
from fosdembot.texts import notices as notice_texts
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say

MOST_NUMBERS = 20
_MARKS = tuple(":：.,;)-–—")
"""What stands between the number of a question and the answer."""


class LetterMeaning:
    def __init__(
        self,
        runner: CommandRunner,
        finder: Finder,
        programme: Programme,
        answer_news: AnswerNews,
        prefix: str,
    ) -> None:
        self._runner = runner
        self._finder = finder
        self._programme = programme
        self._answer_news = answer_news
        self._prefix = prefix

    async def of(self, reply: LetterReply) -> tuple[Question | Answer, str] | None:
        """The question that is answered, or the answer that is edited, and how; None where
        it is neither. Raises `Declined`."""
        session, about = reply.session, reply.about
        letters, number, text = self._numbered(reply)
        found = await _with_number(session, letters, number) if number is not None else []
        if reply.is_edit:
            answer = await answers.by_cause(session, reply.origin)
            if answer is not None:
                return answer, await self._edited(session, answer, found, text, reply.text)
        if not reply.text.removesuffix(text).rstrip().endswith(_MARKS):
            # "2 of these I know": a bare number is one only of what waits for an answer.
            found = await _waiting(session, found)
        if about is not None and not found:
            waiting = await answers.unanswered(session, about.talk)
            if len(waiting) == 1:
                found, text = waiting, reply.text
        if found:
            return await self._one_of(reply, found), text
        if about is None and not await self._is_tried(reply, number):
            return None
        raise Declined(await self._help(reply, number))

    def _numbered(self, reply: LetterReply) -> tuple[Sequence[Letter], int | None, str]:
        """The letters that may be meant, the number with which a message begins, perhaps
        behind the name of its room, and what follows it."""
        letters = [reply.about] if reply.about is not None else reply.letters
        number, text = split_number(reply.text)
        if number is not None:
            return letters, number, text
        word, rest = first_word(reply.text)
        number, text = split_number(rest)
        if number is not None and not self._runner.knows(word.casefold()):
            by_guid = self._programme.address_by_guid
            addresses = {letter.talk: by_guid(letter.talk) or "" for letter in letters}
            fitting = self._finder.fitting(word, addresses.values())
            named = [letter for letter in letters if addresses[letter.talk] in fitting]
            if named:
                return named, number, text
        return letters, None, reply.text

    async def _edited(
        self,
        session: WriteSession,
        answer: Answer,
        found: Sequence[Question],
        behind_number: str,
        text: str,
    ) -> str:
        """What an answer says once its message is edited."""
        if not found:
            return text
        if all(question.id != answer.question_id for question in found):
            question = await session.get_one(Question, answer.question_id)
            raise Declined(say(texts.ANSWER_OTHER, number=str(question.number)))
        return behind_number

    async def _one_of(self, reply: LetterReply, found: Sequence[Question]) -> Question:
        """Of the questions that may be meant the one that can be answered still."""
        talks = {letter.talk for letter in reply.open}
        still = [question for question in found if question.talk in talks]
        if not still:
            raise Declined(self._closed(found[0].talk))
        if len(still) > 1:
            rooms = [await self._answer_news.address(reply.session, q.room_id) for q in still]
            number, room = str(still[0].number), short_name(rooms[0])
            said = texts.ANSWER_WHICH_ROOM
            raise Declined(say(said, number=number, rooms=some_names(rooms), room=room))
        return still[0]

    async def _is_tried(self, reply: LetterReply, number: int | None) -> bool:
        """Whether a message without a question's number is meant as an answer: no command,
        nor the answer to what the bot asked back."""
        session = reply.session
        if reply.is_edit:
            return False
        chat = await current(session, reply.sender, reply.at)
        if chat is not None and draft_of(chat) is not None:
            return False
        call = command_in(reply.text, self._prefix, (), direct=True)
        if number is None and call is not None and self._runner.knows(call.word):
            return False
        return bool(await self._waiting(reply))

    async def _help(self, reply: LetterReply, number: int | None) -> Text:
        """What to type instead."""
        if reply.about is not None and reply.about not in reply.open:
            return self._closed(reply.about.talk)
        numbers = [str(question.number) for question in await self._waiting(reply)]
        if not numbers:
            return say(texts.ANSWER_NONE_LEFT)
        if number is None:
            return say(texts.ANSWER_WHICH, number=numbers[0])
        listed = ", ".join(numbers[:MOST_NUMBERS])
        return say(texts.ANSWER_NO_SUCH, number=str(number), numbers=listed)

    async def _waiting(self, reply: LetterReply) -> list[Question]:
        letters = reply.open if reply.about is None else [reply.about]
        return [
            question
            for letter in letters
            for question in await answers.unanswered(reply.session, letter.talk)
        ]

    def _closed(self, talk: str) -> Text:
        published = self._programme.talks.get(talk)
        title = title_of(published) if published is not None else notice_texts.UNTITLED
        return say(texts.LETTER_CLOSED, title=title)


async def _with_number(
    session: WriteSession, letters: Sequence[Letter], number: int
) -> Sequence[Question]:
    talks = [letter.talk for letter in letters]
    found = select(Question).where(Question.talk.in_(talks), Question.number == number)
    return (await session.scalars(found.order_by(Question.id))).all()


async def _waiting(session: WriteSession, found: Sequence[Question]) -> Sequence[Question]:
    """Those that have no answer yet."""
    talks = {question.talk for question in found}
    left = {q.id for talk in talks for q in await answers.unanswered(session, talk)}
    return [question for question in found if question.root in left]
