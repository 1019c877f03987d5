"""Written answers: said in the talk room in reply to a question, edited, redacted. Those
that speakers give to a letter are in `letter_replies.py`."""

from __future__ import annotations

from fosdembot.chat.qa.decisions import Decisions
from fosdembot.chat.qa.written import Written
from fosdembot.chat.reading import MessageReader
from fosdembot.chat.roles import Roles
from fosdembot.clock import Clock, from_server_ts
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Answer, Question
from fosdembot.matrix.api import Json
from fosdembot.matrix.members import display_name
from fosdembot.matrix.relations import replaced, replied_to, thread_root
from fosdembot.questions import answers, lookup
from fosdembot.questions.log import By
from fosdembot.questions.permissions import Role
from fosdembot.questions.states import ON_BOARD, State

ANSWERABLE = (*ON_BOARD, State.ANSWERED)
"""The states, of the question or of the one that it was merged into."""


class Answering:
    def __init__(
        self,
        messages: MessageReader,
        roles: Roles,
        decisions: Decisions,
        written: Written,
        clock: Clock,
    ) -> None:
        self._messages = messages
        self._roles = roles
        self._decisions = decisions
        self._written = written
        self._clock = clock

    async def replied(self, session: WriteSession, room: str, event: Json) -> bool:
        """A message that is no command: whether it is an answer. What it answers stays as
        it is: a moderator closes it."""
        content, sender = event["content"], event["sender"]
        message = self._messages.message(sender, content)
        if message is None or replaced(content) is not None:
            return False
        question = await self._answered(session, room, content)
        nick, text = message.nick, message.text
        if question is None or sender == question.asker:
            return False
        role = await self._roles.of(session, sender, room, nick is not None, question.talk)
        if role < Role.SPEAKER:
            return False
        at = from_server_ts(self._clock, event["origin_server_ts"])
        name = await display_name(session, room, sender)
        answer = await answers.add(session, question, text, By(sender, event["event_id"], at), name)
        if answer is not None:
            root = await root_of(session, question)
            await self._written.tell_directly(session, root, answer, posted=False)
        return answer is not None

    async def _answered(self, session: WriteSession, room: str, content: Json) -> Question | None:
        """The question that a message answers, in the room in which it was asked: elsewhere,
        as in a hosts' room, people talk about it."""
        for event in (replied_to(content), thread_root(content)):
            question = await lookup.by_event(session, event) if event is not None else None
            if question is not None and question.room_id == room:
                root = await root_of(session, question)
                return question if root.state in ANSWERABLE else None
        return None

    async def edited(self, session: WriteSession, room: str, event: Json) -> bool:
        """An edit of an answer that was said in a talk room: whether it was that."""
        content = event["content"]
        original, message = replaced(content), self._messages.message(event["sender"], content)
        answer = await answers.by_event(session, original) if original is not None else None
        if answer is None or message is None:
            return False
        if await self._written.was_posted(session, answer):
            return False
        # Homeservers let anybody send one; it counts only from whoever wrote the message.
        if answer.author == event["sender"]:
            await self.renew(session, answer, message.text)
        return True

    async def renew(self, session: WriteSession, answer: Answer, text: str) -> None:
        """An answer says something else now."""
        if answers.edit(answer, text):
            question = await session.get_one(Question, answer.question_id)
            await self._written.renew(session, await root_of(session, question), answer)

    async def redacted(self, session: WriteSession, event: str, by: By) -> None:
        """The message that said an answer, perhaps, is redacted. A question that was
        closed by answers of which none is left waits as before."""
        answer = await answers.by_event(session, event)
        if answer is None:
            return
        answers.redact(answer)
        question = await session.get_one(Question, answer.question_id)
        root = await root_of(session, question)
        await self._written.take_back(session, root, answer)
        if not await answers.to(session, root):
            for said_by in await answers.events(session, root):
                await self._decisions.undo_event(session, said_by, by)


async def root_of(session: WriteSession, question: Question) -> Question:
    """The question that it was merged into, at last; or itself."""
    return await session.get_one(Question, question.root)
