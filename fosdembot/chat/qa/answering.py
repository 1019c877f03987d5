"""Written answers: said in the talk room in reply to a question, edited, redacted. Those
that speakers give to a letter are in `letter_replies.py`.

An answer is a reply by the talk's speaker; or a moderator's, if it begins with `!answer` or
`A:`, or if a moderator marks it with ✅ or 💬. What else moderators reply is chat.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.access import Access, TalkIn
from fosdembot.actions.actor import Actor, Who
from fosdembot.actions.deciding import Deciding
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Refused
from fosdembot.chat import versions
from fosdembot.chat.acting import actor_of
from fosdembot.chat.allowing import demand
from fosdembot.chat.command import Command, Commands, Declined, Entry, Place, Quietly
from fosdembot.chat.parser import Call, answer_in
from fosdembot.chat.qa.pointing import Pointing, split_number
from fosdembot.chat.relating import may_take_out
from fosdembot.chat.router import Router
from fosdembot.clock import Clock, from_server_ts
from fosdembot.conference.people import People
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Answer, Question
from fosdembot.matrix.api import Json
from fosdembot.matrix.members import display_name
from fosdembot.matrix.power import is_bridged_by
from fosdembot.matrix.relations import (
    annotation,
    redacts,
    replaced,
    replied_to,
    thread_root,
)
from fosdembot.notifications.written import Written
from fosdembot.questions import answers, lookup
from fosdembot.questions.by import By
from fosdembot.questions.emoji import is_answer_mark
from fosdembot.questions.refusals import Refusal
from fosdembot.questions.states import ON_BOARD, State
from fosdembot.settings import Settings
from fosdembot.texts import questions as texts
from fosdembot.texts.render import clean_lines, say

ANSWERABLE = (*ON_BOARD, State.ANSWERED)
"""The states, of the question or of the one that it was merged into."""
WORD = "answer"


class Answering:
    def __init__(
        self,
        router: Router,
        pointing: Pointing,
        access: Access,
        people: People,
        deciding: Deciding,
        written: Written,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._router = router
        self._pointing = pointing
        self._access = access
        self._people = people
        self._deciding = deciding
        self._written = written
        self._prefix = settings.command_prefix
        self._relays = settings.relays
        self._clock = clock

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
            question, text = await self._pointing.question(command)
        await demand(self._access, session, command.actor, Permission.ANSWER, question)
        root = await root_of(session, question)
        if root.state not in ANSWERABLE:
            raise Refused(Refusal.STATE, question=root)
        if not clean_lines(text, 1, 1):
            raise Declined(say(texts.ANSWER_USAGE, p=self._prefix))
        by, number = By(command.sender, command.event_id, command.at), str(question.number)
        if not await self._add(session, command.room, question, text, by, counts=True):
            raise Declined(say(texts.ANSWERS_FULL, number=number, most=answers.MOST))
        return Quietly(say(texts.ANSWER_KEPT, number=number))

    async def replied(self, session: WriteSession, room: str, event: Json) -> bool:
        """A message that is no command: whether it is an answer, or a moderator's remark that
        may become one. What it answers stays as it is: a moderator closes it."""
        content, sender = event["content"], event["sender"]
        message = self._router.messages.message(sender, content)
        if message is None or replaced(content) is not None:
            return False
        question = await self._answered(session, room, content)
        nick, text = message.nick, message.text
        if question is None or sender == question.asker:
            return False
        actor, talk = Who(sender, relayed=nick is not None), TalkIn(question.talk, room)
        if not await self._access.allows(session, actor, Permission.ANSWER, talk):
            return False
        by = By(sender, event["event_id"], from_server_ts(self._clock, event["origin_server_ts"]))
        marked = answer_in(text)
        counts = marked is not None or await self._people.speaks(session, sender, question.talk)
        return await self._add(session, room, question, marked or text, by, counts=counts)

    async def _add(
        self,
        session: WriteSession,
        room: str,
        question: Question,
        text: str,
        by: By,
        *,
        counts: bool,
    ) -> bool:
        name = await display_name(session, room, by.person)
        answer = await answers.add(session, question, text, by, name, counts=counts)
        if answer is not None and counts:
            root = await root_of(session, question)
            await self._written.tell_directly(session, root, answer, posted=False)
        return answer is not None

    async def _answered(self, session: WriteSession, room: str, content: Json) -> Question | None:
        """The question that a message answers, in the room in which it was asked: elsewhere,
        as in a hosts' room, people talk about it."""
        question = await _of_message(session, content)
        if question is None or question.room_id != room:
            return None
        root = await root_of(session, question)
        return question if root.state in ANSWERABLE else None

    # Marked with a tap.

    async def marked(self, session: WriteSession, room: str, event: Json) -> bool:
        """A reaction: whether by it a moderator made a moderator's remark an answer."""
        found, person = annotation(event), event["sender"]
        if found is None or not is_answer_mark(found[1]) or is_bridged_by([person], self._relays):
            return False
        answer = await answers.by_cause(session, found[0])
        if answer is None or answer.counts or not answer.text:
            return False
        question = await session.get_one(Question, answer.question_id)
        root = await root_of(session, question)
        if root.state not in ANSWERABLE:
            return False
        marks = Permission.MARK_AS_ANSWER
        if not await self._access.allows(session, Who(person), marks, question):
            return False
        answer.mark = event["event_id"]
        await self._count(session, answer)
        return True

    async def unmarked(self, session: WriteSession, room: str, event: Json) -> bool:
        """A redaction: whether it takes such a mark back."""
        target = redacts(event)
        answer = await answers.by_mark(session, target) if target is not None else None
        if answer is None or target is None:
            return False
        if not await may_take_out(session, room, event["sender"], target):
            return False
        answer.mark = None
        await self._discount(session, answer, actor_of(event, self._clock))
        return True

    async def _count(self, session: WriteSession, answer: Answer) -> None:
        """A remark is an answer from now on."""
        answer.counts = True
        question = await session.get_one(Question, answer.question_id)
        root = await root_of(session, question)
        await self._written.tell_directly(session, root, answer, posted=False)

    async def _discount(self, session: WriteSession, answer: Answer, actor: Actor) -> None:
        """An answer is only a remark from now on."""
        answer.counts = False
        await self._gone(session, answer, actor)

    # Edited and redacted.

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
            question = await session.get_one(Question, answer.question_id)
            actor = actor_of(event, self._clock)
            call = await self._router.call(session, room, event)
            if call is not None and call.word != WORD and self._router.knows(call.word):
                if answer.counts:
                    await self._discount(session, answer, actor)
                return False
            marked = answer_in(message.text)
            if call is not None:
                number, marked = await _named(session, event, call)
                if number not in (None, question.number):
                    await self._for_another(session, room, event, answer, call)
                    return True
            await self.renew(session, answer, message.text if marked is None else marked)
            speaks = await self._people.speaks(session, sender, question.talk)
            is_one = marked is not None or answer.mark is not None or speaks
            if is_one and not answer.counts and answer.text:
                await self._count(session, answer)
            elif answer.counts and not is_one:
                await self._discount(session, answer, actor)
        return True

    async def _for_another(
        self, session: WriteSession, room: str, event: Json, answer: Answer, call: Call
    ) -> None:
        """`!answer 12 …` was edited into `!answer 14 …`."""
        original = answer.cause
        if answer.counts:
            await self._discount(session, answer, actor_of(event, self._clock))
        await session.delete(answer)
        await session.flush()
        await self._router.obey(session, room, event, call, original)

    async def renew(self, session: WriteSession, answer: Answer, text: str) -> None:
        """An answer says something else now."""
        if answers.edit(answer, text) and answer.counts:
            question = await session.get_one(Question, answer.question_id)
            await self._written.renew(session, await root_of(session, question), answer)

    async def redacted(self, session: WriteSession, event: str, actor: Actor) -> None:
        """The message that said an answer, perhaps, is redacted."""
        answer = await answers.by_cause(session, event)
        if answer is not None:
            answers.redact(answer)
            await self._gone(session, answer, actor)

    async def _gone(self, session: WriteSession, answer: Answer, actor: Actor) -> None:
        """An answer is none any more. A question that was closed by answers of which none is
        left waits as before."""
        question = await session.get_one(Question, answer.question_id)
        root = await root_of(session, question)
        await self._written.take_back(session, root, answer)
        if not await answers.to(session, root):
            for said_by in await answers.causes(session, root):
                await self._deciding.undo_cause(session, actor, said_by)


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


async def root_of(session: WriteSession, question: Question) -> Question:
    """The question that it was merged into, at last; or itself."""
    return await session.get_one(Question, question.root)
