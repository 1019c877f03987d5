"""What speakers answer to a letter, in their direct chat with the bot: it is posted in the talk
room, and the question is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from fosdembot.actions.actor import Actor
from fosdembot.actions.deciding import Deciding
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Refused
from fosdembot.chat.command import Declined, Place
from fosdembot.chat.finder import Finder, some_names
from fosdembot.chat.parser import command_in, first_word
from fosdembot.chat.patience import Patience
from fosdembot.chat.places import Places
from fosdembot.chat.qa.answering import ANSWERABLE, Answering, root_of
from fosdembot.chat.qa.conversations import current, draft_of
from fosdembot.chat.qa.pointing import split_number
from fosdembot.chat.router import Router
from fosdembot.clock import Clock, from_server_ts
from fosdembot.conference.addresses import short_name
from fosdembot.conference.letter_chats import letter_key
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Answer, Letter, Question
from fosdembot.db.tables import Outgoing, SeenEvent
from fosdembot.matrix.api import Json
from fosdembot.matrix.members import display_name, is_joined
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.relations import replaced, replied_to, thread_root
from fosdembot.notifications.written import Written
from fosdembot.questions import answers, lookup
from fosdembot.questions.by import By
from fosdembot.questions.refusals import Refusal
from fosdembot.questions.states import Action
from fosdembot.settings import Settings
from fosdembot.talks.naming import title_of
from fosdembot.texts import commands as command_texts
from fosdembot.texts import notices as notice_texts
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, clean_lines, say, sentences

MOST_NUMBERS = 20
_MARKS = tuple(":：.,;)-–—")
"""What stands between the number of a question and the answer."""


@dataclass(frozen=True, slots=True)
class _Reply:
    """What somebody wrote who was written a letter."""

    session: WriteSession
    chat: str
    sender: str
    origin: str
    """The message; of an edit, the one that says this now."""
    is_edit: bool
    at: datetime
    text: str
    letters: Sequence[Letter]
    about: Letter | None
    """The letter that it is a reply to."""

    @property
    def open(self) -> list[Letter]:
        return [letter for letter in self.letters if self.at < letter.closes]


class LetterReplies:
    def __init__(
        self,
        router: Router,
        places: Places,
        finder: Finder,
        programme: Programme,
        answering: Answering,
        deciding: Deciding,
        written: Written,
        outbox: Outbox,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._router = router
        self._places = places
        self._finder = finder
        self._programme = programme
        self._answering = answering
        self._deciding = deciding
        self._written = written
        self._outbox = outbox
        self._prefix = settings.command_prefix
        self._clock = clock
        self._patience = Patience(settings.limits.commands_per_minute)

    async def hear(self, session: WriteSession, room: str, event: Json) -> bool:
        """A message in a direct chat: whether it answers a letter, or is meant to."""
        reply = await self._read(session, room, event)
        if reply is None:
            return False
        meant = said = None
        try:
            meant = await self._meant(reply)
        except Declined as declined:
            said = declined.answer
        if meant is None and said is None:
            return False
        person, event_id = reply.sender, event["event_id"]
        if not self._patience.allows(person, event_id, reply.at):
            first = self._patience.is_first_refusal(person, event_id)
            said = say(command_texts.TOO_MANY) if first else None
        elif meant is not None:
            said = await self._take(reply, *meant)
        if said is not None:
            thread = thread_root(event["content"])
            await self._router.replies.reply(session, room, event_id, said, thread=thread)
        return True

    async def _read(self, session: WriteSession, room: str, event: Json) -> _Reply | None:
        """None for what is a command, or of no concern to a letter."""
        content, sender = event["content"], event["sender"]
        message = self._router.messages.message(sender, content)
        if message is None or await self._places.of(session, room) is not Place.DIRECT:
            return None
        found = select(Letter).where(Letter.person == sender, Letter.state != "wanted")
        letters = (await session.scalars(found.order_by(Letter.talk))).all()
        text = message.text
        is_relayed = message.nick is not None
        if not letters or is_relayed or command_in(text, self._prefix, ()) is not None:
            return None
        original = replaced(content)
        if original is not None and not await _is_own(session, room, sender, original):
            return None
        return _Reply(
            session=session,
            chat=room,
            sender=sender,
            origin=original or event["event_id"],
            is_edit=original is not None,
            at=from_server_ts(self._clock, event["origin_server_ts"]),
            text=text,
            letters=letters,
            about=await self._about(session, letters, replied_to(content)),
        )

    async def _about(
        self, session: WriteSession, letters: Sequence[Letter], event: str | None
    ) -> Letter | None:
        ours = select(Outgoing.key).where(Outgoing.event_id == event)
        key = await session.scalar(ours.limit(1)) if event is not None else None
        for letter in letters:
            if key and key.startswith(letter_key(self._outbox, letter.talk, letter.person)):
                return letter
        return None

    # What is meant.

    async def _meant(self, reply: _Reply) -> tuple[Question | Answer, str] | None:
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

    def _numbered(self, reply: _Reply) -> tuple[Sequence[Letter], int | None, str]:
        """The letters that may be meant, the number with which a message begins, perhaps
        behind the name of its room, and what follows it."""
        letters = [reply.about] if reply.about is not None else reply.letters
        number, text = split_number(reply.text)
        if number is not None:
            return letters, number, text
        word, rest = first_word(reply.text)
        number, text = split_number(rest)
        if number is not None and not self._router.knows(word.casefold()):
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

    async def _one_of(self, reply: _Reply, found: Sequence[Question]) -> Question:
        """Of the questions that may be meant the one that can be answered still."""
        talks = {letter.talk for letter in reply.open}
        still = [question for question in found if question.talk in talks]
        if not still:
            raise Declined(self._closed(found[0].talk))
        if len(still) > 1:
            rooms = [await self._written.address(reply.session, q.room_id) for q in still]
            number, room = str(still[0].number), short_name(rooms[0])
            said = texts.ANSWER_WHICH_ROOM
            raise Declined(say(said, number=number, rooms=some_names(rooms), room=room))
        return still[0]

    async def _is_tried(self, reply: _Reply, number: int | None) -> bool:
        """Whether a message without a question's number is meant as an answer: no command,
        nor the answer to what the bot asked back."""
        session = reply.session
        if reply.is_edit:
            return False
        chat = await current(session, reply.sender, reply.at)
        if chat is not None and draft_of(chat) is not None:
            return False
        call = command_in(reply.text, self._prefix, (), direct=True)
        if number is None and call is not None and self._router.knows(call.word):
            return False
        return bool(await self._waiting(reply))

    async def _help(self, reply: _Reply, number: int | None) -> Text:
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

    async def _waiting(self, reply: _Reply) -> list[Question]:
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

    # What comes of it.

    async def _take(self, reply: _Reply, meant: Question | Answer, text: str) -> Text | None:
        try:
            if isinstance(meant, Question):
                return await self._keep(reply, meant, text)
        except Declined as declined:
            return declined.answer
        except Refused as refused:
            return self._router.refusals.say(refused)
        await self._answering.renew(reply.session, meant, text)
        return None

    async def _keep(self, reply: _Reply, question: Question, text: str) -> Text:
        """Keep an answer, post it, close the question. Raises `Declined`."""
        session, now = reply.session, self._clock.now()
        actor = Actor(reply.sender, act=reply.origin, at=reply.at, now=now)
        root, number = await root_of(session, question), str(question.number)
        await self._deciding.check(session, actor, root, Permission.DONE)
        if root.state not in ANSWERABLE:
            raise Refused(Refusal.STATE, question=root)
        if not clean_lines(text, 1, 1):
            raise Declined(say(texts.ANSWER_EMPTY, number=number))
        there = await is_joined(session, question.room_id, reply.sender)
        name = await display_name(session, question.room_id if there else reply.chat, reply.sender)
        said_by = By(reply.sender, reply.origin, reply.at)
        answer = await answers.add(session, question, text, said_by, name)
        if answer is None:
            raise Declined(say(texts.ANSWERS_FULL, number=number, most=answers.MOST))
        await self._deciding.decide(session, actor, root, Action.DONE)
        await self._written.post(session, root, answer)
        await self._written.tell_directly(session, root, answer, posted=True)
        return await self._posted(session, root, answers.is_cut(answer, text))

    async def _posted(self, session: WriteSession, question: Question, cut: bool) -> Text:
        room = await self._written.talk_room(session, question)
        template = texts.POSTED_EDIT if await self._written.edits(session, room) else texts.POSTED
        said = [say(template, room=short_name(await self._written.address(session, room)))]
        if cut:
            said.append(say(texts.ANSWER_CUT, most=answers.LONGEST))
        return sentences(said)


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


async def _is_own(session: WriteSession, room: str, sender: str, original: str) -> bool:
    """Whether a message that is edited is the sender's own, and asked no question."""
    seen = await session.get(SeenEvent, original)
    if seen is None:
        # Long ago, it was an answer.
        answer = await answers.by_cause(session, original)
        return answer is not None and answer.author == sender
    own = seen.room_id == room and seen.sender in (None, sender)
    return own and await lookup.by_source(session, original) is None
