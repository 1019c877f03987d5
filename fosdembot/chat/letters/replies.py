"""What speakers answer to a letter, in their direct chat with the bot: it is posted in the talk
room, and the question is answered."""

from __future__ import annotations

from fosdembot.actions.actor import CHAT, Actor
from fosdembot.actions.answering import AnswerActions
from fosdembot.actions.refused import Refused
from fosdembot.chat.command import Declined
from fosdembot.chat.incoming import Message
from fosdembot.chat.letters.meaning import LetterMeaning
from fosdembot.chat.letters.reading import LetterReader, LetterReply
from fosdembot.chat.rate_limit import RateLimit
from fosdembot.chat.runner import CommandRunner
from fosdembot.clock import Clock
from fosdembot.conference.addresses import short_name
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Answer, Question
from fosdembot.matrix.members import display_name, is_joined
from fosdembot.notifications.answer_news import AnswerNews
from fosdembot.questions import answers, lookup
from fosdembot.texts import commands as command_texts
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say, sentences


class LetterReplies:
    def __init__(
        self,
        runner: CommandRunner,
        reader: LetterReader,
        meaning: LetterMeaning,
        answers: AnswerActions,
        answer_news: AnswerNews,
        rate_limit: RateLimit,
        clock: Clock,
    ) -> None:
        self._runner = runner
        self._reader = reader
        self._meaning = meaning
        self._answers = answers
        self._answer_news = answer_news
        self._rate_limit = rate_limit
        self._clock = clock

    async def hear(self, session: WriteSession, message: Message) -> bool:
        """A message in a direct chat: whether it answers a letter, or is meant to."""
        reply = await self._reader.read(session, message)
        if reply is None:
            return False
        meant = said = None
        try:
            meant = await self._meaning.of(reply)
        except Declined as declined:
            said = declined.answer
        if meant is None and said is None:
            return False
        room, person, event_id = message.room, reply.sender, message.event_id
        if not self._rate_limit.allows(person, event_id, reply.at):
            first = self._rate_limit.is_first_refusal(person, event_id)
            said = say(command_texts.TOO_MANY) if first else None
        elif meant is not None:
            said = await self._take(reply, *meant)
        if said is not None:
            thread = message.thread
            await self._runner.replies.reply(session, room, event_id, said, thread=thread)
        return True

    async def _take(self, reply: LetterReply, meant: Question | Answer, text: str) -> Text | None:
        try:
            if isinstance(meant, Question):
                return await self._keep(reply, meant, text)
        except Refused as refused:
            return self._runner.refusals.say(refused)
        await self._answers.reword(reply.session, self._actor(reply), meant, text)
        return None

    async def _keep(self, reply: LetterReply, question: Question, text: str) -> Text:
        """The answer is posted, and closes the question. Raises `Refused`."""
        session, actor = reply.session, self._actor(reply)
        there = await is_joined(session, question.room_id, reply.sender)
        name = await display_name(session, question.room_id if there else reply.chat, reply.sender)
        answer = await self._answers.answer_afterwards(session, actor, question, text, name)
        root = await lookup.root_of(session, question)
        return await self._posted(session, root, answers.is_cut(answer, text))

    def _actor(self, reply: LetterReply) -> Actor:
        now = self._clock.now()
        return Actor(reply.sender, face=CHAT, act=reply.origin, at=reply.at, now=now)

    async def _posted(self, session: WriteSession, question: Question, cut: bool) -> Text:
        room = await self._answer_news.talk_room(session, question)
        template = (
            texts.POSTED_EDIT if await self._answer_news.edits(session, room) else texts.POSTED
        )
        said = [say(template, room=short_name(await self._answer_news.address(session, room)))]
        if cut:
            said.append(say(texts.ANSWER_CUT, most=answers.LONGEST))
        return sentences(said)
